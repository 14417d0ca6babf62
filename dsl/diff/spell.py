"""Expressions and settings of a plan become the text that a file would have for them."""

import re
from typing import Any

from msrun.dsl.plan import Made, Name, Rule, SecretRef, Value, ValueMap
from msrun.dsl.shapes import CellOf, Just, ListOf, MapOf, Maybe, Named, Opaque, RefTo, Scalar, UnionOf
from msrun.dsl.shapes import spell as spell_shape
from msrun.dsl.tree import (
    Argument,
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

_SHAPES = (Scalar, ListOf, MapOf, Maybe, UnionOf, Just, RefTo, Named, CellOf, Opaque)
_EXPRESSIONS = (Constant, Text, Ref, Get, Index, Call, Pipe, ListExpr, RecordExpr, Unary, Binary)
_VALUES = (SecretRef, Made, Name, Rule, ValueMap)
_SIGNS = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_NAME = re.compile(r"[^\W\d]\w*\Z")

_LEVELS = {"or": 1, "and": 2, "not": 3, "in": 4, "+": 5, "-": 5, "*": 6, "/": 6}
_COMPARED, _SIGNED, _PIPED, _WHOLE = 4, 7, 8, 9


def spelled(value: Any) -> str:
    """Return the text of an expression, a shape, a setting's value, or a plain value of a plan's fields."""
    if isinstance(value, Text) or not isinstance(value, _EXPRESSIONS):
        return spell_shape(value) if isinstance(value, _SHAPES) else spell_value(value)
    return spell_expr(value)


def is_spelled(value: object) -> bool:
    """Whether a value has a text in the language."""
    return isinstance(value, (*_SHAPES, *_EXPRESSIONS, *_VALUES))


def spell_expr(expr: Expr, level: int = 1) -> str:
    """Return the text of an expression, in brackets where its place binds more strongly than it does."""
    text, own = _expr(expr)
    return f"({text})" if own < level else text


def _expr(expr: Expr) -> tuple[str, int]:
    """Return the text of an expression and how strongly it binds."""
    match expr:
        case Binary(op, left, right):
            own = _LEVELS.get(op, _COMPARED)
            inner = own + 1 if own == _COMPARED else own
            return f"{spell_expr(left, inner)} {op} {spell_expr(right, own + 1)}", own
        case Unary("not", operand):
            return f"not {spell_expr(operand, _COMPARED)}", _LEVELS["not"]
        case Unary(_, operand):
            return f"-{spell_expr(operand, _SIGNED)}", _SIGNED
        case Pipe(base, name, args):
            return f"{spell_expr(base, _PIPED)} | {name}" + ("" if args is None else f"({_args(args)})"), _PIPED
        case Get(base, attr):
            return ("" if base is None else spell_expr(base, _WHOLE)) + f".{attr}", _WHOLE
        case Index(base, index):
            return f"{spell_expr(base, _WHOLE)}[{spell_expr(index)}]", _WHOLE
        case Call(callee, args):
            return f"{spell_expr(callee, _WHOLE)}({_args(args)})", _WHOLE
        case ListExpr(items):
            return f"[{', '.join(map(spell_expr, items))}]", _WHOLE
        case RecordExpr(entries):
            return f"{{{', '.join(f'{_key(e.key)}: {spell_expr(e.value)}' for e in entries)}}}", _WHOLE
        case Text():
            return spell_text(expr), _WHOLE
        case Constant(value, unit):
            return _constant(value, unit), _WHOLE
        case Ref(name):
            return name, _WHOLE


def spell_text(text: Text) -> str:
    """Return a text as a literal on one line."""
    said = [_quoted(p) if isinstance(p, str) else f"{{{{ {spell_expr(p.expr)} }}}}" for p in text.parts]
    return f'"{"".join(said)}"'


def content(text: Text) -> str:
    """Return a text as people read it: its characters, and its holes in their braces."""
    return "".join(f"{{{{ {spell_expr(p.expr)} }}}}" if isinstance(p, Hole) else p for p in text.parts)


def spell_value(value: Value) -> str:
    """Return the text of a setting's value; durations are in seconds, percentages are fractions."""
    match value:
        case Text():
            return spell_text(value)
        case SecretRef(name):
            return f'secret("{_quoted(name)}")'
        case Made(name, args, named):
            parts = [*map(spell_value, args), *(f"{key}: {spell_value(each)}" for key, each in named)]
            return f"{name}({', '.join(parts)})" if parts else name
        case Name(path):
            return path
        case Rule(expr):
            return spell_expr(expr)
        case ValueMap(entries):
            return f"{{{', '.join(f'{_key(key)}: {spell_value(each)}' for key, each in entries)}}}"
        case tuple(parts):
            return f"[{', '.join(map(spell_value, parts))}]"
        case str():
            return f'"{_quoted(value)}"'
        case bool() | int() | float() | None:
            return _constant(value, "")


def _args(args: tuple[Argument, ...]) -> str:
    return ", ".join((f"{arg.name}: " if arg.name else "") + spell_expr(arg.value) for arg in args)


def _key(key: str) -> str:
    return key if _NAME.match(key) else f'"{_quoted(key)}"'


def _constant(value: str | float | None, unit: str) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{_quoted(value)}"'
        case _:
            return f"{'$' * (unit == '$')}{value}" + (f" ({unit})" if unit not in ("", "$") else "")


def _quoted(text: str) -> str:
    signs = "".join(_SIGNS.get(sign) or (sign if sign.isprintable() else f"\\u{{{ord(sign):x}}}") for sign in text)
    return signs.replace("{{", "\\u{7b}{")
