"""Filters: what each does, and that the shape it promises is the shape of what it gives."""

from collections.abc import Callable
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
from msrun.dsl.values.cells import Cell
from msrun.dsl.values.filter_shapes import Misfit, is_printable, is_text, items_of
from msrun.dsl.values.filters import FILTERS, ByItem
from msrun.dsl.values.plain import EvaluationError
from msrun.dsl.values.schema import check

TYPES: dict[str, TypeDef] = {
    "Topic": EnumDef("Topic", (("sport", ""), ("politics", ""))),
    "Slot": RecordDef("Slot", (RecordField("a", Maybe(TEXT)), RecordField("b", Maybe(INT)))),
}
TYPES["Turn"] = RecordDef("Turn", (RecordField("user", TEXT), RecordField("answer", TEXT)))
SLOT = Named("Slot")
CELLS = [Cell("i", "one", 0, "ok"), Cell("j", None, 1, "skipped"), Cell("k", "two", 2, "ok")]
CELL_LIST = ListOf(CellOf(TEXT, TEXT))


def by(read: Callable[[Any], Any], *, needs_value: bool = True) -> ByItem:
    return ByItem(lambda element, _at: read(element), needs_value)


# filter, value, its shape, arguments with their shapes, what comes out
GIVES: list[tuple[str, Any, Shape, list[tuple[Any, Shape]], Any]] = [
    ("numbered", ["a", "b\nc"], ListOf(TEXT), [], "1. a\n2. b\n   c"),
    ("numbered", CELLS, CELL_LIST, [], "1. one\n2. two"),
    ("bullets", [{"a": 1}, 2.5], ListOf(JSON), [], '- {"a":1}\n- 2.5'),
    ("bullets", [], ListOf(TEXT), [], ""),
    ("json", {"b": [1, "é"], "a": None}, JSON, [], '{"b":[1,"é"],"a":null}'),
    ("json", "a", TEXT, [], '"a"'),
    ("json", None, Maybe(TEXT), [], "null"),
    ("json", CELLS, CELL_LIST, [], '["one","two"]'),
    ("join", ["a", "b"], ListOf(TEXT), [], "a, b"),
    ("join", [1, 2], ListOf(INT), [(" + ", TEXT)], "1 + 2"),
    ("join", CELLS, CELL_LIST, [("/", TEXT)], "one/two"),
    ("default", None, Maybe(TEXT), [("x", TEXT)], "x"),
    ("default", "y", Maybe(TEXT), [("x", TEXT)], "y"),
    ("default", None, Maybe(Named("Topic")), [("?", TEXT)], "?"),
    ("default", None, Maybe(ListOf(TEXT)), [([], ListOf(JSON))], []),
    ("default", None, Maybe(INT), [("?", TEXT)], "?"),
    ("default", None, Maybe(Scalar("int", Range(5, 9))), [(0, INT)], 0),
    ("map", ["a", "b"], ListOf(TEXT), [(by(str.upper), TEXT)], ["A", "B"]),
    ("map", CELLS, CELL_LIST, [(by(lambda cell: cell.index, needs_value=False), INT)], [0, 1, 2]),
    ("contains", "hello", TEXT, [("ell", TEXT)], True),
    ("contains", ["a", "b"], ListOf(TEXT), [("c", TEXT)], False),
    ("contains", CELLS, CELL_LIST, [("two", TEXT)], True),
    ("all", [True, False], ListOf(BOOL), [], False),
    ("all", [], ListOf(BOOL), [], True),
    ("all", CELLS, CELL_LIST, [(by(lambda cell: len(cell.value) == 3), BOOL)], True),
    ("any", [True, False], ListOf(BOOL), [], True),
    ("any", CELLS, CELL_LIST, [(by(lambda cell: cell.status == "skipped", needs_value=False), BOOL)], True),
    ("merge", {"a": "x", "b": 1}, SLOT, [({"a": "y", "b": None}, SLOT)], {"a": "y", "b": 1}),
    ("count", ["a", "b"], ListOf(TEXT), [], 2),
    ("count", CELLS, CELL_LIST, [], 2),
    ("first", [3, 4], ListOf(INT), [], 3),
    ("first", [], ListOf(INT), [], None),
    ("first", [3, 4], ListOf(INT, Range(1, None)), [], 3),
    ("last", [3, 4], ListOf(INT), [], 4),
    ("last", CELLS, CELL_LIST, [], CELLS[2]),
    (
        "dialogue",
        [{"user": "hi", "answer": "ho"}, {"user": "a", "answer": "b"}],
        ListOf(Named("Turn")),
        [],
        "User: hi\nAssistant: ho\nUser: a\nAssistant: b",
    ),
    ("dialogue", [{"user": "hi", "answer": "ho"}], JSON, [("U", TEXT), ("A", TEXT)], "U: hi\nA: ho"),
    ("dialogue", [], ListOf(Named("Turn")), [], ""),
    ("lower", "AÉ", TEXT, [], "aé"),
    ("upper", "aé", TEXT, [], "AÉ"),
    ("trim", " a\n", TEXT, [], "a"),
    ("trim", "sport", Named("Topic"), [], "sport"),
]


@pytest.mark.parametrize(("name", "value", "shape", "args", "expected"), GIVES)
def test_gives_what_its_shape_promises(
    name: str, value: Any, shape: Shape, args: list[tuple[Any, Shape]], expected: Any
) -> None:
    entry = FILTERS[name]
    result = entry.apply(value, *[arg for arg, _ in args])
    assert result == expected
    promised = entry.result(shape, tuple(arg for _, arg in args), TYPES)
    assert not isinstance(promised, Misfit)
    check(result.value if isinstance(result, Cell) else result, promised, TYPES)


def test_every_filter_is_shown_at_work() -> None:
    assert {name for name, *_ in GIVES} == set(FILTERS) - {"each"}  # `each` stands in test_fragments
    assert all(name == entry.name and entry.example.startswith(name) for name, entry in FILTERS.items())


@pytest.mark.parametrize(
    ("name", "given", "args", "wants", "argument"),
    [
        ("each", TEXT, (TEXT,), "a list", None),
        ("each", ListOf(TEXT), (TEXT, INT), "a text", 1),
        ("numbered", INT, (), "a list of values that print as text", None),
        ("bullets", ListOf(Scalar("image")), (), "a list of values that print as text", None),
        ("join", ListOf(TEXT), (INT,), "a text", 0),
        ("json", Opaque("model"), (), "a value that prints as text", None),
        ("json", Scalar("secret"), (), "a value that prints as text", None),
        ("map", SLOT, (TEXT,), "a list", None),
        ("contains", INT, (TEXT,), "a text or a list", None),
        ("contains", TEXT, (INT,), "a text", 0),
        ("all", TEXT, (), "a list", None),
        ("all", ListOf(TEXT), (), "a list of true and false, or `.field`", None),
        ("any", ListOf(TEXT), (TEXT,), "true or false", 0),
        ("merge", TEXT, (SLOT,), "a record", None),
        ("merge", Named("Topic"), (SLOT,), "a record", None),
        ("merge", SLOT, (TEXT,), "a record", 0),
        ("count", TEXT, (), "a list", None),
        ("first", SLOT, (), "a list", None),
        ("lower", INT, (), "a text", None),
    ],
)
def test_says_what_it_wants(name: str, given: Shape, args: tuple[Shape, ...], wants: str, argument: int | None) -> None:
    assert FILTERS[name].result(given, args, TYPES) == Misfit(wants, argument)


@pytest.mark.parametrize("name", sorted(set(FILTERS) - {"each", "json", "default"}))
def test_wrong_values_are_named_errors(name: str) -> None:
    entry = FILTERS[name]
    extra = [by(lambda _: 1)] if entry.params and entry.params[0].kind == "by" else ["x"] * len(entry.params)
    for value in (3, object(), {"a": object()}, [object()]):
        if name in ("count", "first", "last", "map") and isinstance(value, list):
            continue  # these hand items on without a look
        with pytest.raises(EvaluationError):
            entry.apply(value, *extra)


def test_shapes_of_results() -> None:
    first = FILTERS["first"]
    assert first.result(ListOf(INT), (), TYPES) == Maybe(INT)
    assert first.result(ListOf(INT, Range(1, 3)), (), TYPES) == INT
    assert first.result(ListOf(Maybe(INT)), (), TYPES) == Maybe(INT)
    assert first.result(CellOf(TEXT, ListOf(INT, Range(1, 3))), (), TYPES) == INT
    assert first.result(CELL_LIST, (), TYPES) == Maybe(CellOf(TEXT, TEXT))
    assert FILTERS["default"].result(Maybe(FLOAT), (FLOAT,), TYPES) == FLOAT
    assert FILTERS["default"].result(Maybe(SLOT), (TEXT,), TYPES) == UnionOf((SLOT, TEXT))
    assert FILTERS["default"].result(JSON, (TEXT,), TYPES) == JSON
    assert FILTERS["map"].result(Maybe(ListOf(TEXT)), (INT,), TYPES) == ListOf(INT)
    assert FILTERS["merge"].result(CellOf(TEXT, SLOT), (JSON,), TYPES) == SLOT
    assert FILTERS["all"].result(ListOf(CellOf(TEXT, BOOL)), (), TYPES) == BOOL


def test_shapes_are_told_apart() -> None:
    texts: list[Shape] = [
        TEXT,
        Scalar("key"),
        RefTo("Slot"),
        Just("a"),
        Named("Topic"),
        UnionOf((Just("a"), Just("b"))),
    ]
    others: list[Shape] = [
        INT,
        JSON,
        SLOT,
        ListOf(TEXT),
        Maybe(TEXT),
        MapOf(TEXT),
        UnionOf((TEXT, INT)),
        Opaque("model"),
    ]
    assert all(is_text(shape, TYPES) and is_text(CellOf(INT, shape), TYPES) for shape in texts)
    assert not any(is_text(shape, TYPES) for shape in others)
    assert all(is_printable(shape) for shape in [*texts, *others[:-1]])
    unprintable: list[Shape] = [Opaque("model"), Scalar("image"), ListOf(Scalar("file")), Maybe(Scalar("secret"))]
    assert not any(map(is_printable, [*unprintable, UnionOf((TEXT, Scalar("audio")))]))
    assert items_of(Maybe(CellOf(INT, ListOf(TEXT)))) == TEXT
    assert items_of(JSON) == JSON
    assert items_of(SLOT) is None
