"""Expressions: what they give, and that every failure is an EvaluationError with its place."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msrun.dsl.plan import FragmentSpec, Input
from msrun.dsl.shapes import JSON, TEXT, Maybe
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.parse import parse
from msrun.dsl.tree import Argument, Binary, Constant, Expr, Get, Index, ListExpr, Pipe, Ref, Statement, Text
from msrun.dsl.values.cells import Cell
from msrun.dsl.values.evaluate import MAX_FRAGMENTS, MAX_NESTING, MAX_STEPS, compile_expr, compile_item
from msrun.dsl.values.plain import EvaluationError


def expr(text: str) -> Expr:
    parsed = parse(Source("x.plan", f"let x = {text}\n"))
    assert parsed.diagnostics == ()
    (statement,) = parsed.program.items
    assert isinstance(statement, Statement)
    assert statement.value is not None
    return statement.value


def value(text: str, env: Mapping[str, Any] | None = None) -> Any:
    return compile_expr(expr(text))(env or {})


def failure(text: str, env: Mapping[str, Any] | None = None) -> EvaluationError:
    with pytest.raises(EvaluationError) as caught:
        value(text, env)
    return caught.value


def fragment(name: str, text: str, **params: Any) -> FragmentSpec:
    body = expr(f'"{text}"')
    assert isinstance(body, Text)
    inputs = tuple(Input(name=key, shape=shape) for key, shape in params.items())
    return FragmentSpec(name=name, params=inputs, text=body)


def calls(number: int) -> str:
    return "{{ f" + str(number) + "(x) }}"


CELLS = [
    Cell({"id": "a"}, {"ok": True, "why": "x"}, 0, "ok"),
    Cell({"id": "b"}, None, 1, "skipped"),
    Cell({"id": "c"}, {"ok": False, "why": "y"}, 2, "ok"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 - 3", -5),
        ("7 / 2", 3.5),
        ("4 / 2", 2.0),
        ('"a" + "b"', "ab"),
        ("[1] + [2]", [1, 2]),
        ("1 == 1.0", True),
        ("null == 1", False),
        ("null == null", True),
        ('[1, {a: "x"}] == [1, {a: "x"}]', True),
        ("[1] != [true]", True),
        ('"a" < "b"', True),
        ("2 >= 2.0", True),
        ("2 in [1, 2]", True),
        ('"el" in "hello"', True),
        ('"a" in {a: 1}', True),
        ("not (1 > 2) and 2 > 1", True),
        ("false and 1", False),
        ("true or 1", True),
        ('{a: 1, "b c": [2]}', {"a": 1, "b c": [2]}),
        ("[1, 2][1]", 2),
        ('{a: 1}["a"]', 1),
        ('"{{ 1 + 1 }} and {{ "x" }}"', "2 and x"),
    ],
)
def test_gives(text: str, expected: Any) -> None:
    result = value(text)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "division by zero"),
        ('1 + "a"', "cannot join a whole number and a text"),
        ("true + 1", "cannot join true or false and a whole number"),
        ('1 == "1"', "a whole number is compared with a text"),
        ("true == 1", "true or false is compared with a whole number"),
        ('1 < "a"', "cannot compare"),
        ("true < false", "cannot compare"),
        ("1 and true", "a condition needs true or false"),
        ("not null", "a condition needs true or false, this is null"),
        ('-"a"', "needs a number"),
        ("1 in 2", "cannot look for"),
        ("[1][1]", "no item 1 in a list of 1"),
        ("[1][-1]", "no item -1"),
        ("[1][true]", "no place"),
        ("{a: 1}.b", "has no field `b`; it has `a`"),
        ("[{a: 1}].a", "is a list and has no field `a`; read it from every item with `| map(.a)`"),
        ('{a: 1}["b"]', "there is no entry `b`"),
        ("null.a", "the value is null and has no field `a`"),
        ("missing", "`missing` has no value here"),
        (".a", "stands outside an item"),
        ("f(1)", "`f` cannot be called"),
        ("1 | nope", "there is no filter `nope`"),
        ("[1] | map", "write `map(.text)`"),
        ("[1] | each(nope)", "there is no fragment `nope`"),
        ('"{{ null }}"', "the value is null"),
        ("1e308 * 10", "too large"),
        ("1e308 + 1e308", "too large"),
    ],
)
def test_fails_with_a_place(text: str, message: str) -> None:
    error = failure(text)
    assert message in error.message
    assert error.span.end > error.span.start >= len("let x = ") - 1


def test_the_place_is_the_innermost_that_failed() -> None:
    error = failure("[1, 2, a.b.c]", {"a": {"b": {}}})
    assert error.span == Span(len("let x = [1, 2, "), len("let x = [1, 2, a.b.c"))
    assert error.message == "`a.b` has no field `c`; it has none"


def test_cells_are_values_with_four_fields() -> None:
    env = {"cells": CELLS, "cell": CELLS[0], "skipped": CELLS[1]}
    assert value("cell.item.id", env) == "a"
    assert value("cell.index", env) == 0
    assert value("cell.status", env) == "ok"
    assert value("cell.value.why", env) == "x"
    assert value("cell.why", env) == "x"
    assert value("cells[2].why", env) == "y"
    assert value("skipped == null", env) is True
    assert value('skipped | default("none")', env) == "none"
    assert "`skipped` is null and has no field `why`" in failure("skipped.why", env).message
    assert value("one == 3 and one + 1 == 4 and one in [3]", {"one": Cell("i", 3, 0, "ok")}) is True
    assert value("a == b", {"a": [Cell(0, 1, 0, "ok"), Cell(0, None, 1, "skipped")], "b": [1]}) is True


def test_accessors_read_the_item_at_hand() -> None:
    env = {"cells": CELLS, "least": 1, "rows": [{"n": 1}, {"n": 2}]}
    assert value("rows | map(.n)", env) == [1, 2]
    assert value("rows | map(.n * 10 + least)", env) == [11, 21]
    assert value("rows | any(.n > least)", env) is True
    assert value("rows | all(.n > least)", env) is False
    assert compile_item(expr(".final"))({}, {"final": 3}) == 3
    assert compile_item(expr(".final.id"))({}, Cell("i", {"final": {"id": 4}}, 0, "ok")) == 4


def test_skipped_cells_are_left_out_where_their_value_is_read() -> None:
    env = {"cells": CELLS}
    assert value("cells | map(.why)", env) == ["x", "y"]
    assert value("cells | map(.item.id)", env) == ["a", "b", "c"]
    assert value("cells | map(.status)", env) == ["ok", "skipped", "ok"]
    assert value('cells | any(.status == "skipped")', env) is True
    assert value("cells | all(.ok)", env) is False
    assert value('cells | map("{{ .index }}")', env) == ["0", "1", "2"]
    assert value("cells | map([.index, -1])", env) == [[0, -1], [1, -1], [2, -1]]
    assert value("cells | map(not (.index == 1))", env) == [True, False, True]
    assert value("cells | map(.item.id | upper)", env) == ["A", "B", "C"]
    assert value("cells | map({why: .why})", env) == [{"why": "x"}, {"why": "y"}]
    assert value('cells | map("{{ .why }}")', env) == ["x", "y"]
    assert value("cells | count", env) == 2


def test_whole_numbers_and_lists_cannot_grow_without_bound() -> None:
    env = {"n": 10**900, "list": [0] * 600_000, "text": "x" * (9 * 1024 * 1024)}
    assert "too large" in failure("n * n", env).message
    assert "too large" in failure("n * 1.5", env).message
    assert "past 1000000 items" in failure("list + list", env).message
    assert "past 16777216 characters" in failure("text + text", env).message
    assert "past 16777216 characters" in failure('"{{ text }}{{ text }}"', env).message
    assert "past 16777216 characters" in failure("[text, text] | join", env).message


def test_lists_inside_lists_cannot_run_for_ever() -> None:
    env = {"list": list(range(1001))}
    assert MAX_STEPS < 1001**2
    assert "reads more than" in failure("list | map(list | map(1))", env).message
    assert value("list | map(list | count)", env) == [1001] * 1001
    run = compile_expr(expr("list | map(1) | count"))
    assert [run(env) for _ in range(1100)] == [1001] * 1100  # each evaluation begins anew


def test_fragments_are_called_and_applied() -> None:
    specs = {"line": fragment("line", '{{ a }}-{{ b | default("?") }}', a=TEXT, b=Maybe(TEXT))}
    run = compile_expr(expr('line(b: "y", a: x)'), specs)
    assert run({"x": "{{ b }}"}) == "{{ b }}-y"
    assert compile_expr(expr("line(x)"), specs)({"x": "1"}) == "1-?"
    assert compile_expr(expr("rows | each(line)"), specs)({"rows": [{"a": "1", "b": "2"}, {"a": "3", "b": None}]}) == (
        "1-2\n3-?"
    )
    with pytest.raises(EvaluationError, match="arguments do not fit `line`"):
        compile_expr(expr("line(x, y, z)"), specs)({"x": "1", "y": "2", "z": "3"})
    with pytest.raises(EvaluationError, match="gives nothing for `a` of `line`"):
        compile_expr(expr("rows | each(line)"), specs)({"rows": [{"b": "2"}]})


def test_fragments_see_params_of_the_file() -> None:
    specs = {"line": fragment("line", "{{ style }}: {{ it }}", it=TEXT)}
    assert compile_expr(expr("rows | each(line)"), specs)({"rows": ["a"], "style": "plain"}) == "plain: a"


def test_fragments_inside_each_other_end() -> None:
    circle = {"a": fragment("a", "{{ b(x) }}", x=JSON), "b": fragment("b", "{{ a(x) }}", x=JSON)}
    with pytest.raises(EvaluationError, match="made of itself"):
        compile_expr(expr("a(1)"), circle)({})
    deep = {f"f{at}": fragment(f"f{at}", calls(at + 1), x=JSON) for at in range(MAX_FRAGMENTS + 1)}
    with pytest.raises(EvaluationError, match="fragments are made of each other"):
        compile_expr(expr("f0(1)"), deep)({})
    doubling = {f"f{at}": fragment(f"f{at}", calls(at + 1) * 2, x=JSON) for at in range(22)}
    doubling["f22"] = fragment("f22", "", x=JSON)
    with pytest.raises(EvaluationError, match="reads more than"):
        compile_expr(expr("f0(1)"), doubling)({})


def test_deep_expressions_are_refused_by_name() -> None:
    deep: Expr = Constant(1)
    for _ in range(5000):
        deep = ListExpr((deep,))
    with pytest.raises(EvaluationError, match="nested too deeply"):
        compile_expr(deep)({})


WRAPS: list[Callable[[Expr], Expr]] = [
    lambda inner: Binary("+", inner, Constant(0)),
    lambda inner: Index(ListExpr((inner,)), Constant(0)),
    lambda inner: Pipe(Constant(None), "default", (Argument(None, inner),)),
    lambda inner: Index(Pipe(ListExpr((Constant(1),)), "map", (Argument(None, inner),)), Constant(0)),
]


@pytest.mark.parametrize("wrap", WRAPS)
def test_every_expression_below_the_bound_runs(wrap: Callable[[Expr], Expr]) -> None:
    source: Expr = Constant(7)
    for _ in range((MAX_NESTING - 2) // 2):
        source = wrap(source)
    assert compile_expr(source)({}) == 7


class Hostile:
    """Any access to an attribute is a failure of the test."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"attribute {name} was reached")


@pytest.mark.parametrize("attr", ["__class__", "__dict__", "__globals__", "item", "value", "keys", "real"])
def test_no_attribute_is_ever_reached(attr: str) -> None:
    for target in (Hostile(), "text", 1, 1.5, True, None, (), len, Hostile):
        with pytest.raises(EvaluationError, match="has no field"):
            compile_expr(Get(Ref("x"), attr))({"x": target})
        with pytest.raises(EvaluationError):
            compile_expr(Index(Ref("x"), Constant(attr)))({"x": target})


@pytest.mark.parametrize(
    "text",
    [
        '"{{ x }}"', "x == x", "x != 1", "x < x", "x + x", "-x", "not x", "x in [1]", "[1] | contains(x)",
        "x | json", "x | count", "x | lower", "x | join", "[x] | join", "[x] | json", "[x] | numbered", "x | merge({})",
        "x | default(1) | json", "[x] | all", "[x] | map(.a)", "[x] == [x]", "{a: x} | json", "x.a", "x[0]",
        "x | first",
    ],
)  # fmt: skip
def test_foreign_objects_are_refused(text: str) -> None:
    with pytest.raises(EvaluationError):
        compile_expr(expr(text))({"x": Hostile()})


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
SIGNS = ["+", "-", "*", "/", "==", "!=", "<", "<=", "in", "and", "or"]
WORDS = ["all", "any", "bullets", "count", "first", "last", "json", "lower", "join", "numbered", "trim"]
PIPES = [*WORDS, "map(.a)", "all(.a)", "merge(b)", "default(a)", "contains(b)"]
SOURCES = st.recursive(
    st.sampled_from(["a", "b", "1", "2.5", '"t"', "null", "true", "[]", "{}", "c", "missing"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(SIGNS), inner).map(lambda parts: "(" + " ".join(parts) + ")"),
        inner.map(lambda text: f"({text}).a"),
        inner.map(lambda text: f"(not ({text}))"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]})[{two[1]}]"),
        st.tuples(
            inner,
            st.sampled_from(PIPES),
        ).map(lambda two: f"(({two[0]}) | {two[1]})"),
        inner.map(lambda text: text if "{{" in text else '"<{{ ' + text + ' }}>"'),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(text=SOURCES, a=PLAIN, b=PLAIN)
def test_expressions_give_a_plain_value_or_a_named_error(text: str, a: Any, b: Any) -> None:
    env = {"a": a, "b": b, "c": [Cell(a, b, 0, "ok"), Cell(b, None, 1, "skipped")]}
    try:
        result = compile_expr(expr(text))(env)
    except EvaluationError as error:
        result = error.message
    assert type(result) in (str, int, float, bool, type(None), list, dict, Cell)
