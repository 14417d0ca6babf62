"""Type expressions become shapes, `type` and `enum` declarations become definitions."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from msrun.dsl.check.names import UNKNOWN, File, a
from msrun.dsl.infer.builtin import BUILT_IN, built_in
from msrun.dsl.infer.constants import WRONG, as_json, constant
from msrun.dsl.infer.order import cycles
from msrun.dsl.shapes import (
    CellOf,
    EnumDef,
    Just,
    ListOf,
    MapOf,
    Maybe,
    Named,
    NotedOf,
    PiiOf,
    Range,
    RecordDef,
    RecordField,
    RefTo,
    Scalar,
    ScalarName,
    Shape,
    UnionOf,
    spell,
)
from msrun.dsl.source import Span
from msrun.dsl.tree import (
    EnumDecl,
    EnumLabel,
    Field,
    LiteralType,
    NamedType,
    OptionalType,
    TypeDecl,
    TypeExpr,
    UnionType,
)

SCALARS: dict[str, ScalarName] = {
    name: name for name in ("text", "int", "float", "bool", "json", "key", "image", "audio", "file", "secret")
}
GENERICS = ("list", "map", "ref", "pii")
RANGED = ("text", "int", "float", "list")


def resolve(file: File, written: TypeExpr) -> Shape:
    """Return the shape of a type expression; what is wrong in it is reported and reads as unknown."""
    match written:
        case NamedType():
            return _named(file, written)
        case OptionalType(item):
            shape = resolve(file, item)
            return shape if isinstance(shape, Maybe) else Maybe(shape)
        case LiteralType(value):
            return Just(value)
        case UnionType(options):
            return UnionOf(tuple(resolve(file, option) for option in options))


def _named(file: File, written: NamedType) -> Shape:
    name = written.name
    bounds = _bounds(file, written)
    if name in SCALARS:
        _arity(file, written, 0)
        return Scalar(SCALARS[name], bounds)
    if name in GENERICS:
        if not _arity(file, written, 1):
            return UNKNOWN
        return _generic(file, written, bounds)
    file.mark(name, written.name_span)
    symbol = file.symbols.get(name)
    if symbol is None and name in BUILT_IN and name not in file.lost:
        return built_in(file, name)
    if symbol is None:
        if not file.absent(name, written.name_span):
            file.miss("E0201", name, written.name_span, [*SCALARS, *GENERICS, *file.named("enum", "type")])
    elif symbol.what in ("type", "enum") and file.id(name) in file.types:
        _arity(file, written, 0)
        return Named(file.id(name))
    elif symbol.what not in ("type", "enum"):
        file.say("E0201/other", written.name_span, symbol.span, name=name, what=a(symbol.what))
    return UNKNOWN


def _generic(file: File, written: NamedType, bounds: Range | None) -> Shape:
    item = written.args[0]
    if written.name == "list":
        return ListOf(resolve(file, item), bounds)
    if written.name == "map":
        return MapOf(resolve(file, item))
    if written.name == "pii":
        return personal(resolve(file, item))
    shape = resolve(file, item)
    if isinstance(shape, Named) and file.record(shape.id) is not None:
        return RefTo(shape.id)
    if shape != UNKNOWN:
        file.say("E0202/ref", item.span, shape=spell(shape))
    return UNKNOWN


def personal(shape: Shape) -> Shape:
    """Return a shape whose values are personal data; of a list every item is, of an optional what is not null."""
    match shape:
        case Maybe(item):
            return Maybe(personal(item))
        case ListOf(item, bounds):
            return ListOf(personal(item), bounds)
        case MapOf(item):
            return MapOf(personal(item))
        case _:
            return shape if shape == UNKNOWN or isinstance(shape, PiiOf) else PiiOf(shape)


def public(shape: Shape) -> Shape:
    """Return a shape whose values are personal no longer; what the fields of a record say stays as it is."""
    match shape:
        case PiiOf(item):
            return public(item)
        case Maybe(item):
            return Maybe(public(item))
        case ListOf(item, bounds):
            return ListOf(public(item), bounds)
        case MapOf(item):
            return MapOf(public(item))
        case CellOf(item, value):
            return CellOf(item, public(value))
        case NotedOf(value, notes):
            return NotedOf(public(value), notes)
        case _:
            return shape


def _arity(file: File, written: NamedType, wanted: int) -> bool:
    if len(written.args) == wanted:
        return True
    file.say("E0201/parts" if wanted else "E0201/no_parts", written.span, name=written.name)
    return False


def _bounds(file: File, written: NamedType) -> Range | None:
    bounds = written.bounds
    if bounds is None:
        return None
    if written.name not in RANGED:
        file.say("E0213/nowhere", bounds.span, name=written.name)
        return None
    if bounds.low is not None and bounds.high is not None and bounds.low > bounds.high:
        file.say("E0213", bounds.span, low=f"{bounds.low:g}", high=f"{bounds.high:g}")
        return None
    return Range(bounds.low, bounds.high)


# --- declarations ----------------------------------------------------------------------------------------------------


def declare_types(file: File, records: list[TypeDecl], enums: list[EnumDecl]) -> None:
    """Fill the file's type table; records may name each other in any order."""
    for enum in enums:
        definition = EnumDef(
            file.id(enum.name.text), tuple((label.name.text, label.description) for label in _labels(file, enum))
        )
        file.types[definition.id] = definition
        for label, _ in definition.labels:
            file.labels.setdefault(label, []).append(definition)
    for record in records:
        file.types[file.id(record.name.text)] = RecordDef(file.id(record.name.text), ())
    known = {file.id(record.name.text): record for record in records}
    written = {id_: tuple(_unique(file, record)) for id_, record in known.items()}
    for id_, fields in written.items():
        file.types[id_] = RecordDef(id_, tuple(_field(file, field) for field in fields))
    for id_, fields in written.items():
        _set_defaults(file, id_, fields)
        _check_refs(file, id_, fields)
    _check_endless(file, known)


def _labels(file: File, enum: EnumDecl) -> Iterator[EnumLabel]:
    seen: dict[str, Span] = {}
    for label in enum.labels:
        if label.name.text in seen:
            file.say("E0102", label.name.span, seen[label.name.text], name=label.name.text)
        else:
            seen[label.name.text] = label.name.span
            yield label


def _unique(file: File, record: TypeDecl) -> Iterator[Field]:
    seen: dict[str, Span] = {}
    for field in record.fields:
        if field.name.text in seen:
            file.say("E0102", field.name.span, seen[field.name.text], name=field.name.text)
        else:
            seen[field.name.text] = field.name.span
            yield field


def _field(file: File, field: Field) -> RecordField:
    shape = resolve(file, field.type)
    default = "null" if isinstance(shape, Maybe) else None
    return RecordField(field.name.text, shape, field.description, default)


def _set_defaults(file: File, id_: str, written: tuple[Field, ...]) -> None:
    """Read the defaults, once every record is known that one may be made of."""
    definition = file.types[id_]
    if not isinstance(definition, RecordDef) or all(field.default is None for field in written):
        return
    fields: list[RecordField] = []
    for field, made in zip(written, definition.fields, strict=True):
        value = WRONG if field.default is None else constant(file, field.default, made.shape)
        fields.append(made if value is WRONG else replace(made, default=as_json(value)))
    file.types[id_] = RecordDef(id_, tuple(fields))


def parts(shape: Shape) -> Iterator[Shape]:
    """Yield the shape and everything inside it, without looking into declared types."""
    pending = [shape]
    while pending:
        at = pending.pop()
        yield at
        match at:
            case ListOf(item) | MapOf(item) | Maybe(item) | NotedOf(item) | PiiOf(item):
                pending.append(item)
            case UnionOf(options):
                pending.extend(options)
            case _:
                pass


def _check_refs(file: File, id_: str, written: tuple[Field, ...]) -> None:
    definition = file.record(id_)
    for field, made in zip(written, definition.fields if definition else (), strict=True):
        for part in parts(made.shape):
            target = file.record(part.record) if isinstance(part, RefTo) else None
            if target is not None and target.key is None:
                file.say("E0214", field.type.span, file.span_of(target.id), record=target.id)


def _check_endless(file: File, records: dict[str, TypeDecl]) -> None:
    """A record that must hold itself has no value: required fields only, and no list or optional between."""
    graph: dict[str, list[str]] = {}
    for id_ in records:
        definition = file.record(id_)
        fields = definition.fields if definition else ()
        graph[id_] = [f.shape.id for f in fields if isinstance(f.shape, Named) and f.shape.id in records]
    for cycle in cycles(graph):
        name = records[cycle[0]].name
        file.say("E0217", name.span, name=name.text, path=" → ".join(cycle))


def reachable_types(file: File, shapes: Iterator[Shape]) -> tuple[str, ...]:
    """Return the ids of all declared types these shapes need, in the order of the file."""
    pending = [part for shape in shapes for part in parts(shape)]
    seen: set[str] = set()
    while pending:
        part = pending.pop()
        id_ = part.id if isinstance(part, Named) else part.record if isinstance(part, RefTo) else None
        if id_ is None or id_ in seen or id_ not in file.types:
            continue
        seen.add(id_)
        record = file.record(id_)
        if record is not None:
            pending.extend(chain.from_iterable(parts(field.shape) for field in record.fields))
    return tuple(id_ for id_ in file.types if id_ in seen)
