"""The shape of an expression at a place. What is wrong is reported once; its shape then fits anywhere."""

from collections.abc import Iterator

from msrun.dsl.check.names import UNKNOWN, Symbol, a
from msrun.dsl.check.notes import Part
from msrun.dsl.infer import calls as infer_calls
from msrun.dsl.infer import fields as infer_fields
from msrun.dsl.infer import pipes as infer_pipes
from msrun.dsl.infer import signs as infer_signs
from msrun.dsl.infer.fit import common, plain
from msrun.dsl.infer.types import parts
from msrun.dsl.infer.where import NULL, Where, default, imported, path, use, wants
from msrun.dsl.plan import SESSION
from msrun.dsl.shapes import BOOL, FLOAT, INT, JSON, TEXT, Just, ListOf, MapOf, Maybe, Scalar, Shape, core, spell
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
from msrun.dsl.values.filter_shapes import is_printable


def infer(where: Where, expr: Expr) -> Shape:
    """Return the shape of an expression, reporting what is wrong inside it."""
    notes = where.file.notes
    notes.wheres[expr.span] = where
    shape = notes.shapes[expr.span] = _infer(where, expr)
    return shape


def _infer(where: Where, expr: Expr) -> Shape:
    match expr:
        case Constant():
            return _constant(expr)
        case Text():
            holes(where, expr)
            return TEXT
        case Ref():
            return _certain(where, expr, _ref(where, expr))
        case Get() if imported(where, expr):
            return _certain(where, expr, _ref(where, Ref(path(expr), expr.span)))
        case Get():
            return _certain(where, expr, infer_fields.get(where, expr))
        case Index():
            return _index(where, expr)
        case Call():
            return infer_calls.call(where, expr)
        case Pipe():
            return infer_pipes.pipe(where, expr)
        case ListExpr(items):
            return ListOf(common(where.file, [infer(where, item) for item in items]))
        case RecordExpr(entries):
            for entry in entries:
                if core(infer(where, entry.value)) == Scalar("secret"):
                    where.file.say("E0308/value", entry.value.span)
            return JSON
        case Unary():
            return infer_signs.unary(where, expr)
        case Binary():
            return infer_signs.binary(where, expr)


def holes(where: Where, text: Text) -> None:
    """Check every hole of a text: something that prints, no secret, nothing that may be null."""
    for part in text.parts:
        if isinstance(part, Hole):
            _hole(where, part)


def _certain(where: Where, expr: Expr, shape: Shape) -> Shape:
    return shape.item if where.sure and isinstance(shape, Maybe) and path(expr) in where.sure else shape


def _constant(constant: Constant) -> Shape:
    match constant.value:
        case None:
            return NULL
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case str():
            return TEXT


def _hole(where: Where, hole: Hole) -> None:
    shape = plain(infer(where, hole.expr))
    if isinstance(shape, Maybe):
        where.file.say("E0205/hole", hole.expr.span, got=spell(shape), example=default(where, hole.expr.span))
    elif UNKNOWN not in parts(shape) and not is_printable(shape):
        secret = any(part == Scalar("secret") for part in parts(shape))
        where.file.say("E0308" if secret else "E0216", hole.expr.span, got=spell(shape))


def _ref(where: Where, ref: Ref) -> Shape:
    if not ref.name:
        return UNKNOWN  # the parser's stand-in for something it found missing
    symbol = where.scope.find(ref.name)
    if symbol is None:
        if ref.name == SESSION:
            where.file.say("E0311/read", ref.span, session=next(iter(where.file.named("session")), "chat"))
            return UNKNOWN
        if ref.name in where.file.labels:
            where.rewrites[ref.span] = "label"
            where.file.used.update(enum.id for enum in where.file.labels[ref.name])
            where.file.note(ref.span, Part(where.file.labels[ref.name][0].id, ref.name))
            return Just(ref.name)
        if not where.file.absent(ref.name, ref.span):
            where.file.miss("E0101", ref.name, ref.span, _values(where))
        return UNKNOWN
    use(where, ref, symbol)
    if symbol.what in ("input", "param", "node", "binder"):
        return symbol.shape
    _no_value(where, ref, symbol)
    return UNKNOWN


def _values(where: Where) -> Iterator[str]:
    """The names of values that are visible, the nearest scope first."""
    for name, symbol in where.scope.all():
        if symbol.what in ("input", "param", "node", "binder") and name[:1] != "(":
            yield name


def _no_value(where: Where, ref: Ref, symbol: Symbol) -> None:
    if symbol.what in ("fragment", "tool"):
        where.file.say(f"E0305/{symbol.what}", ref.span, symbol.span, name=ref.name)
    elif symbol.shape != UNKNOWN:
        where.file.say("E0202/no_value", ref.span, symbol.span, name=ref.name, what=a(symbol.what))


def _index(where: Where, expr: Index) -> Shape:
    base = plain(infer(where, expr.base))
    if isinstance(base, Maybe):
        where.file.say(
            "E0205", expr.base.span, got=spell(base), wanted="a list", example=default(where, expr.base.span)
        )
        base = plain(base.item)
    match base:
        case ListOf(item):
            wants(where, expr.index, INT)
            return item
        case MapOf(item):
            wants(where, expr.index, TEXT)
            return item
        case _:
            infer(where, expr.index)
            if base not in (JSON, UNKNOWN):
                where.file.say("E0202/index", expr.span, got=spell(base))
            return base if base == JSON else UNKNOWN
