"""The shapes that `not`, `and`, `==`, `<`, `+` and the other signs take and give."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.check.notes import Part
from msrun.dsl.infer.fit import common, enum_of, inner, is_text, misfit, plain
from msrun.dsl.infer.where import Where, default, fits, truth, wants
from msrun.dsl.shapes import BOOL, FLOAT, INT, TEXT, Just, ListOf, Maybe, Scalar, Shape, spell
from msrun.dsl.tree import Binary, Expr, Ref, Text, Unary


def unary(where: Where, expr: Unary) -> Shape:
    """Return the shape of `not x` or `-x`."""
    if expr.op == "not":
        truth(where, expr.operand)
        return BOOL
    return plain(wants(where, expr.operand, FLOAT))


def binary(where: Where, expr: Binary) -> Shape:
    """Return the shape of `left op right`."""
    match expr.op:
        case "and" | "or":
            truth(where, expr.left)
            truth(where.given(expr.left) if expr.op == "and" else where, expr.right)
            return BOOL
        case "==" | "!=":
            _equality(where, expr)
            return BOOL
        case "in":
            where.shape(expr.left)
            where.shape(expr.right)
            return BOOL
        case "<" | "<=" | ">" | ">=":
            _ordered(where, expr)
            return BOOL
        case "+" | "-" | "*" | "/":
            return _arithmetic(where, expr)


def _equality(where: Where, expr: Binary) -> None:
    """Two sides that can never be equal are a mistake; an enum's labels are checked by name."""
    right = UNKNOWN if _may_be_label(where, expr.right) else plain(where.shape(expr.right))
    left = _beside(where, expr.left, right)
    right = _beside(where, expr.right, left) if right == UNKNOWN else right
    for side, shape, other in ((expr.left, left, right), (expr.right, right, left)):
        enum = enum_of(where.file, other)
        if enum is not None and (label := _label(side, shape)) is not None:
            known = [name for name, _ in enum.labels]
            if label not in known:
                where.file.miss("E0211", label, side.span, known, enum=enum.id)
            elif isinstance(side, Ref | Text):
                where.file.note(side.span, Part(enum.id, label))
            return
    if not (_comparable(where, left, right) or _comparable(where, right, left)):
        where.file.say("E0202/compare", expr.span, left=spell(left), right=spell(right))


def _may_be_label(where: Where, expr: Expr) -> bool:
    return isinstance(expr, Ref) and expr.name != "" and where.scope.find(expr.name) is None


def _beside(where: Where, expr: Expr, other: Shape) -> Shape:
    """The shape of one side; a name that nothing has is a misspelt label where the other side is an enum."""
    enum = enum_of(where.file, other)
    if enum is None or not isinstance(expr, Ref) or not _may_be_label(where, expr) or expr.name in where.file.labels:
        return plain(where.shape(expr))
    where.file.miss("E0211", expr.name, expr.span, [name for name, _ in enum.labels], enum=enum.id)
    return UNKNOWN


def _comparable(where: Where, left: Shape, right: Shape) -> bool:
    left, right = inner(left), inner(right)
    return misfit(where.file, left, right) is None or (is_text(where.file, left) and is_text(where.file, right))


def _label(side: Expr, shape: Shape) -> str | None:
    if isinstance(shape, Just):
        return shape.value
    return side.plain if isinstance(side, Text) else None


def _ordered(where: Where, expr: Binary) -> None:
    left, right = plain(where.shape(expr.left)), plain(where.shape(expr.right))
    for side, shape in ((expr.left, left), (expr.right, right)):
        if isinstance(shape, Maybe):
            where.file.say(
                "E0205",
                side.span,
                got=spell(shape),
                wanted="a number or a text",
                example=default(where, side.span, INT),
            )
            return
    numbers = all(misfit(where.file, shape, FLOAT) is None for shape in (left, right))
    texts = all(misfit(where.file, shape, TEXT) is None for shape in (left, right))
    if not (numbers or texts):
        where.file.say("E0202/compare", expr.span, left=spell(left), right=spell(right))


def _arithmetic(where: Where, expr: Binary) -> Shape:
    left, right = plain(where.shape(expr.left)), plain(where.shape(expr.right))
    if expr.op == "+":
        if all(is_text(where.file, shape) for shape in (left, right)):
            return TEXT
        if isinstance(left, ListOf) and isinstance(right, ListOf):
            return ListOf(common(where.file, [left.item, right.item]))
    good = [
        fits(where, e.span, s, FLOAT, "E0202/number", op=expr.op) for e, s in ((expr.left, left), (expr.right, right))
    ]
    if not all(good) or UNKNOWN in (left, right):
        return UNKNOWN
    return INT if expr.op != "/" and all(isinstance(s, Scalar) and s.name == "int" for s in (left, right)) else FLOAT
