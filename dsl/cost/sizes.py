"""How many tokens a text or a value of a shape may have, without any tokenizer.

A token of the tokenizers in use never spans two words, so words are a lower bound. It is at least one byte of UTF-8,
so bytes are an upper bound. Most texts have three to five bytes a token; two are taken where no call fails.
"""

from collections.abc import Mapping
from math import inf

from msrun.dsl.cost.extent import ANY, NONE, Extent, between
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
    RecordDef,
    RefTo,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
    bare,
)

BYTES_PER_TOKEN = 2
"""Of a text as it is counted where no call fails; the true figure is nearly always larger."""

TOKENS_PER_CHARACTER = 2
"""At most, of a text of which only the length is known."""

IMAGE = Extent(1, 1_600, 6_000)
"""Tokens of an image: from a thumbnail to what the costliest servers count for a large one."""

MESSAGE = Extent(0, 16, 64)
"""Tokens around the text of a message."""

NUMBER = between(1, 24)
MARKS = between(0, 6)
"""Quotes, commas and brackets around one part of a JSON text."""

Types = Mapping[str, TypeDef]


def text_tokens(text: str) -> Extent:
    """Return how many tokens a known text has."""
    size = len(text.encode("utf-8", "replace"))
    return Extent(len(text.split()), -(-size // BYTES_PER_TOKEN), size)


def shape_tokens(shape: Shape, types: Types, inside: frozenset[str] = frozenset()) -> Extent:
    """Return how many tokens a value of the shape has, printed or as JSON; a type that holds itself is unbounded."""
    match shape:
        case Scalar("text" | "key", bounds):
            most = bounds.high if bounds is not None else None
            return ANY if most is None else between(0, most * TOKENS_PER_CHARACTER)
        case Scalar("int" | "float" | "bool"):
            return NUMBER
        case Scalar("image"):
            return IMAGE
        case Scalar("secret"):
            return NONE
        case Scalar() | MapOf() | RefTo() | Opaque():
            return ANY
        case Just(value):
            return text_tokens(value)
        case Maybe(item):
            return shape_tokens(item, types, inside).maybe()
        case CellOf() | NotedOf() | PiiOf():
            return shape_tokens(bare(shape), types, inside)
        case UnionOf(options):
            sizes = [shape_tokens(option, types, inside) for option in options]
            return Extent(min(s.low for s in sizes), max(s.usual for s in sizes), max(s.high for s in sizes))
        case ListOf(item):
            return length_of(shape) * (shape_tokens(item, types, inside) + MARKS)
        case Named(id_):
            return ANY if id_ in inside else _declared_tokens(types.get(id_), types, inside | {id_})


def length_of(shape: ListOf) -> Extent:
    """Return how many items a list of the shape has."""
    low, high = (shape.range.low, shape.range.high) if shape.range is not None else (None, None)
    return between(low or 0, inf if high is None else high)


def schema_tokens(shape: Shape, types: Types) -> Extent:
    """Return how many tokens telling a model the shape takes; none for a text."""
    fields = sum(1 for _ in _fields(shape, types, set()))
    words = "".join(_fields(shape, types, set()))
    said = text_tokens(words)
    return Extent(0, said.usual + 40 * fields, said.high + 120 * fields) if fields else NONE


def _declared_tokens(declared: TypeDef | None, types: Types, inside: frozenset[str]) -> Extent:
    if isinstance(declared, EnumDef):
        sizes = [text_tokens(label) for label, _ in declared.labels]
        return between(1, max((size.high for size in sizes), default=1))
    if declared is None:
        return ANY
    total = NONE
    for part in declared.fields:
        own = shape_tokens(part.shape, types, inside)
        total += (own if part.default is None else own.maybe()) + text_tokens(part.name).maybe() + MARKS
    return total


def _fields(shape: Shape, types: Types, seen: set[str]) -> "list[str]":
    """Return the names and descriptions of all parts of a shape that a schema tells."""
    match shape:
        case Scalar("text" | "key" | "secret", None):
            return []
        case ListOf(item) | MapOf(item) | Maybe(item):
            return ["list", *_fields(item, types, seen)]
        case UnionOf(options):
            return [part for option in options for part in ("option", *_fields(option, types, seen))]
        case Named(id_) if id_ in seen:
            return []
        case Named(id_):
            seen.add(id_)
            declared = types.get(id_)
            if isinstance(declared, RecordDef):
                own = [f"{part.name} {part.description}" for part in declared.fields]
                return own + [part for f in declared.fields for part in _fields(f.shape, types, seen)]
            return [f"{label} {said}" for label, said in declared.labels] if declared is not None else []
        case _:
            return [getattr(shape, "value", "value")]
