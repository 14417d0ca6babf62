"""What is being written at a cursor, read off the parser's stack: the blocks around, the header or setting begun."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from msrun.dsl.assist.cursor import Cursor
from msrun.dsl.syntax.tokens import Token
from msrun.dsl.tree import (
    Argument,
    Clause,
    Expr,
    LiteralType,
    Name,
    NamedType,
    OptionalType,
    Param,
    Setting,
    Statement,
    UnionType,
)


@dataclass(slots=True)
class Frame:
    """`statements` are around the cursor, the outermost first; `rest` is what was written of the item since.

    `within` says what the innermost braces belong to, `written` which settings stand in them; `call` is the callee
    whose brackets are open, with its arguments.
    """

    statements: list[Statement] = field(default_factory=list[Statement])
    within: str = "file"
    rest: Sequence[Any] = ()
    written: frozenset[str] = frozenset()
    call: Expr | None = None
    arguments: tuple[Argument, ...] = ()

    @property
    def owner(self) -> Statement | None:
        """The statement whose block the cursor is in, or None at the top of the file."""
        return self.statements[-1] if self.statements else None

    @property
    def key(self) -> str:
        """The setting whose value is being written, or an empty text."""
        return self.rest[0].text if len(self.rest) > 1 and is_token(self.rest[1], ":") else ""

    @property
    def header(self) -> Statement | None:
        """The statement whose header is being written, as far as it goes."""
        rest = self.rest
        if len(rest) < 2 or not (is_token(rest[0], "NAME") and is_token(rest[1], "NAME")):
            return None
        parts = [*rest[2:7], None, None, None, None, None][:5]
        return _statement(rest[0], rest[1], parts)

    @property
    def word(self) -> str:
        """The last reserved word or sign before the cursor that is not part of an expression."""
        words = [value.kind for value in self.rest if isinstance(value, Token) and value.kind not in ("NAME", "KEY")]
        return words[-1] if words else ""


def frame(at: Cursor) -> Frame:
    """Read the stack of a cursor."""
    made = Frame()
    values = at.values
    closed = _closed(values)
    last = 0
    for index, value in enumerate(values):
        if is_token(value, "{") and index != closed and _opens(made, values, index):
            last = index + 1
    items = cast("list[object]", values[last]) if last < len(values) and _is_list(values[last]) else []
    made.written = frozenset(item.key.text for item in items if isinstance(item, Setting))
    made.rest = values[last + 1 :] if not at.hole else values
    for index, value in enumerate(made.rest):
        if is_token(value, "(") and index and _is_expr(made.rest[index - 1]) and not is_token(made.rest[-1], ")"):
            made.call = made.rest[index - 1]
            given = made.rest[index + 1] if index + 1 < len(made.rest) else ()
            made.arguments = tuple(each for each in given if isinstance(each, Argument)) if _is_list(given) else ()
    return made


def _closed(values: Sequence[Any]) -> int:
    """Where the braces opened that have just been closed: the parser waits for what comes next; else -1."""
    if not values or not is_token(values[-1], "}"):
        return -1
    return max((index for index, value in enumerate(values) if is_token(value, "{")), default=-1)


def is_token(value: object, *kinds: str) -> bool:
    """Whether a value of the stack is a token of one of these kinds."""
    return isinstance(value, Token) and value.kind in kinds


def _opens(made: Frame, values: Sequence[Any], index: int) -> bool:
    """Whether a brace opens a block, and whose; a record's does not."""
    before = values[max(0, index - 7) : index]
    if len(before) == 7 and is_token(before[0], "NAME") and is_token(before[1], "NAME") and _is_list(before[6]):
        made.statements.append(_statement(before[0], before[1], before[2:]))
        made.within = "statement"
    elif len(before) > 1 and is_token(before[-2], "type", "enum"):
        made.within = before[-2].kind
    elif (len(before) > 1 and is_token(before[-2], "case")) or (before and is_token(before[-1], "else")):
        made.within = "arm"
    elif before and is_token(before[-1], "NAME") and (len(before) < 2 or _is_list(before[-2])):
        made.statements.append(Statement(Name(before[-1].text, before[-1].span)))
        made.within = "statement"
    else:
        return False
    return True


def _statement(kind: Token, name: Token, parts: Sequence[Any]) -> Statement:
    """Make the statement of a header, whole or begun."""
    params, result, answer, value, clauses = parts
    return Statement(
        Name(kind.text, kind.span),
        Name(name.text, name.span),
        tuple(each for each in params if isinstance(each, Param)) if _is_list(params) else None,
        result if not isinstance(result, Token) else None,
        answer if not isinstance(answer, Token) else None,
        value if _is_expr(value) else None,
        tuple(each for each in clauses if isinstance(each, Clause)) if _is_list(clauses) else (),
    )


def _is_list(value: object) -> bool:
    return value.__class__ is list


def _is_expr(value: object) -> bool:
    return value is not None and not isinstance(value, Token | str | list | tuple) and hasattr(value, "span")


def is_type(value: object) -> bool:
    """Whether a value of the stack is a type expression."""
    return isinstance(value, NamedType | OptionalType | LiteralType | UnionType)
