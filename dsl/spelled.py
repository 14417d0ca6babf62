"""An expression as one writes it, for pictures and messages: one line, brackets only where they are needed."""

import json

from msrun.dsl.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Get,
    Index,
    ListExpr,
    Pipe,
    RecordExpr,
    Ref,
    Text,
    Unary,
)

_LEVELS = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 4),
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
}
"""How tightly an operator binds, as in the grammar."""

_PIPE, _POSTFIX = 8, 9


def spelled(expr: Expr) -> str:
    """Return an expression as the language writes it; a text with holes shows `…` in their places.

    >>> from msrun.dsl.tree import Ref
    >>> spelled(Binary("and", Ref("a"), Binary("or", Ref("b"), Unary("not", Ref("c")))))
    'a and (b or not c)'
    """
    return _spelled(expr, 0)


def _spelled(expr: Expr, around: int) -> str:
    match expr:
        case Constant(value):
            return json.dumps(value, ensure_ascii=False)
        case Text(parts):
            return json.dumps("".join(part if isinstance(part, str) else "…" for part in parts), ensure_ascii=False)
        case Ref(name):
            return name
        case Get(base, attr):
            return f".{attr}" if base is None else f"{_spelled(base, _POSTFIX)}.{attr}"
        case Index(base, index):
            return f"{_spelled(base, _POSTFIX)}[{_spelled(index, 0)}]"
        case Call(callee, args):
            return f"{_spelled(callee, _POSTFIX)}({_arguments(args)})"
        case Pipe(base, name, args):
            text = f"{_spelled(base, _PIPE)} | {name}" + (f"({_arguments(args)})" if args is not None else "")
            return _bracketed(text, _PIPE, around)
        case ListExpr(items):
            return "[" + ", ".join(_spelled(item, 0) for item in items) + "]"
        case RecordExpr(entries):
            return "{" + ", ".join(f"{entry.key}: {_spelled(entry.value, 0)}" for entry in entries) + "}"
        case Unary(op, operand):
            level = _LEVELS["not"] if op == "not" else 7
            text = f"not {_spelled(operand, level)}" if op == "not" else f"-{_spelled(operand, level)}"
            return _bracketed(text, level, around)
        case Binary(op, left, right):
            level = _LEVELS[op]
            first = level + 1 if level == _LEVELS["=="] else level  # comparisons do not chain
            return _bracketed(f"{_spelled(left, first)} {op} {_spelled(right, level + 1)}", level, around)


def _arguments(args: tuple[Argument, ...]) -> str:
    return ", ".join((f"{arg.name}: " if arg.name else "") + _spelled(arg.value, 0) for arg in args)


def _bracketed(text: str, level: int, around: int) -> str:
    return f"({text})" if level < around else text
