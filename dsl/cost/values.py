"""What is known of the size of values before they exist: of inputs and nodes by name, of expressions over them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from msrun.dsl.cost.extent import ANY, NONE, ONE, Extent, between
from msrun.dsl.cost.sizes import MARKS, NUMBER, Types, length_of, shape_tokens, text_tokens
from msrun.dsl.plan import FragmentSpec
from msrun.dsl.shapes import CellOf, ListOf, Maybe, Named, NotedOf, PiiOf, RecordDef, Shape, bare
from msrun.dsl.tree import (
    Binary,
    Call,
    Constant,
    Expr,
    Get,
    Hole,
    Index,
    ListExpr,
    Pipe,
    RecordExpr,
    Ref,
    Text,
    Unary,
)

SAME_LENGTH = ("map", "numbered", "bullets", "each")
"""Filters that keep the number of items; texts made of a list count as that list."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value: how many tokens it prints as, how many items it has where it is a list, and its shape where known."""

    size: Extent
    length: Extent = ANY
    shape: Shape | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for, with the fragments and types that expressions use."""

    values: Mapping[str, Known]
    types: Types
    fragments: Mapping[str, FragmentSpec]

    def bound(self, **values: Known) -> "Names":
        """Return the names with further ones."""
        return replace(self, values={**self.values, **values})


UNKNOWN = Known(ANY)


def of_shape(shape: Shape, types: Types, most: Extent = ANY) -> Known:
    """Return a value of which the shape is known, and that it has at most so many tokens."""
    size = shape_tokens(shape, types)
    capped = Extent(size.low, min(size.usual, most.usual), min(size.high, most.high))
    return Known(capped, _length(shape), shape)


def size_of(expr: Expr, names: Names) -> Extent:
    """Return how many tokens an expression's value prints as."""
    return known(expr, names).size


def known(expr: Expr | None, names: Names, level: int = 0) -> Known:
    """Return what is known of an expression's value. Fragments that use each other are followed to a depth."""
    if level > 40:
        return UNKNOWN
    match expr:
        case None:
            return Known(NONE)
        case Constant(value):
            number = value if isinstance(value, int) and not isinstance(value, bool) else None
            return Known(text_tokens("" if value is None else str(value)), number=number)
        case Ref(name):
            return names.values.get(name, Known(text_tokens(name)))  # a label stands for itself
        case Text(parts):
            return Known(_text(parts, names, level))
        case Get(base, attr):
            return _part(known(base, names, level + 1) if base is not None else UNKNOWN, attr, names)
        case Index(base, _):
            return _item(known(base, names, level + 1), names)
        case Call():
            return Known(_called(expr, names, level))
        case Pipe():
            return _filtered(expr, names, level)
        case ListExpr(items):
            size = _total([known(item, names, level + 1).size + MARKS for item in items])
            return Known(size, between(len(items), len(items)))
        case RecordExpr(entries):
            return Known(_total([text_tokens(e.key) + MARKS + known(e.value, names, level + 1).size for e in entries]))
        case Unary():
            return Known(NUMBER)
        case Binary(_, left, right):
            return Known((known(left, names, level + 1).size + known(right, names, level + 1).size + NUMBER).maybe())
        case _:
            assert_never(expr)


def _text(parts: tuple[str | Hole, ...], names: Names, level: int) -> Extent:
    # words on both sides of a hole may be joined to what stands in it
    holes = sum(isinstance(part, Hole) for part in parts)
    total = _total([text_tokens(p) if isinstance(p, str) else known(p.expr, names, level + 1).size for p in parts])
    return replace(total, low=max(0, total.low - 2 * holes))


def _part(base: Known, attr: str, names: Names) -> Known:
    shape = base.shape
    while isinstance(shape, Maybe | NotedOf | PiiOf):
        shape = shape.value if isinstance(shape, NotedOf) else shape.item
    most = replace(base.size, low=0)
    if isinstance(shape, CellOf):
        if attr == "index":
            return Known(NUMBER)
        return of_shape(shape.item if attr == "item" else shape.value, names.types, most)
    record = names.types.get(shape.id) if isinstance(shape, Named) else None
    field = record.field(attr) if isinstance(record, RecordDef) else None
    return Known(most) if field is None else of_shape(field.shape, names.types, most)


def _item(base: Known, names: Names) -> Known:
    shape = base.shape
    while isinstance(shape, Maybe | NotedOf | PiiOf):
        shape = shape.value if isinstance(shape, NotedOf) else shape.item
    most = replace(base.size, low=0)
    return of_shape(shape.item, names.types, most) if isinstance(shape, ListOf) else Known(most)


def item_of(value: Known, names: Names) -> Known:
    """Return one item of a list."""
    return _item(value, names)


def _called(call: Call, names: Names, level: int) -> Extent:
    fragment = names.fragments.get(call.callee.name) if isinstance(call.callee, Ref) else None
    args = [known(arg.value, names, level + 1) for arg in call.args]
    if fragment is None:
        return replace(_total([arg.size for arg in args]) + ANY, low=0)
    given = {param.name: arg for param, arg in zip(fragment.params, args, strict=False)}
    given |= {str(arg.name): value for arg, value in zip(call.args, args, strict=True) if arg.name}
    return _text(fragment.text.parts, replace(names, values=given), level + 1)


def _filtered(pipe: Pipe, names: Names, level: int) -> Known:
    base = known(pipe.base, names, level + 1)
    args = [known(arg.value, names, level + 1) for arg in pipe.args or ()]
    length = base.length if pipe.filter in SAME_LENGTH else base.length.maybe()
    items = base.length if base.length != ANY else between(0, base.size.high)
    match pipe.filter, pipe.args:
        case "each", args_ if args_ and isinstance(args_[0].value, Ref) and args_[0].value.name in names.fragments:
            fragment = names.fragments[args_[0].value.name]
            written = _total([text_tokens(part) for part in fragment.text.parts if isinstance(part, str)])
            holes = sum(isinstance(part, Hole) for part in fragment.text.parts)
            seen = base.size * between(0, max(1, holes))
            return Known(replace(items * (written + MARKS) + seen, low=0), length)
        case "default", _:
            return replace(base, size=base.size.either(args[0].size) if args else base.size)
        case "map", _:
            return Known(base.size.maybe(), length)
        case "all" | "any" | "contains" | "count" | "length", _:
            return Known(NUMBER)
        case _:
            more = _total([arg.size for arg in args])
            return Known(replace(base.size + items * (MARKS + more), low=0), length, None)


def _length(shape: Shape) -> Extent:
    low = ONE
    while isinstance(shape, Maybe | CellOf | NotedOf | PiiOf):
        low = NONE if isinstance(shape, Maybe) else low
        shape = shape.item if isinstance(shape, Maybe) else bare(shape)
    if not isinstance(shape, ListOf):
        return ANY
    length = length_of(shape)
    return length if low == ONE else length.maybe()


def _total(parts: list[Extent]) -> Extent:
    total = NONE
    for part in parts:
        total += part
    return total
