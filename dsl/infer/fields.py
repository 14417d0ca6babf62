"""The shape of `base.field`: of a record, a cell, json, a label; and what to say where there is no such field."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.check.notes import Part
from msrun.dsl.infer.fit import common, enum_of, inner, plain
from msrun.dsl.infer.where import Where, imported
from msrun.dsl.shapes import INT, JSON, TEXT, CellOf, Just, ListOf, MapOf, Maybe, Named, NotedOf, Shape, UnionOf, spell
from msrun.dsl.source import Span
from msrun.dsl.tree import Get
from msrun.dsl.values.cells import CELL_FIELDS


def get(where: Where, expr: Get) -> Shape:
    """Return the shape of `base.attr` or, inside an item, of `.attr`."""
    if expr.base is None:
        if where.item is None:
            where.file.say("E0111", expr.span, name=expr.attr)
            return UNKNOWN
        return field(where, where.item, expr.attr, expr.attr_span, expr.span)
    label = _label(where, expr)
    if label is not None:
        return label
    base = where.shape(expr.base)
    if expr.attr == "label" and enum_of(where.file, base) is not None and not isinstance(plain(base), Maybe):
        where.rewrites[expr.span] = "base"
        return TEXT
    return field(where, base, expr.attr, expr.attr_span, expr.base.span)


def field(where: Where, base: Shape, attr: str, span: Span, base_span: Span) -> Shape:
    """Return the shape of one field of a value; reports an unknown field, and a value that may be null."""
    if isinstance(base, CellOf) and attr in CELL_FIELDS:
        return {"item": base.item, "value": base.value, "index": INT, "status": TEXT}[attr]
    base = base.value if isinstance(base, CellOf) else base
    if isinstance(base, Maybe):
        if base.item != UNKNOWN:
            where.file.say("E0205/field", base_span, got=spell(base), name=attr, example=where.file.written(base_span))
        base = base.item
    if isinstance(base, NotedOf) and attr in dict(base.notes):
        return dict(base.notes)[attr]
    shape = inner(base)
    match shape:
        case Named(id_) if (record := where.file.record(id_)) is not None:
            found = record.field(attr)
            if found is not None:
                where.file.note(span, Part(id_, attr))
                return found.shape
            where.file.miss("E0105", attr, span, [known.name for known in record.fields], shape=id_)
        case MapOf(item):
            return item
        case UnionOf(options):
            return common(where.file, [field(where, option, attr, span, base_span) for option in options])
        case ListOf():
            where.file.say("E0105/list", span, name=attr, got=spell(shape), base=where.file.written(base_span))
        case _:
            if shape in (JSON, UNKNOWN):
                return shape
            where.file.say("E0105/none", span, name=attr, got=spell(shape))
    return UNKNOWN


def _label(where: Where, expr: Get) -> Shape | None:
    """The label that `Topic.sport` is, where the base names an enum."""
    name = imported(where, expr.base) if expr.base is not None else ""
    symbol = where.scope.find(name) if name else None
    if symbol is None or symbol.what != "enum":
        return None
    where.file.mark(symbol.name, expr.base.span if expr.base is not None else expr.span)
    enum = enum_of(where.file, Named(where.file.id(name)))
    known = [name for name, _ in enum.labels] if enum else []
    if expr.attr not in known:
        where.file.miss("E0211", expr.attr, expr.attr_span, known, enum=symbol.name)
        return UNKNOWN
    where.rewrites[expr.span] = "label"
    where.file.note(expr.attr_span, Part(symbol.key, expr.attr))
    return Just(expr.attr)
