"""Texts with holes: how values print, and that no value is ever read as template."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.plan import FragmentSpec, Input
from msrun.dsl.shapes import TEXT
from msrun.dsl.source import Span
from msrun.dsl.tree import Argument, Get, Hole, Pipe, Ref, Text
from msrun.dsl.values.cells import Cell
from msrun.dsl.values.plain import EvaluationError
from msrun.dsl.values.template import compile_text
from tests.payloads import PAYLOADS

ONE = Text(("[", Hole(Ref("x"), Span(1, 8)), "]"))
LINE = FragmentSpec(name="line", params=(Input(name="item", shape=TEXT),), text=Text(("- ", Hole(Ref("item")))))
LIST = Text((Hole(Pipe(Ref("x"), "each", (Argument(None, Ref("line")),))),))


def render(value: Any) -> str:
    return compile_text(ONE, {})({"x": value, "y": "leaked"})


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("a\n  b\n", "a\n  b\n"),
        ("", ""),
        (3, "3"),
        (10**40, "1" + "0" * 40),
        (0.5, "0.5"),
        (1e-7, "1e-07"),
        (2.0, "2.0"),
        (True, "true"),
        (False, "false"),
        ([1, "é", None], '[1,"é",null]'),
        ({"b": 1, "a": [True]}, '{"b":1,"a":[true]}'),
        (Cell("item", "value", 0, "ok"), "value"),
        ([Cell("i", "v", 0, "ok"), Cell("j", None, 1, "skipped")], '["v"]'),
        ({"a": Cell("i", {"b": 2}, 0, "ok")}, '{"a":{"b":2}}'),
    ],
)
def test_values_print(value: Any, printed: str) -> None:
    assert render(value) == f"[{printed}]"


@pytest.mark.parametrize(
    "value", [None, Cell("i", None, 0, "skipped"), float("nan"), float("inf"), [float("inf")], (1,), object(), {1: 2}]
)
def test_what_does_not_print_is_an_error_at_its_hole(value: Any) -> None:
    with pytest.raises(EvaluationError) as caught:
        render(value)
    assert caught.value.span == Span(1, 8)


def test_null_names_the_cure() -> None:
    with pytest.raises(EvaluationError, match=r'\| default\("…"\)'):
        render(None)


def test_endless_values_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(EvaluationError, match="nested too deeply"):
        render(endless)


def test_text_without_holes_is_itself() -> None:
    assert compile_text(Text(("a {x} {{ y }} %s",), raw=True), {})({}) == "a {x} {{ y }} %s"


def test_there_are_payloads_enough() -> None:
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("payload", sorted(set(PAYLOADS)))
def test_payloads_come_out_as_they_went_in(payload: str) -> None:
    assert render(payload) == f"[{payload}]"
    assert compile_text(LIST, {"line": LINE})({"x": [payload, payload]}) == f"- {payload}\n- {payload}"
    assert compile_text(Text((payload, Hole(Ref("x")))), {})({"x": payload}) == payload + payload


@given(st.text(), st.text(), st.text())
def test_a_value_is_never_read_again(before: str, value: str, other: str) -> None:
    text = Text((before, Hole(Ref("x")), "{{ y }}", Hole(Get(Ref("r"), "f"))))
    env = {"x": "{{ y }}" + value, "y": other, "r": {"f": "{{ x }}"}}
    assert compile_text(text, {})(env) == before + "{{ y }}" + value + "{{ y }}{{ x }}"
