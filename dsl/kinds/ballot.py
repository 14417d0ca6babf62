"""What `vote`, `pick` and `rank` have in common: the list after `from`, and what `by` reads of its items."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.fit import inner, item_of, misfit, plain
from msrun.dsl.infer.where import default, path
from msrun.dsl.lower.draft import Draft
from msrun.dsl.shapes import FLOAT, JSON, ListOf, Maybe, Named, Scalar, Shape, spell
from msrun.dsl.source import Span
from msrun.dsl.tree import (
    Argument,
    Binary,
    Call,
    Clause,
    Expr,
    Get,
    Hole,
    Index,
    ListExpr,
    Pipe,
    RecordExpr,
    Text,
    Unary,
)
from msrun.dsl.values.filters import FILTERS


def item_shape(draft: Draft, clause: Clause) -> Shape:
    """Return what the items of the list after `from` are; anything but a list is reported."""
    shape = draft.source_shape if draft.source_shape is not None else UNKNOWN
    item = item_of(inner(shape))
    if isinstance(plain(shape), Maybe) and item is not None and item != UNKNOWN:
        example = default(draft.where, clause.value.span, ListOf(UNKNOWN))
        draft.file.say("E0205", clause.value.span, got=spell(plain(shape)), wanted="a list", example=example)
    if item is None:
        name = path(clause.value) or "this"
        draft.file.say("E0203/vote", clause.value.span, kind=draft.spec.name, name=name, got=spell(plain(shape)))
        return UNKNOWN
    return item


def reads_items(expr: Expr) -> bool:
    """Whether an expression reads the item at hand: `.final`, but not the `.x` of `marks | map(.x)`."""
    pending: list[Expr] = [expr]
    while pending:
        at = pending.pop()
        match at:
            case Get(None):
                return True
            case Get(base) if base is not None:
                pending.append(base)
            case Index(base, place):
                pending += [base, place]
            case Pipe(base, name, args):
                pending += [base, *_values(name, args or ())]
            case Call(_, args):
                pending += [arg.value for arg in args]
            case Text(parts):
                pending += [part.expr for part in parts if isinstance(part, Hole)]
            case ListExpr(items):
                pending += items
            case RecordExpr(entries):
                pending += [entry.value for entry in entries]
            case Unary(_, operand):
                pending.append(operand)
            case Binary(_, left, right):
                pending += [left, right]
            case _:
                pass
    return False


def _values(name: str, args: tuple[Argument, ...]) -> list[Expr]:
    """The arguments of a filter that are values; accessors among them read items of its own."""
    params = FILTERS[name].params if name in FILTERS else ()
    kinds = {param.name: param.kind for param in params}
    placed = [param.kind for param in params]
    found: list[Expr] = []
    for at, arg in enumerate(args):
        kind = kinds.get(arg.name) if arg.name is not None else placed[at] if at < len(placed) else None
        if kind == "value":
            found.append(arg.value)
    return found


def check_order(draft: Draft, span: Span, shape: Shape) -> None:
    """Report a key that says of no two items which comes first: only numbers and texts do."""
    if isinstance(plain(shape), Maybe):
        example = default(draft.where, span, FLOAT)
        draft.file.say("E0205", span, got=spell(plain(shape)), wanted="a number or a text", example=example)
    elif not _ordered(draft, plain(shape)):
        draft.file.say("E0218", span, kind=draft.spec.name, got=spell(plain(shape)))


def _ordered(draft: Draft, shape: Shape) -> bool:
    if shape in (UNKNOWN, JSON):
        return True
    if isinstance(shape, Scalar):
        return shape.name in ("text", "key", "int", "float")
    return not isinstance(shape, Named) and misfit(draft.file, shape, FLOAT) is None


def check_beside(draft: Draft, source: Expr, marks: Expr) -> None:
    """Report marks that do not stand beside the source item by item, where each goes back to a list of its own."""
    origins = draft.bench.origins
    given = draft.bench.names.get(path(source))
    ours = path(source) if given is not None and given.what == "input" else origins.get(path(source))
    theirs = origins.get(path(marks))
    symbol = draft.bench.names.get(path(marks))
    if ours is None or theirs is None or ours == theirs or theirs == path(marks) or symbol is None:
        return
    draft.file.say("E0218/marks", marks.span, symbol.span, source=path(source), marks=path(marks), other=theirs)
