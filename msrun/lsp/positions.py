"""Places of the protocol to offsets and back: lines from 0, characters in the units that both sides agreed on."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lsprotocol import types

from msrun.dsl.source import Source, Span

Units: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]


def units_of(encoding: str | None) -> Units:
    """Return the units of a negotiated encoding; UTF-16 is the protocol's own default."""
    return "utf-8" if encoding == "utf-8" else "utf-32" if encoding == "utf-32" else "utf-16"


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures one text in one kind of units. Only `\\n` and `\\r\\n` end a line, as for the language."""

    source: Source
    units: Units

    def offset(self, at: types.Position) -> int:
        """Return the offset of a position; past the end of its line that end, past the text the text's."""
        starts = self.source.line_starts()
        if at.line >= len(starts):
            return len(self.source.text)
        line = self.source.line(at.line + 1)
        if line.isascii() or self.units == "utf-32":
            return starts[at.line] + min(at.character, len(line))
        return starts[at.line] + _characters(line, at.character, self.units)

    def position(self, offset: int) -> types.Position:
        """Return the position of an offset."""
        starts = self.source.line_starts()
        line = bisect_right(starts, offset) - 1
        before = self.source.text[starts[line] : offset]
        return types.Position(line, width(before, self.units))

    def range(self, span: Span) -> types.Range:
        """Return the range of a span."""
        return types.Range(self.position(span.start), self.position(span.end))

    def span(self, at: types.Range) -> Span:
        """Return the span of a range."""
        return Span(self.offset(at.start), self.offset(at.end))


def width(text: str, units: Units) -> int:
    """Return how many units a text takes.

    >>> [width("步🙂", units) for units in ("utf-8", "utf-16", "utf-32")]
    [7, 3, 2]
    """
    match units:
        case "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        case "utf-16":
            return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
        case "utf-32":
            return len(text)


def _characters(line: str, units_before: int, units: Units) -> int:
    """Return how many characters of a line lie before a number of units; one that is cut in half counts as before."""
    passed = 0
    for at, char in enumerate(line):
        if passed >= units_before:
            return at
        passed += width(char, units)
    return len(line)
