"""Text literals to pieces: characters and holes. Texts on one line are cut here, those in triple quotes in `block`."""

import re

from msrun.dsl.syntax.block import OPENS_TEXT, scan_block
from msrun.dsl.syntax.escapes import unescape
from msrun.dsl.syntax.holes import scan_hole
from msrun.dsl.syntax.tokens import Hole, Lexed, Pieces, Token

MAX_TEXT = 1 << 16
MAX_STRAY_LINES = 40
LINE_PART = re.compile(r'(?:[^"\\\n{]|\{(?!\{)|\\[^\n])*+')
RAW_PART = re.compile(r'[^"\n]*+')
CLOSER = re.compile(r"[ \t]*[)\]}][ \t,]*\Z")


def scan_text(lexed: Lexed, start: int, stop: int) -> Token:
    """Return the token of the text literal that opens at `start`, with an optional `raw` before its quotes."""
    text = lexed.source.text
    raw = text.startswith("raw", start)
    opening = start + 3 * raw
    if text.startswith('"""', opening):
        token = scan_block(lexed, start, opening + 3, stop, raw=raw)
    else:
        token = line(lexed, start, opening + 1, stop, raw=raw)
    if token.end - start > MAX_TEXT:
        lexed.found("E0001/text_size", start, opening + 1, limit=MAX_TEXT)
        return Token("TEXT", start, token.end, "", Pieces(("",), raw))
    return token


def line(lexed: Lexed, start: int, inner: int, stop: int, *, raw: bool) -> Token:
    """Return the token of a text on one line whose characters begin at `inner`."""
    text = lexed.source.text
    line_end = text.find("\n", inner, stop)
    line_end = stop if line_end < 0 else line_end
    parts: list[str | Hole] = []
    begin = inner
    at = quote_or_hole(text, inner, line_end, raw=raw)
    while text.startswith("{{", at) and not raw:
        hole = scan_hole(lexed, at, line_end)
        if hole is None:
            lexed.found("E0010", at, at + 2)
            at = quote_or_hole(text, at + 2, line_end, raw=raw)
            continue
        parts += [unescape(lexed, begin, at), hole]
        begin = hole.span.end
        at = quote_or_hole(text, begin, line_end, raw=raw)
    if at < line_end and text[at] == '"':
        parts.append(text[begin:at] if raw else unescape(lexed, begin, at))
        end = at + 1
    else:
        end = end_of_unclosed(lexed, start, inner, line_end)
        parts.append(text[begin:end])
    return Token("TEXT", start, end, "", Pieces(tuple(part for part in parts if part != ""), raw))


def pieces_between(lexed: Lexed, start: int, stop: int) -> tuple[str | Hole, ...]:
    """Cut a range of the source whose end is known into characters and holes."""
    text = lexed.source.text
    parts: list[str | Hole] = []
    at = text.find("{{", start, stop)
    while at >= 0:
        hole = scan_hole(lexed, at, stop)
        if hole is None:
            lexed.found("E0010", at, at + 2)
            at = text.find("{{", at + 2, stop)
            continue
        parts += [unescape(lexed, start, at), hole]
        start = hole.span.end
        at = text.find("{{", start, stop)
    return *parts, unescape(lexed, start, stop)


def quote_or_hole(text: str, start: int, stop: int, *, raw: bool) -> int:
    """Return where the characters from `start` are interrupted by a quote, a hole or the end of the line."""
    match = (RAW_PART if raw else LINE_PART).match(text, start, stop)
    return match.end() if match else start


def end_of_unclosed(lexed: Lexed, start: int, inner: int, line_end: int) -> int:
    """Report a text that is not closed on its line; guess where it was meant to end, so that nothing else breaks."""
    text = lexed.source.text
    lexed.found("E0003", start, inner)
    quote = later_quote(text, line_end)
    if quote:
        return quote
    before = text[text.rfind("\n", 0, start) + 1 : start]
    wanted = sum(before.count(sign) for sign in "([{") - sum(before.count(sign) for sign in ")]}")
    end = line_end
    while wanted > 0 and (match := CLOSER.search(text, inner, end)):
        end = match.start()
        wanted -= 1
    return end


def later_quote(text: str, at: int) -> int:
    """Return the end of a text that was written over several lines in single quotes, 0 where it is none."""
    for _ in range(MAX_STRAY_LINES):
        line_end = text.find("\n", at + 1)
        line_end = len(text) if line_end < 0 else line_end
        line = text[at + 1 : line_end]
        if '"' in line:
            quote = line.index('"')
            stray = line.count('"') == 1 and not OPENS_TEXT.search(line[:quote])
            return at + 1 + quote + 1 if stray else 0
        if line_end == len(text) or line.strip() in {"", "}"}:
            return 0
        at = line_end
    return 0
