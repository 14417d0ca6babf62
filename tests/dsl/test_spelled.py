"""Expressions written again: the same when parsed, in one line."""

import pytest

from msrun.dsl.source import Source
from msrun.dsl.spelled import spelled
from msrun.dsl.syntax.parse import parse
from msrun.dsl.tree import Expr, Statement


def read(text: str) -> Expr:
    parsed = parse(Source("x.plan", f"let x = {text}"))
    assert parsed.diagnostics == ()
    (item,) = parsed.program.items
    assert isinstance(item, Statement)
    assert item.value is not None
    return item.value


@pytest.mark.parametrize(
    "text",
    [
        "verdicts | all(.ok)",
        "a and (b or not c)",
        "(a + b) * c - d",
        "a - (b - c)",
        "-(a + 1) < 0.5",
        '(a | default("x")).name',
        "f(a, b: [1, true, null])[0] | first",
        '{a: 1, b: "问题\\n"}',
        "not a == b",
        "(not a) == b",
        "(a == b) == c",
        "-a | abs",
    ],
)
def test_an_expression_is_written_as_it_was_read(text: str) -> None:
    assert spelled(read(text)) == text
    assert read(spelled(read(text))) == read(text)


def test_holes_are_left_out() -> None:
    assert spelled(read('"a {{ b }} c"')) == '"a … c"'
