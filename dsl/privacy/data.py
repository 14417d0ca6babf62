"""What is known of a value while a plan is read for personal data: its shape, and how what is personal came into it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from msrun.dsl.shapes import (
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
    PiiOf,
    RecordDef,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
)
from msrun.dsl.source import NOWHERE, Span

Types: TypeAlias = Mapping[str, TypeDef]


class Step(NamedTuple):
    """One place that personal data passes: the input, field or tool it comes from, a node that is made of it."""

    what: Literal["input", "field", "node"]
    name: str
    span: Span = NOWHERE


Trace: TypeAlias = tuple[Step, ...]
"""How personal data came to a place, from where it came in."""


@dataclass(frozen=True, slots=True)
class Data:
    """One value. `trace` is there where everything in it is personal, whatever its shape says.

    `source` is how the value itself came here: the beginning of the trace of a part that its type calls personal.
    `item` is what a cell (of a list: every cell) stands for, `fields` what is known of single fields. `cleared`: it
    was said that it may leave.
    """

    shape: Shape
    trace: Trace | None = None
    source: Trace = ()
    item: "Data | None" = None
    cleared: bool = False
    fields: "tuple[tuple[str, Data], ...]" = ()

    def through(self, step: Step, shape: Shape | None = None) -> "Data":
        """Return the same data under a name of its own."""
        return replace(
            self,
            shape=self.shape if shape is None else shape,
            trace=None if self.trace is None else (*self.trace, step),
            source=(*self.source, step),
        )


def clean(shape: Shape) -> Data:
    """Return data in which nothing is personal but what its type says."""
    return Data(shape)


def personal(data: Data, types: Types) -> Trace | None:
    """Return how personal data came into a value, None where nothing of it is personal.

    One of few words of the file itself (a label, true or false) can hold nothing about a person.
    """
    if data.cleared or is_closed(data.shape, types):
        return None
    if data.trace is not None:
        return data.trace
    inside = (personal(each, types) for _, each in data.fields)
    kept = next((trace for trace in inside if trace is not None), None)
    if kept is not None:
        return kept
    field = _marked(data.shape, types, frozenset())
    if field is None:
        return None
    return (*data.source, Step("field", field)) if field else data.source or (Step("input", ""),)


def made_of(shape: Shape, *parts: Data, types: Types) -> Data:
    """Return what is made of other values: personal where one of them is."""
    traces = (personal(part, types) for part in parts)
    return Data(shape, next((trace for trace in traces if trace is not None), None))


def either(left: Data, right: Data, types: Types) -> Data:
    """Return what is one of two values."""
    if left.shape == right.shape and left.cleared == right.cleared:
        item = left.item if right.item is None else right.item
        return replace(left, trace=left.trace or right.trace, source=left.source or right.source, item=item)
    return made_of(left.shape, left, right, types=types)


def element(data: Data) -> Data:
    """Return an item of a list, or a value of a map."""
    shape = _bare(data.shape)
    inner = shape.item if isinstance(shape, ListOf | MapOf) else JSON
    return replace(data, shape=inner)


def part(data: Data, name: str, types: Types) -> Data:
    """Return a field of a value, or of the value of a cell; one of the four of a cell itself; or a note."""
    shape, known = data.shape, dict(data.fields).get(name)
    if known is not None:
        return known
    data = replace(data, fields=())
    if isinstance(shape, CellOf):
        if name == "item":
            return data.item or clean(shape.item)
        if name in ("index", "status"):
            return clean(INT if name == "index" else TEXT)
        data = replace(data, shape=shape.value, item=None)
        if name == "value":
            return data
        shape = shape.value
    while isinstance(shape, Maybe | PiiOf):
        shape = shape.item
    if isinstance(shape, NotedOf):
        note = dict(shape.notes).get(name)
        if note is not None:  # a map of answers holds what was answered, a number of them does not
            return replace(data, shape=note) if isinstance(note, MapOf) else clean(note)
    found = _field(_bare(shape), name, types)
    return replace(data, shape=found, source=(*data.source, Step("field", name)) if _pii(found) else data.source)


def _pii(shape: Shape) -> bool:
    return isinstance(shape, PiiOf) or (isinstance(shape, Maybe) and isinstance(shape.item, PiiOf))


def _field(shape: Shape, name: str, types: Types) -> Shape:
    record = types.get(shape.id) if isinstance(shape, Named) else None
    field = record.field(name) if isinstance(record, RecordDef) else None
    if field is not None:
        return field.shape
    return shape.item if isinstance(shape, MapOf) else JSON


def _bare(shape: Shape) -> Shape:
    """Cells, notes, nulls and marks of personal data taken off."""
    while isinstance(shape, CellOf | NotedOf | PiiOf | Maybe):
        shape = shape.value if isinstance(shape, CellOf | NotedOf) else shape.item
    return shape


def is_closed(shape: Shape, types: Types) -> bool:
    """Whether every value of a shape stands in the file itself: labels, literals, true and false."""
    match shape:
        case Scalar(name):
            return name == "bool"
        case Just():
            return True
        case Named(id_):
            return isinstance(types.get(id_), EnumDef)
        case UnionOf(options):
            return all(is_closed(option, types) for option in options)
        case ListOf(item) | Maybe(item) | CellOf(_, item) | NotedOf(item):
            return is_closed(item, types)
        case _:
            return False


def is_marked(shape: Shape, types: Types) -> bool:
    """Whether something in a shape is written as personal data."""
    return _marked(shape, types, frozenset()) is not None


def _marked(shape: Shape, types: Types, seen: frozenset[str]) -> str | None:
    """Return the field that is marked as personal, an empty text where the value itself is, None where nothing is."""
    match shape:
        case PiiOf():
            return ""
        case ListOf(item) | MapOf(item) | Maybe(item) | CellOf(_, item) | NotedOf(item):
            return _marked(item, types, seen)
        case UnionOf(options):
            found = (_marked(option, types, seen) for option in options)
            return next((each for each in found if each is not None), None)
        case Named(id_) if id_ not in seen:
            record = types.get(id_)
            for field in record.fields if isinstance(record, RecordDef) else ():
                inside = _marked(field.shape, types, seen | {id_})
                if inside is not None:
                    return f"{id_}.{field.name}" if not inside or "." not in inside else inside
            return None
        case _:
            return None
