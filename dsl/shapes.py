"""Shapes: what a value looks like. A type expression resolves to a shape; `schema` makes pydantic models of shapes."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

ScalarName: TypeAlias = Literal["text", "int", "float", "bool", "json", "key", "image", "audio", "file", "secret"]


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive bounds: of a number's value, a text's code points or a list's items. None is open."""

    low: int | float | None = None
    high: int | float | None = None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A built-in type without parts. `key` is a text that names its record within a list."""

    name: ScalarName
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class ListOf:
    """`list<item>`."""

    item: "Shape"
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class MapOf:
    """`map<item>`: text keys."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Maybe:
    """`item?`: the value may be null."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class UnionOf:
    """`A | B`, tried from left to right."""

    options: tuple["Shape", ...]


@dataclass(frozen=True, slots=True)
class Just:
    """A literal type: exactly this text."""

    value: str


@dataclass(frozen=True, slots=True)
class RefTo:
    """`ref<T>`: the key of a T of the same list."""

    record: str


@dataclass(frozen=True, slots=True)
class Named:
    """A declared record or enum, looked up by its id in the plan's type table (so that types may be recursive)."""

    id: str


@dataclass(frozen=True, slots=True)
class CellOf:
    """A cell of a fan-out: `.item .value .index .status`; read as its value where a value is expected."""

    item: "Shape"
    value: "Shape"


@dataclass(frozen=True, slots=True)
class NotedOf:
    """A value with what its node says about it, such as `.share` of a vote; read as the value where one is expected."""

    value: "Shape"
    notes: tuple[tuple[str, "Shape"], ...]


@dataclass(frozen=True, slots=True)
class PiiOf:
    """`pii<item>`: personal data, which no model outside may see. It is checked and printed as what it holds."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that is no value of a prompt: a model, a plan, a dataset, a checkpoint …"""

    what: str


Shape: TypeAlias = Scalar | ListOf | MapOf | Maybe | UnionOf | Just | RefTo | Named | CellOf | NotedOf | PiiOf | Opaque


def bare(shape: Shape) -> Shape:
    """Return what a cell, a value with notes or personal data is read as; other shapes as they are."""
    while isinstance(shape, CellOf | NotedOf | PiiOf):
        shape = shape.item if isinstance(shape, PiiOf) else shape.value
    return shape


def core(shape: Shape) -> Shape:
    """Return what a value is where it is not null, read as `bare` does."""
    while isinstance(shape, CellOf | NotedOf | PiiOf | Maybe):
        shape = shape.item if isinstance(shape, Maybe) else bare(shape)
    return shape


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of a record. `default` is JSON text, or None where the field is required."""

    name: str
    shape: Shape
    description: str = ""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class RecordDef:
    """A declared record type."""

    id: str
    fields: tuple[RecordField, ...]

    @property
    def key(self) -> str | None:
        """The name of the field typed `key`, or None."""
        return next((f.name for f in self.fields if f.shape == Scalar("key")), None)

    def field(self, name: str) -> RecordField | None:
        """Return the field of this name, or None."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class EnumDef:
    """A declared enum: labels with their descriptions."""

    id: str
    labels: tuple[tuple[str, str], ...]


TypeDef: TypeAlias = RecordDef | EnumDef

TEXT = Scalar("text")
INT = Scalar("int")
FLOAT = Scalar("float")
BOOL = Scalar("bool")
JSON = Scalar("json")


def spell(shape: Shape) -> str:
    """Write a shape as the language writes it, for messages and drawings: `list<text[..80]>`."""
    match shape:
        case Scalar(name, bounds):
            return name + _spell_range(bounds)
        case ListOf(item, bounds):
            return f"list<{spell(item)}>" + _spell_range(bounds)
        case MapOf(item):
            return f"map<{spell(item)}>"
        case Maybe(item):
            return f"{spell(item)}?"
        case UnionOf(options):
            return " | ".join(map(spell, options))
        case Just(value):
            return f'"{value}"'
        case RefTo(record):
            return f"ref<{record}>"
        case Named(id_):
            return id_
        case CellOf(_, value):
            return f"cell<{spell(value)}>"
        case NotedOf(value):
            return spell(value)
        case PiiOf(item):
            return f"pii<{spell(item)}>"
        case Opaque(what):
            return what


def _spell_range(bounds: Range | None) -> str:
    if bounds is None:
        return ""
    low = "" if bounds.low is None else f"{bounds.low:g}"
    high = "" if bounds.high is None else f"{bounds.high:g}"
    return f"[{low}..{high}]"
