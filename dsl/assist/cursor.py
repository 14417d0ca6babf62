"""What stands before a cursor, as the parser sees it: its stack there says what is being written, and what may follow.

A word is put at the cursor, so that a hole or statement that is only begun can be read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msrun.dsl.kinds.table import KINDS
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.build import Build
from msrun.dsl.syntax.errors import Mender
from msrun.dsl.syntax.expect import acceptable
from msrun.dsl.syntax.grammar import tables
from msrun.dsl.syntax.lexer import lex
from msrun.dsl.syntax.machine import Machine
from msrun.dsl.syntax.parse import parse_hole
from msrun.dsl.syntax.tokens import END, Hole, Pieces, Token

WORD = "msrun_cursor"
"""Stands where the cursor is. Nobody's name, and no word of the language is near it."""

_HERE = "cursor"
_BEFORE = re.compile(r"\w*\Z")
_AFTER = re.compile(r"\w*")


@dataclass(frozen=True, slots=True)
class Text:
    """The cursor is in the characters of a text; `before` are the tokens before it, `start` is where it begins."""

    before: Sequence[Token]
    start: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """What the parser holds at a cursor. `source` has WORD at `span`; `values` and `fits` are the machine's there.

    `starts_line` says whether the cursor's word is the first of its line; `hole` whether it stands in a text's hole.
    """

    source: Source
    span: Span
    values: Sequence[Any]
    fits: frozenset[str]
    starts_line: bool
    hole: bool


def cursor(name: str, text: str, offset: int) -> Cursor | Text | None:
    """Return what is known at an offset; None in a comment, and where nothing can be written."""
    before, after = _BEFORE.search(text, 0, offset), _AFTER.match(text, offset)
    start = before.start() if before is not None else offset
    rest = text[after.end() if after is not None else offset :]
    source = Source(name, text[:start] + WORD + rest)
    found = _find(source, start)
    if isinstance(found, Text) and _open_hole(source.text, found.start, start):
        closed = Source(name, f"{text[:start]}{WORD} }}}}{rest}")
        return _cursor(closed, start, _find(closed, start)) or found
    return found if isinstance(found, Text) else _cursor(source, start, found)


def _find(source: Source, at: int) -> tuple[list[Token], int, bool] | Text | None:
    """Find the token at a place: among which tokens, the how manieth, and whether these are a hole's."""
    lexed = lex(source)
    tokens = lexed.tokens
    for index, token in enumerate(tokens):
        if token.start == at and token.kind in ("NAME", "KEY"):
            return tokens, index, False
        if token.end <= at or token.start > at:
            continue
        if isinstance(token.value, Pieces):
            return _in_text(token.value, at) or Text(tokens[:index], token.start)
    return None


def _in_text(pieces: Pieces, at: int) -> tuple[list[Token], int, bool] | None:
    for hole in pieces.parts:
        if isinstance(hole, Hole) and hole.span.start < at < hole.span.end:
            places = [index for index, token in enumerate(hole.tokens) if token.start == at]
            return (hole.tokens, places[0], True) if places else None
    return None


def _open_hole(text: str, start: int, at: int) -> bool:
    opened = text.rfind("{{", start, at)
    return opened >= 0 and "}}" not in text[opened:at] and "\n" not in text[opened:at]


def _cursor(source: Source, at: int, found: tuple[list[Token], int, bool] | Text | None) -> Cursor | None:
    if found is None or isinstance(found, Text):
        return None
    tokens, index, hole = found
    first = 0 if hole else _statement_start(source.text, tokens, index)
    here = tokens[index]
    machine = Machine(tables(), Build(source, parse_hole), [*tokens[first:index], Token(_HERE, here.start, here.end)])
    machine.tokens.append(Token(END, here.end, here.end))
    mender = Mender(0)

    def stop(machine: Machine) -> bool:
        return machine.tokens[machine.at].kind not in (_HERE, END) and mender(machine)

    machine.run("hole" if hole else "program", stop)
    fits = frozenset(acceptable(machine.tables, machine.states))
    line = source.text[source.text.rfind("\n", 0, at) + 1 : at]
    return Cursor(source, Span(at, at + len(WORD)), tuple(machine.values), fits, not line.strip(), hole)


def _statement_start(text: str, tokens: list[Token], index: int) -> int:
    """Find the top-level statement before a token: brackets are counted anew from each one that starts a line."""
    depth, start = 0, 0
    for at, token in enumerate(tokens[:index]):
        first = token.start == 0 or text[token.start - 1] == "\n"
        if first and (token.kind in ("import", "type", "enum") or token.text in KINDS):
            depth, start = 0, at
        elif depth == 0 and (at == 0 or tokens[at - 1].kind == "}"):
            start = at
        depth += (token.kind in "([{") - (token.kind in ")]}")
    return start
