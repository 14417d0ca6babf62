"""Constants where a declaration wants one: the default of a field, of a parameter, of a tool's argument."""

from json import dumps
from typing import Any

from msrun.dsl.check.names import UNKNOWN, File
from msrun.dsl.check.notes import Part
from msrun.dsl.plan import Value, ValueMap
from msrun.dsl.shapes import (
    CellOf,
    EnumDef,
    Just,
    ListOf,
    MapOf,
    Maybe,
    Named,
    NotedOf,
    Opaque,
    PiiOf,
    Range,
    RecordDef,
    RefTo,
    Scalar,
    Shape,
    UnionOf,
    spell,
)
from msrun.dsl.tree import Constant, Expr, ListExpr, RecordExpr, Ref, Text, Unary


class _Wrong:
    """Marks a constant that was reported."""


WRONG = _Wrong()


def constant(file: File, expr: Expr, shape: Shape) -> Any:
    """Return the JSON value of a constant of this shape, or WRONG after reporting what does not fit."""
    if shape == UNKNOWN:
        return WRONG
    match shape:
        case PiiOf(item):
            return constant(file, expr, item)
        case Maybe(item):
            return None if _is_null(expr) else constant(file, expr, item)
        case Just(value):
            return value if _plain(expr) == value else _mismatch(file, expr, shape)
        case UnionOf(options):
            return _option(file, expr, options, shape)
        case Named(id_):
            return _named(file, expr, file.types[id_], shape)
        case ListOf(item, bounds) if isinstance(expr, ListExpr):
            values = [constant(file, part, item) for part in expr.items]
            return WRONG if WRONG in values else _within(file, expr, values, len(values), bounds, shape)
        case MapOf(item) if isinstance(expr, RecordExpr):
            found = {entry.key: constant(file, entry.value, item) for entry in expr.entries}
            return WRONG if WRONG in found.values() else found
        case Scalar():
            return _scalar(file, expr, shape)
        case ListOf() | MapOf() | RefTo() | CellOf() | NotedOf() | Opaque():
            return _mismatch(file, expr, shape)


def as_json(value: Any) -> str:
    """Write a constant as the JSON text that a record field keeps."""
    return dumps(value, ensure_ascii=False)


def as_value(value: Any) -> Value:
    """Turn a constant into the frozen form that the plan keeps."""
    match value:
        case list():
            return tuple(as_value(part) for part in value)  # pyright: ignore[reportUnknownVariableType] - JSON
        case dict():
            return ValueMap(tuple((str(key), as_value(part)) for key, part in value.items()))  # pyright: ignore
        case _:
            return value  # type: ignore[no-any-return]


def literal(expr: Expr) -> Any:
    """Return the JSON value of a constant whatever its shape, or WRONG where it is none."""
    match expr:
        case Constant(value):
            return value
        case Text():
            return WRONG if expr.plain is None else expr.plain
        case Unary("-", Constant(int() | float() as number)) if not isinstance(number, bool):
            return -number
        case ListExpr(items):
            values = [literal(item) for item in items]
            return WRONG if WRONG in values else values
        case RecordExpr(entries):
            found = {entry.key: literal(entry.value) for entry in entries}
            return WRONG if WRONG in found.values() else found
        case _:
            return WRONG


def _scalar(file: File, expr: Expr, shape: Scalar) -> Any:
    value = literal(expr)
    if value is WRONG:
        return _mismatch(file, expr, shape)
    match shape.name:
        case "text" | "key":
            return (
                _within(file, expr, value, len(value), shape.range, shape)
                if isinstance(value, str)
                else _mismatch(file, expr, shape)
            )
        case "int":
            whole = isinstance(value, int) and not isinstance(value, bool)
            return _within(file, expr, value, value, shape.range, shape) if whole else _mismatch(file, expr, shape)
        case "float":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return _within(file, expr, value, value, shape.range, shape) if number else _mismatch(file, expr, shape)
        case "bool":
            return value if isinstance(value, bool) else _mismatch(file, expr, shape)
        case "json":
            return value
        case "image" | "audio" | "file" | "secret":
            return _mismatch(file, expr, shape)


def _named(file: File, expr: Expr, definition: EnumDef | RecordDef, shape: Shape) -> Any:
    if isinstance(definition, EnumDef):
        label = expr.name if isinstance(expr, Ref) else _plain(expr)
        labels = [name for name, _ in definition.labels]
        if label in labels:
            file.note(expr.span, Part(definition.id, str(label)))
            return label
        if label is None:
            return _mismatch(file, expr, shape)
        file.miss("E0211", label, expr.span, labels, enum=definition.id)
        return WRONG
    if not isinstance(expr, RecordExpr):
        return _mismatch(file, expr, shape)
    return _record(file, expr, definition)


def _record(file: File, expr: RecordExpr, definition: RecordDef) -> Any:
    values: dict[str, Any] = {}
    for entry in expr.entries:
        field = definition.field(entry.key)
        if field is None:
            file.miss("E0105", entry.key, entry.key_span, [f.name for f in definition.fields], shape=definition.id)
            return WRONG
        file.note(entry.key_span, Part(definition.id, entry.key))
        values[entry.key] = constant(file, entry.value, field.shape)
    absent = [f.name for f in definition.fields if f.name not in values and f.default is None]
    if absent:
        file.say(
            "E0204",
            expr.span,
            file.span_of(definition.id),
            wanted=definition.id,
            absent=", ".join(absent),
            got="this record",
        )
        return WRONG
    return WRONG if WRONG in values.values() else values


def _option(file: File, expr: Expr, options: tuple[Shape, ...], shape: Shape) -> Any:
    """The first option that takes the constant; what the others would say is of no use to anyone."""
    before = len(file.found)
    for option in options:
        value = constant(file, expr, option)
        file.forget(before)
        if value is not WRONG:
            return value
    return _mismatch(file, expr, shape)


def _within(file: File, expr: Expr, value: Any, size: float, bounds: Range | None, shape: Shape) -> Any:
    low = bounds.low if bounds else None
    high = bounds.high if bounds else None
    if (low is None or size >= low) and (high is None or size <= high):
        return value
    file.say("E0215", expr.span, shape=spell(shape))
    return WRONG


def _mismatch(file: File, expr: Expr, shape: Shape) -> _Wrong:
    file.say("E0202/constant", expr.span, wanted=spell(shape))
    return WRONG


def _is_null(expr: Expr) -> bool:
    return isinstance(expr, Constant) and expr.value is None


def _plain(expr: Expr) -> str | None:
    value = literal(expr)
    return value if isinstance(value, str) else None
