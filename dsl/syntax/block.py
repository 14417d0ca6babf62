"""Texts in triple quotes to pieces: where they end, their margin, and the holes between their characters."""

import re
from dataclasses import dataclass

from msrun.dsl.diagnostic import Place, report
from msrun.dsl.source import Span
from msrun.dsl.syntax.holes import scan_hole
from msrun.dsl.syntax.tokens import Hole, Lexed, Pieces, Token

QUOTES = '"""'
OPENS_TEXT = re.compile(r"(?:[:=(,\[|][ \t]*|\bfrom[ \t]+)(?:raw)?\Z")
BLANKS = re.compile(r"[ \t]*+")


@dataclass(slots=True)
class Body:
    """Where the characters of a block stand. `margin` is None where a misplaced end leaves none to measure."""

    lexed: Lexed
    begin: int
    stop: int
    end: int
    margin: str | None = None
    off_margin: bool = False

    def strip(self, start: int, stop: int) -> str:
        """Return a range of the characters without margin; the first line left of the margin is a finding."""
        text = self.lexed.source.text
        lines = text[start:stop].replace("\r\n", "\n").split("\n")
        at_edge = start == 0 or text[start - 1] == "\n"
        offset = start
        for number, line in enumerate(lines):
            if number or at_edge:
                lines[number] = self.strip_line(line, offset)
            offset = text.find("\n", offset) + 1
        return "\n".join(lines)

    def strip_line(self, line: str, offset: int) -> str:
        """Return one line without margin."""
        if self.margin is None:
            return line.lstrip(" \t")
        if line.startswith(self.margin):
            return line[len(self.margin) :]
        rest = line.lstrip(" \t")
        if rest and not self.off_margin:
            self.off_margin = True
            self.report_margin(line, offset)
        return rest

    def report_margin(self, line: str, offset: int) -> None:
        """Report a line that stands left of the margin or is indented by other characters."""
        blanks = len(line) - len(line.lstrip(" \t"))
        margin = self.margin or ""
        mixed = not margin.startswith(line[:blanks])
        source = self.lexed.source
        first, last = (0, blanks) if mixed else (blanks, len(line.rstrip()))
        line_place = Place(source, Span(offset + first, offset + last))
        close = Place(source, Span(self.end - 3, self.end))
        self.lexed.findings.append(report("E0014/mixed" if mixed else "E0014", line_place, close))


def scan_block(lexed: Lexed, start: int, inner: int, stop: int, *, raw: bool) -> Token:
    """Return the token of a text that opens at `start` and whose quotes end at `inner`."""
    body = find_body(lexed, start, inner, stop)
    parts: list[str | Hole] = []
    begin = body.begin
    at = -1 if raw else next_hole(body, begin)
    while at >= 0:
        hole = scan_hole(lexed, at, body.stop)
        if hole is None:
            lexed.found("E0010", at, at + 2)
            at = next_hole(body, at + 2)
            continue
        parts += [body.strip(begin, at), hole]
        begin = hole.span.end
        at = next_hole(body, begin)
    if begin < body.stop:
        parts.append(body.strip(begin, body.stop))
    return Token("TEXT", start, body.end, "", Pieces(tuple(part for part in parts if part != ""), raw))


def next_hole(body: Body, at: int) -> int:
    """Return where the next hole opens, -1 where none does."""
    return body.lexed.source.text.find("{{", at, body.stop) if at < body.stop else -1


def find_body(lexed: Lexed, start: int, inner: int, stop: int) -> Body:
    """Find the characters between the quotes, and report quotes that do not stand alone or are missing."""
    text = lexed.source.text
    begin = skip_blanks(text, inner, stop)
    if begin < stop and text[begin] in "\r\n":
        begin = text.index("\n", begin) + 1 if "\n" in text[begin : begin + 2] else begin + 1
    close = text.find(QUOTES, inner, stop)
    line_start = text.rfind("\n", 0, max(close, 0)) + 1
    before = text[line_start:close]
    if close < 0 or (line_start > inner and opens_another(text, before, close)):
        lexed.found("E0003/block", start, inner)
        end = left_edge(text, start, inner, stop if close < 0 else line_start)
        if end == len(text):
            lexed.quiet_from = start  # it took the rest of the file, so what seems to be missing there may be in it
        return Body(lexed, begin, end, end)
    if line_start <= inner:
        lexed.found("E0013/line", start, inner)
        return Body(lexed, begin, close, close + 3)
    if before.strip():
        lexed.found("E0013", close, close + 3)
        return Body(lexed, begin, close, close + 3)
    if begin <= text.find("\n", inner):
        lexed.found("E0013/open", start, inner)
        return Body(lexed, begin, line_start - 1, close + 3)
    content = line_start - 1
    return Body(lexed, begin, content - (text[content - 1] == "\r"), close + 3, before)


def opens_another(text: str, before: str, close: int) -> bool:
    """Tell whether quotes look like the start of another text: `prompt: \"""` at the end of a line."""
    rest = text[close + 3 : skip_blanks(text, close + 3, len(text)) + 1].strip(" \t\r")
    return rest in {"", "\n"} and OPENS_TEXT.search(before) is not None


def left_edge(text: str, start: int, inner: int, stop: int) -> int:
    """Return where the first line begins that stands no deeper than the one that opens the text: it is code again."""
    line_start = text.rfind("\n", 0, start) + 1
    edge = skip_blanks(text, line_start, start) - line_start
    at = text.find("\n", inner, stop) + 1
    while 0 < at < stop:
        first = skip_blanks(text, at, stop)
        if first - at <= edge and first < stop and text[first] not in "\r\n":
            return at
        at = text.find("\n", at, stop) + 1
    return stop


def skip_blanks(text: str, at: int, stop: int) -> int:
    """Return where the blanks that begin at `at` end."""
    match = BLANKS.match(text, at, stop)
    return match.end() if match else at
