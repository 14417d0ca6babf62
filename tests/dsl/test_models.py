"""pydantic models of declared types, and that both ways of validating agree."""

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from msrun.dsl.shapes import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    TEXT,
    EnumDef,
    Just,
    ListOf,
    MapOf,
    Maybe,
    Named,
    Opaque,
    Range,
    RecordDef,
    RecordField,
    RefTo,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
)
from msrun.dsl.values.mismatch import mismatch
from msrun.dsl.values.models import pydantic_model, validator

TYPES: dict[str, TypeDef] = {
    "Topic": EnumDef("Topic", (("sport", ""), ("politics", ""))),
    "Page": RecordDef(
        "Page",
        (
            RecordField("title", Scalar("text", Range(1, 9)), "its name"),
            RecordField("json", INT, default="3"),
            RecordField("_x", Maybe(TEXT)),
            RecordField("model_config", ListOf(TEXT), default='["a"]'),
            RecordField("größe", FLOAT),
        ),
    ),
    "Tree": RecordDef("Tree", (RecordField("n", INT), RecordField("kids", ListOf(Named("Tree")), default="[]"))),
    "A": RecordDef("A", (RecordField("b", Maybe(Named("B"))), RecordField("x", INT))),
    "B": RecordDef("B", (RecordField("a", Maybe(Named("A"))), RecordField("t", Named("Topic")))),
    "Empty": RecordDef("Empty", ()),
}


def validate(value: Any, shape: Shape) -> tuple[Any, list[str]]:
    return validator(shape, TYPES)(value, "it")


def test_a_model_for_users_of_the_api() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = pydantic_model("Page", TYPES)
    assert issubclass(page, BaseModel)
    assert page.__name__ == "Page"
    made = page.model_validate({"title": "t", "größe": 1})
    assert made.model_dump() == {"title": "t", "json_": 3, "x_": None, "model_config_": ["a"], "größe": 1.0}
    assert made.model_dump(by_alias=True) == {"title": "t", "json": 3, "_x": None, "model_config": ["a"], "größe": 1.0}
    assert page.model_fields["title"].description == "its name"
    with pytest.raises(ValidationError):
        page.model_validate({"title": "", "größe": 1})
    with pytest.raises(TypeError, match="Topic is an enum"):
        pydantic_model("Topic", TYPES)


def test_models_are_made_once() -> None:
    assert pydantic_model("Tree", TYPES) is pydantic_model("Tree", dict(TYPES))


def test_defaults_are_never_shared() -> None:
    one, _ = validate({"title": "t", "größe": 1}, Named("Page"))
    one["model_config"].append("b")
    two, _ = validate({"title": "t", "größe": 1}, Named("Page"))
    assert two == {"title": "t", "json": 3, "_x": None, "model_config": ["a"], "größe": 1.0}
    assert list(two) == ["title", "json", "_x", "model_config", "größe"]


WRONG: list[tuple[Any, Shape, list[str]]] = [
    ({"n": 1, "kids": [{"n": "2"}]}, Named("Tree"), ["it.kids[0].n: expected a whole number, got '2'"]),
    (
        {"kids": [{}], "x": 1},
        Named("Tree"),
        [
            "it.n: is missing, expected a whole number",
            "it.kids[0].n: is missing, expected a whole number",
            "it.x: there is no such field; the fields are n, kids",
        ],
    ),
    (
        {"b": {"a": {"b": None, "x": 1.5}, "t": "x"}, "x": 1},
        Named("A"),
        [
            "it.b.a.x: expected a whole number, got 1.5",
            "it.b.t: expected one of sport, politics, got 'x'",
        ],
    ),
    ({"k": {"n": True}}, MapOf(Named("Tree")), ["it.k.n: expected a whole number, got true"]),
    ({"k": 1}, MapOf(TEXT), ["it.k: expected a text, got 1"]),
    ("x", Named("Empty"), ["it: expected an empty object, got 'x'"]),
    ([{"n": 1}] * 3, ListOf(Named("Tree"), Range(None, 2)), ["it: has 3 items, must have at most 2"]),
    ("x", UnionOf((INT, Named("Tree"))), ["it: expected a whole number or an object with n, kids, got 'x'"]),
    ({"n": "x"}, UnionOf((INT, Named("Tree"))), ["it.n: expected a whole number, got 'x'"]),
    (
        {"n": "x"},
        UnionOf((Named("Tree"), Named("A"))),
        ['it: expected an object with n, kids or an object with b, x, got {"n":"x"}'],
    ),
    ({"n": 10**400}, MapOf(FLOAT), ["it.n: expected a number, got 1" + "0" * 58 + "…"]),
]


@pytest.mark.parametrize(("value", "shape", "problems"), WRONG)
def test_problems_have_their_place(value: Any, shape: Shape, problems: list[str]) -> None:
    found, told = validate(value, shape)
    assert told == problems
    assert found is value


def test_what_is_no_value_has_no_validator() -> None:
    with pytest.raises(TypeError, match="no value can be a plan"):
        validate({}, MapOf(Opaque("a plan")))


FLAT: list[Shape] = [
    TEXT,
    INT,
    FLOAT,
    BOOL,
    JSON,
    Scalar("key"),
    RefTo("Tree"),
    Just("sport"),
    Named("Topic"),
    Scalar("text", Range(1, 2)),
    Scalar("int", Range(0, 3)),
    Scalar("float", Range(None, 1)),
    Scalar("image"),
    Maybe(INT),
    UnionOf((INT, TEXT)),
    UnionOf((FLOAT, Just("a"))),
    ListOf(FLOAT),
    ListOf(Maybe(Named("Topic")), Range(1, 2)),
    ListOf(ListOf(INT)),
]
SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(["", "a", "sport", "abc"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("a"), inner, max_size=1),
    max_leaves=4,
)


@settings(deadline=None, max_examples=200)
@given(SMALL, st.sampled_from(FLAT))
def test_with_and_without_pydantic_is_the_same(value: Any, shape: Shape) -> None:
    alone, told = validator(shape, TYPES)(value, "it.k")
    inside, told_by_pydantic = validate({"k": value}, MapOf(shape))
    assert told == told_by_pydantic
    assert repr(alone) == repr(inside["k"])
    if told == []:
        assert mismatch(value, shape, TYPES) is None
