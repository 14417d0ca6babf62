"""A diagnostic to the picture a person reads: the sentence, the lines it is about with marks below them, the help."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from unicodedata import category, combining, east_asian_width

from msrun.dsl import words
from msrun.dsl.diagnostic import Diagnostic, Place
from msrun.dsl.source import Source

TAB = 4
MAX_COLUMNS = 120
RED, YELLOW, BLUE = "31", "33", "34"
CONTROL_PICTURES = 0x2400
DELETE = 0x7F


class Strip(NamedTuple):
    """One line's part of a place: `mark` from code point `start` to `end` of line `number`."""

    source: Source
    number: int
    start: int
    end: int
    mark: str
    label: str


def render(diagnostic: Diagnostic, *, color: bool = False, lang: words.Language = "en") -> str:
    """Draw one diagnostic, without a line break at the end."""
    hue = RED if diagnostic.severity == "error" else YELLOW
    source, span = diagnostic.places[0]
    line, column = source.position(span.start)
    strips = list(all_strips(diagnostic, lang))
    gutter = max(len(str(strip.number)) for strip in strips)
    head = paint(f"{words.severity(diagnostic, lang)}[{diagnostic.code}]", hue, color=color)
    out = [f"{head}: {visible(words.message(diagnostic, lang))}"]
    out.append(f"{' ' * gutter}{paint('-->', BLUE, color=color)} {visible(source.name)}:{line}:{column}")
    out += drawn(strips, gutter, hue, color=color)
    if advice := words.advice(diagnostic, lang):
        first, *rest = advice.split("\n")
        out.append(f"{' ' * gutter} {paint('=', BLUE, color=color)} {words.help_word(lang)}: {visible(first)}")
        out += [f"{' ' * gutter}         {visible(text)}" for text in rest]
    return "\n".join(out)


def render_all(diagnostics: Iterable[Diagnostic], *, color: bool = False, lang: words.Language = "en") -> str:
    """Draw diagnostics in the order given, an empty line between two."""
    return "\n\n".join(render(diagnostic, color=color, lang=lang) for diagnostic in diagnostics)


def all_strips(diagnostic: Diagnostic, lang: words.Language) -> Iterator[Strip]:
    """Cut the places of a diagnostic into lines; the first place is the one marked by `^`."""
    for number, (place, label) in enumerate(zip(diagnostic.places, words.labels(diagnostic, lang), strict=False)):
        yield from strips_of(place, "-" if number else "^", label)


def strips_of(place: Place, mark: str, label: str) -> Iterator[Strip]:
    """Cut one place into its first and its last line; a place that ends with a line break ends before it."""
    source, (start, end) = place
    first, start_column = source.position(start)
    last, end_column = source.position(max(start, end))
    if last > first and end_column == 1:
        last -= 1
        end_column = len(source.line(last)) + 1
    if last == first:
        yield Strip(source, first, start_column - 1, end_column - 1, mark, label)
        return
    line = source.line(last)
    yield Strip(source, first, start_column - 1, len(source.line(first)), mark, "")
    yield Strip(source, last, len(line) - len(line.lstrip()), end_column - 1, mark, label)


def drawn(strips: list[Strip], gutter: int, hue: str, *, color: bool) -> Iterator[str]:
    """Draw each line once, with a line of marks for each strip on it."""
    bar = paint("|", BLUE, color=color)
    before: Strip | None = None
    for strip in strips:
        other_file = before is not None and before.source.name != strip.source.name
        if other_file:
            yield f"{' ' * gutter}{paint(':::', BLUE, color=color)} {visible(strip.source.name)}:{strip.number}"
        line = Line(strip.source.line(strip.number))
        shown, offset = line.window(strip.start, strip.end)
        if before is None or other_file or before.number != strip.number or offset:
            yield f"{paint(f'{strip.number:>{gutter}}', BLUE, color=color)} {bar} {shown}".rstrip()
        first, last = line.columns[strip.start] - offset, line.columns[strip.end] - offset
        marks = strip.mark * max(1, min(last, MAX_COLUMNS) - first)
        label = f"{marks} {visible(strip.label)}".rstrip()
        marks_hue = hue if strip.mark == "^" else BLUE
        yield f"{' ' * gutter} {bar} {' ' * first}{paint(label, marks_hue, color=color)}"
        before = strip


class Line:
    """A line as shown: tabs as blanks, control characters as signs, and the column each code point begins at."""

    def __init__(self, written: str) -> None:
        shown: list[str] = []
        self.columns: list[int] = []
        column = 0
        for char in written:
            self.columns.append(column)
            cell = " " * (TAB - column % TAB) if char == "\t" else visible(char)
            shown.append(cell)
            column += len(cell) if char == "\t" else width(cell)
        self.columns.append(column)
        self.shown = shown

    def window(self, start: int, end: int) -> tuple[str, int]:
        """Return what fits of the line around a range of code points, and the columns left out on its left."""
        if self.columns[-1] <= MAX_COLUMNS:
            return "".join(self.shown), 0
        first = max(0, min(start, bisect_left(self.columns, self.columns[end] - MAX_COLUMNS // 2)))
        last = bisect_left(self.columns, self.columns[first] + MAX_COLUMNS)
        cut = "…" if first else ""
        offset = self.columns[first] - len(cut)
        return cut + "".join(self.shown[first:last]) + ("…" if last < len(self.shown) else ""), offset


def width(char: str) -> int:
    """Return how many columns of a terminal a character takes (UAX 11; combining marks take none)."""
    if combining(char) or category(char) in {"Mn", "Me"} or char in "\u200d\ufe0f":
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def visible(text: str) -> str:
    """Replace what would move the cursor, hide or reorder text: a terminal must not be steered by a source file."""
    return text if text.isascii() and text.isprintable() else "".join(map(neutral, text))


def neutral(char: str) -> str:
    """Return a character, or the sign that stands for it where it cannot be shown."""
    code = ord(char)
    if code < ord(" "):
        return chr(CONTROL_PICTURES + code)
    if code == DELETE:
        return chr(CONTROL_PICTURES + 0x21)
    hidden = category(char) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"} and char != "\u200d"
    return "\ufffd" if hidden else char


def paint(text: str, hue: str, *, color: bool) -> str:
    """Wrap a text in an ANSI colour."""
    return f"\x1b[1;{hue}m{text}\x1b[0m" if color and text else text
