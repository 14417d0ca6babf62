import re
from typing import Any

import pytest

from msrun.dsl.plan import Input, Plan
from msrun.dsl.shapes import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    TEXT,
    EnumDef,
    ListOf,
    Maybe,
    Named,
    Range,
    RecordDef,
    RecordField,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
)
from msrun.dsl.tree import Constant
from msrun.errors import InputInvalid
from msrun.inputs import check_inputs, describe, read_text

TYPES: dict[str, TypeDef] = {
    "Topic": EnumDef("Topic", (("sport", ""), ("politics", ""))),
    "Step": RecordDef("Step", (RecordField("id", Scalar("key")), RecordField("n", INT, default="3"))),
}


@pytest.mark.parametrize(
    ("text", "shape", "value"),
    [
        ("x", TEXT, "x"),
        ("12", TEXT, "12"),
        ("12", INT, 12),
        ("−3", INT, -3),
        ("3", FLOAT, 3.0),
        ("1e3", FLOAT, 1000.0),
        ("Yes", BOOL, True),
        ("false", BOOL, False),
        ("sport", Named("Topic"), "sport"),
        ("[1, 2]", ListOf(INT), [1, 2]),
        ('{"id": "a"}', Named("Step"), {"id": "a", "n": 3}),
        ("null", Maybe(INT), None),
        ("null", Maybe(TEXT), "null"),
        ("5", UnionOf((INT, TEXT)), 5),
        ("five", UnionOf((INT, TEXT)), "five"),
        ('{"a": [1, null]}', JSON, {"a": [1, None]}),
    ],
)
def test_texts_are_read_as_their_type(text: str, shape: Shape, value: Any) -> None:
    read = read_text(text, shape, TYPES)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "shape", "message"),
    [
        ("abc", INT, "expected a whole number, got 'abc'"),
        ("1.5", INT, "expected a whole number, got '1.5'"),
        ("nan", FLOAT, "expected a number, got 'nan'"),
        ("1e400", FLOAT, "expected a number, got '1e400'"),
        ("1", BOOL, "expected true or false, got '1'"),
        ("sprt", Named("Topic"), "expected one of sport, politics, got 'sprt'"),
        ("[1,", ListOf(INT), "expected list<int> as JSON: "),
        ('["a"]', ListOf(INT), "[0]: expected a whole number, got 'a'"),
        ("[NaN]", JSON, "expected json as JSON: NaN is no JSON"),
        ("11", Scalar("int", Range(1, 10)), "is 11, must be at most 10"),
        ("hello world", Scalar("text", Range(None, 5)), "has 11 characters, must have at most 5"),
        ("a\udc80", TEXT, "it holds bytes that are not UTF-8"),
        ("[" * 5000, JSON, "expected json as JSON: it is nested more than"),
        ("9" * 5000, INT, "expected a whole number"),
    ],
)
def test_what_is_not_of_the_type_is_refused(text: str, shape: Shape, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        read_text(text, shape, TYPES)


def plan_of(*inputs: Input) -> Plan:
    types = tuple(TYPES.values())
    return Plan(name="ask", inputs=inputs, params=(), result=TEXT, nodes=(), returns=Constant(None), types=types)


QUESTION = Input(name="question", shape=TEXT)
DEPTH = Input(name="depth", shape=INT, required=False, default=3)


def test_inputs_are_checked_all_at_once() -> None:
    with pytest.raises(InputInvalid) as caught:
        check_inputs(plan_of(QUESTION, DEPTH), {"depth": "deep", "qestion": "?"})
    assert caught.value.problems == (
        ("qestion", "there is no input `qestion`; did you mean `question`?"),
        ("question", "input `question` is missing: text"),
        ("depth", "input `depth`: expected a whole number, got 'deep'"),
    )
    assert str(caught.value).endswith("\n  = help: the plan takes question: text, depth: int = 3")


def test_an_input_that_was_not_given_is_left_to_its_default() -> None:
    assert check_inputs(plan_of(QUESTION, DEPTH), {"question": "?"}) == {"question": "?"}


def test_values_from_python_are_not_read_as_text() -> None:
    with pytest.raises(InputInvalid, match="input `depth`: expected a whole number, got '3'"):
        check_inputs(plan_of(DEPTH), {"depth": "3"})


def test_foreign_objects_are_refused() -> None:
    with pytest.raises(InputInvalid, match="input `question`: expected a text"):
        check_inputs(plan_of(QUESTION), {"question": object()})


def test_a_plan_without_inputs_says_so() -> None:
    assert describe(()) == "the plan takes no inputs"
