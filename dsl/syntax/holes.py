"""Holes: from the `{{` in a text to the tokens between it and its `}}`, with offsets into the file."""

from msrun.dsl.source import Span
from msrun.dsl.syntax.cut import MASTER, cut
from msrun.dsl.syntax.escapes import LINE_TEXT, unescape
from msrun.dsl.syntax.tokens import END, Hole, Lexed, Pieces, Token


def scan_hole(lexed: Lexed, start: int, stop: int) -> Hole | None:
    """Return the hole that opens at `start`; None where no `}}` of its own comes before `stop`.

    A second `{{` ends the search: no expression holds one, and so a text of many open holes is read in linear time.
    """
    text = lexed.source.text
    tokens: list[Token] = []
    at = start + 2
    depth = 0
    found = len(lexed.findings)
    while match := MASTER.match(text, at, stop):
        begin = match.start(match.lastgroup or 0)
        if depth == 0 and text.startswith("}}", begin) and begin + 2 <= stop:
            tokens.append(Token(END, begin, begin + 2))
            return Hole(tokens, Span(start, begin + 2))
        token = cut(lexed, match, tokens) or text_or_stranger(lexed, match.lastgroup or "", begin, stop)
        if token is None or (depth == 0 and token.kind == "}") or text.startswith("{{", begin):
            break
        depth += (token.kind == "{") - (token.kind == "}")
        tokens.append(token)
        at = token.end
    del lexed.findings[found:]
    return None


def text_or_stranger(lexed: Lexed, group: str, start: int, stop: int) -> Token | None:
    """Return the token of a text without holes, or of a sign unknown to the language; None at the end."""
    if group == "end":
        return None
    if group != "quote":
        return Token("stranger", start, start + 1, lexed.source.text[start])
    match = LINE_TEXT.match(lexed.source.text, start, stop)
    if match is None:
        return None
    return Token("TEXT", start, match.end(), "", Pieces((unescape(lexed, match.start(1), match.end(1)),)))
