"""Which shapes a filter takes and what comes out of it: rules for the checker, one or two for every filter.

A rule gets the input's shape (never a cell's), the arguments' shapes and the types by id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from msrun.dsl.shapes import (
    BOOL,
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
    PiiOf,
    RecordDef,
    RefTo,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
    bare,
    core,
)

Types: TypeAlias = Mapping[str, TypeDef]


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a filter does not fit: what it wants instead, of its input or (`argument`, from 0) of an argument."""

    wants: str
    argument: int | None = None


Rule: TypeAlias = Callable[[Shape, tuple[Shape, ...], Types], "Shape | Misfit"]


def items_of(shape: Shape) -> Shape | None:
    """Return what the elements of a list are (cells stay cells), json for json, None where it is no list."""
    shape = core(shape)
    if isinstance(shape, ListOf):
        return shape.item
    return JSON if shape == JSON else None


def is_text(shape: Shape, types: Types) -> bool:
    """Whether values of this shape are texts: text, key, ref, enum, literals and unions of them."""
    match shape:
        case Scalar(name):
            return name in ("text", "key")
        case Just() | RefTo():
            return True
        case Named(id_):
            return isinstance(types.get(id_), EnumDef)
        case UnionOf(options):
            return all(is_text(option, types) for option in options)
        case CellOf(_, item) | NotedOf(item) | PiiOf(item):
            return is_text(item, types)
        case _:
            return False


def is_printable(shape: Shape) -> bool:
    """Whether a hole can print values of this shape, were they not null."""
    match shape:
        case Scalar(name):
            return name not in ("image", "audio", "file", "secret")
        case ListOf(item) | MapOf(item) | Maybe(item) | CellOf(_, item) | NotedOf(item) | PiiOf(item):
            return is_printable(item)
        case UnionOf(options):
            return all(map(is_printable, options))
        case Opaque():
            return False
        case _:
            return True


def from_list(result: Shape) -> Rule:
    """Any list gives this."""

    def rule(given: Shape, _args: tuple[Shape, ...], _types: Types) -> Shape | Misfit:
        return Misfit("a list") if items_of(given) is None else result

    return rule


def printed_list(given: Shape, args: tuple[Shape, ...], types: Types) -> Shape | Misfit:
    """`numbered bullets join`: a list whose items print."""
    item = items_of(given)
    if item is None or not is_printable(item):
        return Misfit("a list of values that print as text")
    return Misfit("a text", argument=0) if args and not _text_or_json(args[0], types) else TEXT


def rendered(given: Shape, args: tuple[Shape, ...], types: Types) -> Shape | Misfit:
    """`each(fragment, separator)`: any list; whether its items fill the fragment is asked of the fragment."""
    if items_of(given) is None:
        return Misfit("a list")
    return Misfit("a text", argument=1) if len(args) > 1 and not _text_or_json(args[1], types) else TEXT


def printed(given: Shape, _args: tuple[Shape, ...], _types: Types) -> Shape | Misfit:
    """`json`: whatever can be printed."""
    return TEXT if is_printable(given) else Misfit("a value that prints as text")


def cleaned(given: Shape, _args: tuple[Shape, ...], types: Types) -> Shape | Misfit:
    """`lower upper trim`: a text."""
    return TEXT if _text_or_json(given, types) else Misfit("a text")


def defaulted(given: Shape, args: tuple[Shape, ...], types: Types) -> Shape | Misfit:
    """`default(x)`: the input without null, or x."""
    item = bare(given.item) if isinstance(given, Maybe) else given
    other = bare(args[0]) if args else JSON
    if other == item or item == JSON:
        return item
    if is_text(item, types) and is_text(other, types):
        return TEXT
    if isinstance(item, Scalar) and isinstance(other, Scalar) and item.name == other.name:
        return Scalar(item.name)
    if isinstance(item, ListOf) and isinstance(other, ListOf) and other.item in (item.item, JSON):
        return ListOf(item.item)
    return UnionOf((item, other))


def mapped(given: Shape, args: tuple[Shape, ...], _types: Types) -> Shape | Misfit:
    """`map(.field)`: a list of what the accessor reads."""
    return Misfit("a list") if items_of(given) is None else ListOf(args[0] if args else JSON)


def asked(given: Shape, args: tuple[Shape, ...], _types: Types) -> Shape | Misfit:
    """`all any`: a list of true and false, or of items asked by an accessor."""
    item = items_of(given)
    if item is None:
        return Misfit("a list")
    if args:
        return BOOL if bare(args[0]) in (BOOL, JSON) else Misfit("true or false", argument=0)
    value = bare(item)
    return BOOL if value in (BOOL, JSON) else Misfit("a list of true and false, or `.field`")


def searched(given: Shape, args: tuple[Shape, ...], types: Types) -> Shape | Misfit:
    """`contains(x)`: a text in a text, an item in a list."""
    if items_of(given) is not None:
        return BOOL
    if not _text_or_json(given, types):
        return Misfit("a text or a list")
    return Misfit("a text", argument=0) if args and not _text_or_json(args[0], types) else BOOL


def merged(given: Shape, args: tuple[Shape, ...], types: Types) -> Shape | Misfit:
    """`merge(x)`: the record with what x knows better."""
    if not _record_or_json(given, types):
        return Misfit("a record")
    return Misfit("a record", argument=0) if args and not _record_or_json(args[0], types) else given


def spoken(given: Shape, args: tuple[Shape, ...], types: Types) -> Shape | Misfit:
    """`dialogue(user, answer)`: a list of turns, with names for those who speak."""
    item = items_of(given)
    while isinstance(item, CellOf):
        item = item.value
    record = types.get(item.id) if isinstance(item, Named) else None
    fields = {field.name for field in record.fields} if isinstance(record, RecordDef) else set[str]()
    if item is None or (item != JSON and not {"user", "answer"} <= fields):
        return Misfit("turns of a conversation, a list of records with `user` and `answer`")
    wrong = next((at for at, arg in enumerate(args) if not _text_or_json(arg, types)), None)
    return TEXT if wrong is None else Misfit("a text", argument=wrong)


def one(given: Shape, _args: tuple[Shape, ...], _types: Types) -> Shape | Misfit:
    """`first last`: null where the list may be empty."""
    item = items_of(given)
    if item is None:
        return Misfit("a list")
    sure = isinstance(given, ListOf) and given.range is not None and (given.range.low or 0) >= 1
    return item if sure or isinstance(item, Maybe) else Maybe(item)


def _text_or_json(shape: Shape, types: Types) -> bool:
    return bare(shape) == JSON or is_text(shape, types)


def _record_or_json(shape: Shape, types: Types) -> bool:
    shape = core(shape)
    return shape == JSON or (isinstance(shape, Named) and isinstance(types.get(shape.id), RecordDef))
