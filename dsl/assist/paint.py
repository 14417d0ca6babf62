"""The token classes of a text, from the language's own lexer: what every other highlighter has to agree with."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from msrun.dsl.assist.wordlist import CONSTANTS
from msrun.dsl.infer.types import GENERICS, SCALARS
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.lexer import lex
from msrun.dsl.syntax.tokens import END, RESERVED, Hole, Pieces, Token
from msrun.dsl.values.filters import FILTERS

Colour: TypeAlias = Literal[
    "comment", "text", "hole", "keyword", "kind", "type", "filter", "constant", "number", "sign", "name"
]
"""`hole` are the braces around an expression in a text; `kind` is the word that begins a statement."""

BEFORE_TYPE = frozenset({":", "<", "->", "|"})


class Stroke(NamedTuple):
    """A span of one class."""

    span: Span
    colour: Colour


def paint(source: Source) -> list[Stroke]:
    """Return the classes of a text in its order; blanks have none, and what no token begins with has none."""
    lexed = lex(source)
    strokes = [Stroke(comment.span, "comment") for comment in lexed.comments]
    strokes += _tokens(source.text, lexed.tokens)
    return sorted(strokes)


def _tokens(text: str, tokens: list[Token]) -> Iterator[Stroke]:
    for at, token in enumerate(tokens):
        match token.kind:
            case "TEXT" if isinstance(token.value, Pieces):
                yield from _text(text, token, token.value)
            case "NUMBER":
                yield Stroke(token.span, "number")
            case "NAME" | "KEY":
                yield Stroke(token.span, _name(text, tokens, at))
            case kind if kind in CONSTANTS:
                yield Stroke(token.span, "constant")
            case kind if kind in RESERVED:
                yield Stroke(token.span, "keyword")
            case kind if kind not in (END, "stranger"):
                yield Stroke(token.span, "sign")
            case _:
                pass


def _text(text: str, token: Token, pieces: Pieces) -> Iterator[Stroke]:
    at = token.start
    for part in pieces.parts:
        if isinstance(part, Hole):
            if at < part.span.start:
                yield Stroke(Span(at, part.span.start), "text")
            at = part.span.end
            yield Stroke(Span(part.span.start, part.span.start + 2), "hole")
            yield from _tokens(text, part.tokens)
            yield Stroke(Span(at - 2, at), "hole")
    if at < token.end:
        yield Stroke(Span(at, token.end), "text")


def _name(text: str, tokens: list[Token], at: int) -> Colour:
    """What a name is, as far as its neighbours on the line tell."""
    before, token = tokens[at - 1] if at else None, tokens[at]
    if before is not None and "\n" not in text[before.end : token.start]:
        if before.kind == "|" and token.text in FILTERS:
            return "filter"
        if before.kind in BEFORE_TYPE and (token.text in SCALARS or token.text in GENERICS):
            return "type"
    return "kind" if begins_statement(text, tokens, at) else "name"


def begins_statement(text: str, tokens: list[Token], at: int) -> bool:
    """Whether a name is a kind of the language at the start of its line, before a name or a brace."""
    token = tokens[at]
    if token.text not in KINDS or at + 1 >= len(tokens) or tokens[at + 1].kind not in ("NAME", "{"):
        return False
    line = text.rfind("\n", 0, token.start) + 1
    gap = text[token.end : tokens[at + 1].start]
    return not text[line : token.start].strip("{} \t") and "\n" not in gap
