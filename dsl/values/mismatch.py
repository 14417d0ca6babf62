"""What is wrong with one value for its shape, said so that a model (or its user) can put it right.

A look at one level only: whether the parts of a list or record fit is asked of each part.
"""

from collections.abc import Mapping
from sys import float_info
from typing import Any

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
    TypeDef,
    UnionOf,
)
from msrun.dsl.values.plain import EvaluationError, compact, is_list, is_number, is_record

_SHOWN = 60
"""Characters of a value that a message repeats."""


def mismatch(value: Any, shape: Shape, types: Mapping[str, TypeDef]) -> str | None:
    """Return what is wrong (`expected a whole number, got 'abc'`), or None where the value itself fits."""
    match shape:
        case Scalar():
            return _scalar(value, shape)
        case Maybe(item):
            return None if value is None else mismatch(value, item, types)
        case CellOf(_, item) | NotedOf(item) | PiiOf(item):
            return mismatch(value, item, types)
        case ListOf(_, bounds):
            fits = is_list(value)
            return _range(len(value), bounds, "item") if fits and bounds else _unless(value, shape, types, fits=fits)
        case MapOf():
            return _unless(value, shape, types, fits=is_record(value))
        case Just(text):
            return _unless(value, shape, types, fits=type(value) is str and value == text)
        case RefTo():
            return _unless(value, shape, types, fits=type(value) is str and value != "")
        case Named(id_):
            return _unless(value, shape, types, fits=_is_named(value, types[id_]))
        case UnionOf(options):
            fits = any(mismatch(value, option, types) is None for option in options)
            return _unless(value, shape, types, fits=fits)
        case Opaque():
            return f"expected {shape.what}, which no reply can give"


def expected(shape: Shape, types: Mapping[str, TypeDef]) -> str:
    """Say what a value of this shape is: `a whole number`, `one of sport, politics`, `a list` …"""
    match shape:
        case Scalar(name):
            return _SCALARS.get(name, f"the text of {name}")
        case ListOf(item):
            return f"a list, each item {expected(item, types)}" if not isinstance(item, ListOf) else "a list of lists"
        case MapOf():
            return "an object"
        case Maybe(item):
            return f"{expected(item, types)} or null"
        case UnionOf(options):
            return " or ".join(expected(option, types) for option in options)
        case Just(value):
            return f'"{value}"'
        case RefTo(record):
            return f"the id of one {record}"
        case Named(id_):
            return _named(types[id_])
        case CellOf(_, item) | NotedOf(item) | PiiOf(item):
            return expected(item, types)
        case Opaque(what):
            return what


def shown(value: Any) -> str:
    """Repeat a value in a message, at most 60 characters of it."""
    try:
        text = repr(value) if type(value) is str else ("null" if value is None else compact(value))
    except EvaluationError:
        return "something that is no JSON"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


_SCALARS = {
    "text": "a text",
    "key": "a short text that names it",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "json": "any JSON",
}


def _scalar(value: Any, shape: Scalar) -> str | None:
    match shape.name:
        case "json":
            return None
        case "int":
            fits = type(value) is int
        case "float":
            fits = is_number(value) and abs(value) <= float_info.max
        case "bool":
            fits = type(value) is bool
        case "text" | "key" | "image" | "audio" | "file" | "secret":
            fits = type(value) is str and (value != "" or shape.name != "key")
    if not fits:
        return _unless(value, shape, {}, fits=False)
    if shape.range is None:
        return None
    size, noun = (len(value), "character") if isinstance(value, str) else (value, "")
    return _range(size, shape.range, noun)


def _range(size: float, bounds: Range, noun: str) -> str | None:
    low = bounds.low is not None and size < bounds.low
    if not low and (bounds.high is None or size <= bounds.high):
        return None
    limit = f"at least {bounds.low:g}" if low else f"at most {bounds.high:g}"
    if not noun:
        return f"is {shown(size)}, must be {limit}"
    plural = noun if size == 1 else noun + "s"
    return f"has {size} {plural}, must have {limit}"


def _unless(value: Any, shape: Shape, types: Mapping[str, TypeDef], *, fits: bool) -> str | None:
    return None if fits else f"expected {expected(shape, types)}, got {shown(value)}"


def _is_named(value: Any, declared: TypeDef) -> bool:
    if isinstance(declared, EnumDef):
        return type(value) is str and any(value == label for label, _ in declared.labels)
    return is_record(value)


def _named(declared: TypeDef) -> str:
    if isinstance(declared, RecordDef):
        fields = ", ".join(field.name for field in declared.fields)
        return f"an object with {fields}" if fields else "an empty object"
    return "one of " + ", ".join(label for label, _ in declared.labels)
