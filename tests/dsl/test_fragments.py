"""The matching rule of `each`: what the checker is told agrees with what a run fills in."""

from typing import Any

import pytest

from msrun.dsl.plan import FragmentSpec, Input, ValueMap
from msrun.dsl.shapes import INT, JSON, TEXT, CellOf, Maybe, Named, RecordDef, RecordField, Shape
from msrun.dsl.tree import Argument, Get, Hole, Pipe, Ref, Text
from msrun.dsl.values.cells import Cell
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.fragments import MISSING, lacking, needs_value, provided, standard, supply
from msrun.dsl.values.plain import EvaluationError
from msrun.dsl.values.schema import check

TYPES = {
    "Page": RecordDef("Page", (RecordField("title", TEXT), RecordField("value", INT))),
    "Step": RecordDef("Step", (RecordField("ask", TEXT),)),
}
PAGE, STEP = Named("Page"), Named("Step")
page, step = {"title": "t", "value": 7}, {"ask": "a"}

ELEMENTS: list[tuple[Any, Shape]] = [
    (page, PAGE),
    (step, STEP),
    ("text", TEXT),
    (Cell(step, page, 3, "ok"), CellOf(STEP, PAGE)),
    (Cell(step, "text", 3, "ok"), CellOf(STEP, TEXT)),
    (Cell(step, page, 3, "ok"), CellOf(STEP, Maybe(PAGE))),
]


@pytest.mark.parametrize(("element", "shape"), ELEMENTS)
@pytest.mark.parametrize("name", ["item", "value", "index", "status", "title", "ask", "it"])
@pytest.mark.parametrize("alone", [True, False])
def test_the_checker_is_told_what_a_run_fills_in(element: Any, shape: Shape, name: str, alone: bool) -> None:
    given = supply(name, element, 5, alone=alone)
    told = provided(name, shape, TYPES, alone=alone)
    assert (given is MISSING) == (told is None)
    if told is not None:
        check(given, told, TYPES)


@pytest.mark.parametrize(
    ("name", "element", "alone", "given"),
    [
        ("item", ELEMENTS[3][0], True, step),
        ("value", ELEMENTS[3][0], False, page),
        ("index", ELEMENTS[3][0], False, 3),
        ("status", ELEMENTS[3][0], False, "ok"),
        ("title", ELEMENTS[3][0], False, "t"),
        ("it", ELEMENTS[3][0], True, page),
        ("it", ELEMENTS[3][0], False, MISSING),
        ("value", page, False, 7),
        ("item", page, False, page),
        ("index", page, False, 5),
        ("status", page, False, MISSING),
        ("title", page, True, "t"),
        ("it", "text", True, "text"),
    ],
)
def test_the_first_line_that_fits_decides(name: str, element: Any, alone: bool, given: Any) -> None:
    assert supply(name, element, 5, alone=alone) == given


def spec(**params: Shape) -> FragmentSpec:
    inputs = tuple(Input(name=name, shape=shape) for name, shape in params.items())
    holes = [Hole(Pipe(Ref(name), "json", None)) for name in params]
    return FragmentSpec(name="line", params=inputs, text=Text(("<", *holes, ">")))


def each(fragment: FragmentSpec, items: list[Any]) -> str:
    pipe = Pipe(Ref("items"), "each", (Argument(None, Ref("line")),))
    return str(compile_expr(pipe, {"line": fragment})({"items": items}))


def test_unfilled_parameters_are_named_before_and_at_the_run() -> None:
    fragment = spec(title=TEXT, nope=TEXT, also=Maybe(TEXT))
    assert lacking(fragment, PAGE, TYPES) == ("nope",)
    assert lacking(fragment, JSON, TYPES) == ()
    assert lacking(spec(whole=TEXT), TEXT, TYPES) == ()
    assert lacking(spec(one=TEXT, two=TEXT), TEXT, TYPES) == ("one", "two")
    with pytest.raises(EvaluationError, match="nothing for `nope` of `line`"):
        each(fragment, [page])


def test_a_parameter_with_a_default_takes_it() -> None:
    params = (Input(name="title", shape=TEXT), Input(name="mark", shape=TEXT, required=False, default="*"))
    fragment = FragmentSpec(name="line", params=params, text=Text((Hole(Ref("mark")), Hole(Ref("title")))))
    assert lacking(fragment, PAGE, TYPES) == ()
    assert each(fragment, [page]) == "*t"
    nested = Input(name="x", shape=JSON, required=False, default=ValueMap((("a", (1, None)),)))
    assert standard(nested) == {"a": [1, None]}


def test_a_skipped_cell_is_left_out_unless_its_value_may_be_null() -> None:
    cells = [Cell(step, page, 0, "ok"), Cell({"ask": "b"}, None, 1, "skipped")]
    assert each(spec(item=STEP, value=PAGE), cells) == '<{"ask":"a"}{"title":"t","value":7}>'
    assert each(spec(item=STEP, status=TEXT), cells) == '<{"ask":"a"}"ok">\n<{"ask":"b"}"skipped">'
    assert each(spec(index=INT, value=Maybe(PAGE)), cells) == '<0{"title":"t","value":7}>\n<1null>'
    assert each(spec(index=INT, title=Maybe(TEXT)), cells) == '<0"t">\n<1null>'
    assert needs_value(spec(title=TEXT))
    assert not needs_value(spec(item=STEP, index=INT, status=TEXT))


def test_blocks_join_line_by_line() -> None:
    fragment = FragmentSpec(
        name="line", params=(Input(name="item", shape=PAGE),), text=Text(("a\n", Hole(Get(Ref("item"), "title")), "\n"))
    )
    assert each(fragment, [page, page]) == "a\nt\na\nt"
    pipe = Pipe(Ref("items"), "each", (Argument(None, Ref("line")), Argument(None, Text((" | ",)))))
    assert compile_expr(pipe, {"line": fragment})({"items": [page, page]}) == "a\nt | a\nt"
