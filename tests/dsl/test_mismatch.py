"""The words for a value that does not fit."""

from typing import Any

import pytest

from msrun.dsl.shapes import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    TEXT,
    CellOf,
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
from msrun.dsl.values.mismatch import expected, mismatch, shown

TYPES: dict[str, TypeDef] = {
    "Topic": EnumDef("Topic", (("sport", ""), ("politics", ""))),
    "Page": RecordDef("Page", (RecordField("title", TEXT), RecordField("url", TEXT))),
    "Empty": RecordDef("Empty", ()),
}
PAGE = Named("Page")

WRONG: list[tuple[Any, Shape, str]] = [
    (1, TEXT, "expected a text, got 1"),
    ("abc", Scalar("text", Range(None, 2)), "has 3 characters, must have at most 2"),
    ("a", Scalar("text", Range(2, 4)), "has 1 character, must have at least 2"),
    ("", Scalar("key"), "expected a short text that names it, got ''"),
    (True, INT, "expected a whole number, got true"),
    (1.0, INT, "expected a whole number, got 1.0"),
    (7, Scalar("int", Range(0, 5)), "is 7, must be at most 5"),
    (-0.5, Scalar("float", Range(0, 1)), "is -0.5, must be at least 0"),
    (True, FLOAT, "expected a number, got true"),
    (10**400, FLOAT, "expected a number, got 1000"),
    (0, BOOL, "expected true or false, got 0"),
    (None, TEXT, "expected a text, got null"),
    ({}, ListOf(INT), "expected a list, each item a whole number, got {}"),
    ([[]], ListOf(ListOf(INT), Range(2, None)), "has 1 item, must have at least 2"),
    ([], MapOf(INT), "expected an object, got []"),
    ("x", Just("calm"), "expected \"calm\", got 'x'"),
    ("", RefTo("Page"), "expected the id of one Page, got ''"),
    ("x", Named("Topic"), "expected one of sport, politics, got 'x'"),
    ("x", PAGE, "expected an object with title, url, got 'x'"),
    ("x", Named("Empty"), "expected an empty object, got 'x'"),
    ("x", UnionOf((INT, PAGE)), "expected a whole number or an object with title, url, got 'x'"),
    ("x", Maybe(INT), "expected a whole number, got 'x'"),
    ("x", CellOf(TEXT, INT), "expected a whole number, got 'x'"),
    ("x", Opaque("a model"), "expected a model, which no reply can give"),
    ("x", Scalar("bool"), "expected true or false, got 'x'"),
    (3, Scalar("image"), "expected the text of image, got 3"),
]


@pytest.mark.parametrize(("value", "shape", "words"), WRONG)
def test_says_what_is_wrong(value: Any, shape: Shape, words: str) -> None:
    assert (mismatch(value, shape, TYPES) or "").startswith(words)


RIGHT: list[tuple[Any, Shape]] = [
    ("", TEXT),
    ("ab", Scalar("text", Range(2, 2))),
    (5, Scalar("int", Range(5, None))),
    (1, FLOAT),
    (True, BOOL),
    (None, Maybe(PAGE)),
    (["anything"], ListOf(INT, Range(1, 1))),  # its parts are asked one by one
    ({"any": "thing"}, PAGE),
    ({}, MapOf(INT)),
    ("sport", Named("Topic")),
    ("id", RefTo("Page")),
    ({}, UnionOf((INT, PAGE))),
    ([None], JSON),
    (3, CellOf(TEXT, INT)),
]


@pytest.mark.parametrize(("value", "shape"), RIGHT)
def test_says_nothing_of_what_fits(value: Any, shape: Shape) -> None:
    assert mismatch(value, shape, TYPES) is None


def test_says_what_is_expected() -> None:
    assert expected(ListOf(ListOf(INT)), TYPES) == "a list of lists"
    assert expected(Maybe(CellOf(TEXT, Named("Topic"))), TYPES) == "one of sport, politics or null"
    assert expected(JSON, TYPES) == "any JSON"
    assert expected(Opaque("a plan"), TYPES) == "a plan"


def test_values_are_repeated_in_few_characters() -> None:
    assert shown("x" * 500) == "'" + "x" * 58 + "…"
    assert shown({"a": [1, None]}) == '{"a":[1,null]}'
    assert shown(object()) == "something that is no JSON"
