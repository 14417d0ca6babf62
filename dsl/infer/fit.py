"""Whether a value of one shape may stand where another is wanted. Cells are read as values, records by fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from msrun.dsl.check.names import UNKNOWN, File
from msrun.dsl.shapes import (
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
    NotedOf,
    Opaque,
    RecordDef,
    RefTo,
    Scalar,
    Shape,
    UnionOf,
    bare,
    core,
)
from msrun.dsl.values import filter_shapes

Pairs: TypeAlias = set[tuple[str, str]]
"""Pairs of records already being compared: what is wrong with one is said once, and recursive types end."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a shape does not fit: another type, a value that may be null, or fields that are not there."""

    why: Literal["type", "null", "fields"]
    fields: tuple[str, ...] = ()


TYPE = Misfit("type")
NULL = Misfit("null")


def plain(shape: Shape) -> Shape:
    """Return what a cell, a value with notes or personal data is read as; other shapes as they are."""
    return bare(shape)


def as_values(shape: Shape) -> Shape:
    """Return a shape with its cells read as their values."""
    match shape:
        case CellOf(_, value) | NotedOf(value):
            return as_values(value)
        case ListOf(item, bounds):
            return ListOf(as_values(item), bounds)
        case MapOf(item):
            return MapOf(as_values(item))
        case Maybe(item):
            return Maybe(as_values(item))
        case UnionOf(options):
            return UnionOf(tuple(map(as_values, options)))
        case _:
            return shape


def misfit(file: File, given: Shape, wanted: Shape, pairs: Pairs | None = None) -> Misfit | None:
    """Return why `given` cannot stand where `wanted` is, None where it can. Ranges are checked when values exist."""
    given, wanted = plain(given), plain(wanted)
    if given in (wanted, UNKNOWN) or wanted == UNKNOWN:
        return None
    pairs = set() if pairs is None else pairs
    if isinstance(wanted, Maybe):
        return misfit(file, given.item if isinstance(given, Maybe) else given, wanted.item, pairs)
    if isinstance(given, Maybe):
        return None if wanted == JSON else misfit(file, given.item, wanted, pairs) or NULL
    if isinstance(given, UnionOf):
        return next((m for option in given.options if (m := misfit(file, option, wanted, pairs))), None)
    if isinstance(wanted, UnionOf):
        return None if any(misfit(file, given, option, pairs) is None for option in wanted.options) else TYPE
    return _simple(file, given, wanted, pairs)


def _simple(file: File, given: Shape, wanted: Shape, pairs: Pairs) -> Misfit | None:
    match wanted:
        case Scalar("json"):
            return TYPE if isinstance(given, Opaque) or _is(given, "secret", "image", "audio", "file") else None
        case Scalar("text"):
            return None if is_text(file, given) or _is(given, "json") else TYPE
        case Scalar("float"):
            return None if _is(given, "float", "int", "json") else TYPE
        case Scalar(name):
            return None if _is(given, name, "json") else TYPE
        case ListOf(item):
            return misfit(file, given.item, item, pairs) if isinstance(given, ListOf) else _from_json(given)
        case MapOf(item):
            return _map(file, given, item, pairs)
        case Just() | RefTo():
            return None if is_text(file, given) and not isinstance(given, Just) else TYPE
        case Named(id_):
            return _named(file, given, file.types[id_], pairs)
        case _:
            return TYPE


def _from_json(given: Shape) -> Misfit | None:
    return None if _is(given, "json") else TYPE


def _map(file: File, given: Shape, item: Shape, pairs: Pairs) -> Misfit | None:
    if isinstance(given, MapOf):
        return misfit(file, given.item, item, pairs)
    record = file.record(given.id) if isinstance(given, Named) else None
    if record is None:
        return _from_json(given)
    return next((m for field in record.fields if (m := misfit(file, field.shape, item, pairs))), None)


def _named(file: File, given: Shape, wanted: RecordDef | EnumDef, pairs: Pairs) -> Misfit | None:
    if isinstance(wanted, EnumDef):
        labels = {label for label, _ in wanted.labels}
        fits = given.value in labels if isinstance(given, Just) else _is(given, "json")
        return None if fits else TYPE
    record = file.record(given.id) if isinstance(given, Named) else None
    if record is None:
        return _from_json(given)
    if (record.id, wanted.id) in pairs:
        return None
    pairs.add((record.id, wanted.id))
    absent = tuple(_absent(file, record, wanted, pairs))
    return Misfit("fields", absent) if absent else None


def _absent(file: File, given: RecordDef, wanted: RecordDef, pairs: Pairs) -> Iterator[str]:
    for field in wanted.fields:
        own = given.field(field.name)
        if own is None:
            if field.default is None:
                yield field.name
        elif misfit(file, own.shape, field.shape, pairs) is not None:
            yield field.name


def is_text(file: File, shape: Shape) -> bool:
    """Whether values of this shape are texts: text, key, ref, enum, literals and unions of them."""
    return filter_shapes.is_text(plain(shape), file.types)


def _is(shape: Shape, *names: str) -> bool:
    return isinstance(shape, Scalar) and shape.name in names


def item_of(shape: Shape) -> Shape | None:
    """Return what the items of a list are (cells stay cells), json for json, None for anything else."""
    shape = plain(shape)
    if isinstance(shape, ListOf):
        return shape.item
    return shape if shape in (JSON, UNKNOWN) else None


def enum_of(file: File, shape: Shape) -> EnumDef | None:
    """Return the enum that a shape is, null or not, or None."""
    shape = inner(shape)
    found = file.types.get(shape.id) if isinstance(shape, Named) else None
    return found if isinstance(found, EnumDef) else None


def inner(shape: Shape) -> Shape:
    """Return what a value is where it is not null; cells are read as their values."""
    return core(shape)


def common(file: File, shapes: list[Shape]) -> Shape:
    """Return the shape of a list's items: theirs where they agree, text where all are texts, else json."""
    kinds = [plain(shape) for shape in shapes if plain(shape) != UNKNOWN]
    if not kinds:
        return UNKNOWN
    first = kinds[0]
    if all(kind == first for kind in kinds):
        return first
    if all(is_text(file, kind) for kind in kinds):
        return TEXT
    return FLOAT if all(kind in (INT, FLOAT) for kind in kinds) else JSON


def agreed(file: File, shapes: list[Shape]) -> tuple[Shape, int | None]:
    """Return the shape that values of all these shapes have, or unknown and which of them does not go with the first.

    It is one of them, or one of them that may be null.
    """
    inside = [inner(shape) for shape in shapes]
    known = [shape for shape in inside if shape != UNKNOWN]
    for wanted in known:
        if all(misfit(file, shape, wanted) is None for shape in known):
            null = any(isinstance(plain(shape), Maybe) for shape in shapes)
            return (Maybe(wanted) if null else wanted), None
    if not known:
        return (shapes[0] if shapes else UNKNOWN), None
    odd = (at for at, shape in enumerate(inside) if misfit(file, shape, known[0]) is not None)
    return UNKNOWN, next(odd, None)
