"""Put labels in the place of the names that stand for them: after this, every name in an expression is a value's."""

from dataclasses import replace

from msrun.dsl.infer.where import Renamed, Rewrites
from msrun.dsl.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Entry,
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


def asked(function: str, model: str) -> str:
    """Return the name under which a test finds what `calls(m)` or `sent_to(m)` gives."""
    return f"{function}({model})"


def rewrite(expr: Expr, rewrites: Rewrites) -> Expr:
    """Return the expression with `sport` and `Topic.sport` as the text "sport", and `topic.label` as `topic`."""
    if not rewrites:
        return expr
    found = rewrites.get(expr.span)
    if isinstance(found, Renamed) and isinstance(expr, Ref | Get):
        return Ref(found.id, expr.span)
    match expr:
        case Ref(name, span) if rewrites.get(span) == "label":
            return Constant(name, span=span)
        case Get(_, attr, span) if rewrites.get(span) == "label":
            return Constant(attr, span=span)
        case Get(base) if base is not None:
            inner = rewrite(base, rewrites)
            return inner if rewrites.get(expr.span) == "base" else replace(expr, base=inner)
        case Text():
            return rewrite_text(expr, rewrites)
        case Index(base, index):
            return replace(expr, base=rewrite(base, rewrites), index=rewrite(index, rewrites))
        case Call(Ref(name), (Argument(value=model),), span) if rewrites.get(span) == "asked":
            model = rewrite(model, rewrites)
            return Ref(asked(name, model.name if isinstance(model, Ref) else ""), span)
        case Call(callee, args):
            return replace(expr, callee=rewrite(callee, rewrites), args=_arguments(args, rewrites))
        case Pipe(base, _, args):
            args = None if args is None else _arguments(args, rewrites)
            return replace(expr, base=rewrite(base, rewrites), args=args)
        case ListExpr(items):
            return replace(expr, items=tuple(rewrite(item, rewrites) for item in items))
        case RecordExpr(entries):
            return replace(expr, entries=tuple(_entry(entry, rewrites) for entry in entries))
        case Unary(_, operand):
            return replace(expr, operand=rewrite(operand, rewrites))
        case Binary(_, left, right):
            return replace(expr, left=rewrite(left, rewrites), right=rewrite(right, rewrites))
        case _:
            return expr


def rewrite_text(text: Text, rewrites: Rewrites) -> Text:
    """Return the text with its holes rewritten."""
    if not rewrites:
        return text
    parts = [replace(p, expr=rewrite(p.expr, rewrites)) if isinstance(p, Hole) else p for p in text.parts]
    return replace(text, parts=tuple(parts))


def _arguments(args: tuple[Argument, ...], rewrites: Rewrites) -> tuple[Argument, ...]:
    return tuple(replace(arg, value=rewrite(arg.value, rewrites)) for arg in args)


def _entry(entry: Entry, rewrites: Rewrites) -> Entry:
    return replace(entry, value=rewrite(entry.value, rewrites))
