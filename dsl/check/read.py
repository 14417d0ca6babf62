"""Which names a piece of syntax reads: walked with a stack, so that depth costs nothing."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from msrun.dsl.tree import (
    Arm,
    Binary,
    Block,
    Call,
    Clause,
    Constant,
    Expr,
    Get,
    Hole,
    Index,
    ListExpr,
    NamedType,
    OptionalType,
    Outcome,
    Pipe,
    RecordExpr,
    Ref,
    Setting,
    Statement,
    Text,
    TypeExpr,
    Unary,
    UnionType,
)

Syntax: TypeAlias = Expr | TypeExpr | Statement | Block | Setting | Outcome | Arm | Clause


def names_in(*roots: Syntax | None) -> Iterator[str]:
    """Yield every name that is read or that names a type, in the order of the text, as often as it stands there."""
    pending: list[Syntax] = [root for root in reversed(roots) if root is not None]
    while pending:
        at = pending.pop()
        if isinstance(at, Ref):
            yield at.name
        elif isinstance(at, NamedType):
            yield at.name.partition(".")[0]  # `fact.Verdict` reads the import
            pending.extend(reversed(at.args))
        else:
            pending.extend(reversed(list(_inside(at))))


def accessors(root: Syntax) -> Iterator[Get]:
    """Yield every `.name` that reads the item at hand, in the order of the text; not what a filter reads of others."""
    pending: list[Syntax] = [root]
    while pending:
        at = pending.pop()
        if isinstance(at, Get) and at.base is None:
            yield at
        elif isinstance(at, Pipe):
            pending.append(at.base)
        else:
            pending.extend(reversed(list(_inside(at))))


def _inside(at: Syntax) -> Iterable[Syntax]:
    match at:
        case Constant():
            return ()
        case Text(parts):
            return [part.expr for part in parts if isinstance(part, Hole)]
        case Get(base):
            return () if base is None else (base,)
        case Index(base, index):
            return (base, index)
        case Call(callee, args):
            return (callee, *(arg.value for arg in args))
        case Pipe(base, _, args):
            return (base, *(arg.value for arg in args or ()))
        case ListExpr(items):
            return items
        case RecordExpr(entries):
            return [entry.value for entry in entries]
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case OptionalType(item):
            return (item,)
        case UnionType(options):
            return options
        case Clause() | Setting() | Outcome():
            return (at.value,)
        case Statement():
            return _parts(at)
        case Block(items):
            return list(items)
        case Arm(labels, body):
            return (*labels, body)
        case _:
            return ()


def _parts(statement: Statement) -> list[Syntax]:
    types = [param.type for param in statement.params or ()]
    defaults = [param.default for param in statement.params or ()]
    parts = [*types, *defaults, statement.result, statement.type, statement.value, *statement.clauses, statement.block]
    return [part for part in parts if part is not None]
