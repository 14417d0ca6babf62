"""Units to lines: what fits stands on one line, what does not is broken at its clauses and its brackets."""

from dataclasses import dataclass
from itertools import pairwise

from msrun.dsl.format.sheet import Sheet, columns
from msrun.dsl.format.textblock import moved
from msrun.dsl.format.units import Body, Unit

WIDTH = 100
"""Columns of a line; only what cannot be broken is longer."""

STEP = 2
CONTINUED = 4
"""A continued line stands deeper than the block it may open."""


@dataclass(slots=True)
class Line:
    """A line and the comment at its end. Nothing is put behind a comment."""

    code: str
    note: str = ""


class Layout:
    """Writes the tokens of a sheet to lines."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.lines: list[Line] = []
        self.fresh = True

    # writing

    def new_line(self, indent: int) -> None:
        """Begin a line."""
        self.lines.append(Line(" " * indent))
        self.fresh = True

    def put(self, at: int, indent: int) -> None:
        """Write one token behind the gap before it; the lines of a text block move with the line they belong to."""
        gap = "" if self.fresh else self.sheet.gap(at)
        written = self.sheet.written(at)
        first, *rest = moved(written, indent + STEP) if self.is_block_text(at) else [written]
        self.lines[-1].code += gap + first
        self.lines += [Line(line) for line in rest]
        self.fresh = False

    def put_flat(self, text: str) -> None:
        """Write what was put together already."""
        self.lines[-1].code += text
        self.fresh = False

    def put_notes(self, at: int, indent: int, top: int | None = None) -> None:
        """Write the comments before a token: the first may end the line at hand, the others have lines of their own.

        Empty lines before them are kept below the line `top`.
        """
        for note in self.sheet.notes.get(at, ()):
            if not note.own_line and self.lines and not self.lines[-1].note:
                self.lines[-1].note = note.text
                continue
            if note.blank and top is not None and len(self.lines) > top:
                self.lines.append(Line(""))
            self.lines.append(Line(" " * indent + note.text))

    def column(self) -> int:
        """Return how many columns of the line at hand are used."""
        return columns(self.lines[-1].code)

    def is_block_text(self, at: int) -> bool:
        """Tell whether a token is a text of several lines."""
        token = self.sheet.tokens[at]
        return token.kind == "TEXT" and "\n" in self.sheet.written(at)

    # what stands on one line

    def flat(self, start: int, end: int, *, forced: bool = False) -> str | None:
        """Return the tokens from `start` up to `end` on one line; None where they cannot or shall not stand on one.

        `forced` leaves out what the author wants: line breaks within brackets and comments.
        """
        sheet = self.sheet
        parts: list[str] = []
        for at in range(start, end):
            if not forced and ((at > start and at in sheet.notes) or self.must_break(at)):
                return None
            if self.is_block_text(at):
                if not forced:
                    return None
                return "".join([*parts, sheet.gap(at), '"""'])
            if at > start:
                parts.append(self.between(at))
            parts.append(sheet.written(at))
        return "".join(parts)

    def between(self, at: int) -> str:
        """Return the gap before a token, wider between the units of a body on one line."""
        return "  " if at in self.sheet.followers else self.sheet.gap(at)

    def must_break(self, at: int) -> bool:
        """Tell whether the author broke the line behind a bracket or brace, and it has to stay so."""
        sheet = self.sheet
        if at not in sheet.closers or sheet.closers[at] == at + 1:
            return False
        if at in sheet.braces:
            return not sheet.on_one_line(at, sheet.closers[at] + 1)
        return sheet.opens_items(at) and sheet.broken_after(at)

    def fits(self, text: str | None, indent: int) -> bool:
        """Tell whether a text fits a line."""
        return text is not None and indent + columns(text) <= WIDTH

    # units

    def units(self, units: tuple[Unit, ...], end: int, indent: int) -> None:
        """Write units on lines of their own with the comments between them, `end` being the token behind the last."""
        top = len(self.lines)
        before: Unit | None = None
        tall = False
        for unit in units:
            above = len(self.lines)
            self.put_notes(unit.start, indent, top)
            if unit.start in self.sheet.blanks and len(self.lines) > top:
                self.lines.append(Line(""))
            first = len(self.lines)
            self.new_line(indent)
            self.unit(unit, indent)
            was_tall, tall = tall, len(self.lines) > first + 1
            apart = tall or was_tall or (before and (before.kind == "import") != (unit.kind == "import"))
            if before and apart and not indent and not any(line.code == "" for line in self.lines[above:first]):
                self.lines.insert(above, Line(""))
            before = unit
        self.put_notes(end, indent, top)

    def unit(self, unit: Unit, indent: int) -> None:
        """Write one unit on the line just begun."""
        flat = self.flat(unit.start, unit.end)
        if flat is not None and self.fits(flat, indent):
            self.put_flat(flat)
            return
        header_end = unit.body.opening if unit.body else unit.end
        self.header(unit, header_end, indent)
        if unit.body:
            self.body(unit.body, indent)

    def header(self, unit: Unit, end: int, indent: int) -> None:
        """Write what stands before the block: on one line where it fits, else with each clause on a line of its own."""
        sheet = self.sheet
        tail = STEP if unit.body else 0
        broken = any(at in sheet.notes for at in unit.clauses) or not self.fits(
            self.flat(unit.start, end, forced=True), indent + tail
        )
        cuts = [unit.start, *(unit.clauses if broken else ()), end]
        for number, (start, stop) in enumerate(pairwise(cuts)):
            inner = indent + CONTINUED if number else indent
            if number:
                self.put_notes(start, inner)
                self.new_line(inner)
            self.run(start, stop, inner, tail if stop == end else 0)

    def body(self, body: Body, indent: int) -> None:
        """Write a block."""
        opening, closing = body.opening, body.closing
        flat = self.flat(opening, closing + 1)
        if flat is not None and self.fits(" " + flat, self.column()):
            self.put_flat(" " + flat)
            return
        self.put(opening, indent)
        self.units(body.units, closing, indent + STEP)
        self.new_line(indent)
        self.put(closing, indent)

    # values

    def run(self, start: int, end: int, indent: int, tail: int) -> None:
        """Write the tokens from `start` up to `end`, breaking brackets; `tail` columns stay free behind them."""
        sheet = self.sheet
        at = start
        while at < end:
            if at > start and at in sheet.notes:
                self.put_notes(at, indent + CONTINUED)
                self.new_line(indent + CONTINUED)
            closing = sheet.closers.get(at)
            if closing is None or not sheet.opens_items(at) or (closing == at + 1 and closing not in sheet.notes):
                self.put(at, indent)
                at += 1
                continue
            flat = self.flat(at, closing + 1)
            gap = "" if self.fresh else sheet.gap(at)
            rest = self.rest(closing + 1, end, tail)
            if flat is not None and self.fits(gap + flat, self.column() + rest):
                self.put_flat(gap + flat)
            else:
                self.bracket(at, closing, indent)
            at = closing + 1

    def rest(self, start: int, end: int, tail: int) -> int:
        """Return the columns of what follows a bracket up to where the line may be broken next."""
        sheet = self.sheet
        stop = next((at + 1 for at in range(start, end) if at in sheet.closers and sheet.opens_items(at)), None)
        flat = self.flat(start, stop or end, forced=True) or ""
        return (columns(sheet.gap(start)) if start < end else 0) + columns(flat) + (0 if stop else tail)

    def bracket(self, opening: int, closing: int, indent: int) -> None:
        """Write a bracket over several lines.

        Where the author broke the line behind it, its items share lines as written; else short ones fill the lines.
        """
        sheet = self.sheet
        items = sheet.items(opening)
        self.put(opening, indent)
        if self.is_one_bracket(items, closing):
            self.bracket(opening + 1, closing - 1, indent)
            self.put(closing, indent)
            return
        by_author = sheet.broken_after(opening)
        short = all(stop - start <= STEP and not self.is_block_text(start) for start, stop in items)
        inner = indent + STEP
        for start, stop in items:
            self.put_notes(start, inner)
            joins = start > opening + 1 and start not in sheet.notes
            joins = joins and (not sheet.broken_after(start - 1) if by_author else short)
            flat = self.flat(start, stop) if joins else None
            if flat is not None and self.fits(flat, self.column() + 1):
                self.put_flat(" " + flat)
                continue
            self.new_line(inner)
            self.run(start, stop, inner, 0)
        self.put_notes(closing, inner)
        self.new_line(indent)
        self.put(closing, indent)

    def is_one_bracket(self, items: list[tuple[int, int]], closing: int) -> bool:
        """Tell whether all that stands in a bracket is another one, which then needs no lines of its own."""
        sheet = self.sheet
        if len(items) != 1 or items[0][0] in sheet.notes or closing in sheet.notes:
            return False
        inner = items[0][0]
        return sheet.closers.get(inner) == closing - 1 and sheet.opens_items(inner) and closing > inner + 2
