"""The tokens of a file with all that a layout asks of them: the comments before each, its bracket, its gap."""

from dataclasses import dataclass

from msrun.dsl.format.units import Outline
from msrun.dsl.render import width
from msrun.dsl.syntax.tokens import END, Lexed
from msrun.dsl.tree import Program

VALUE_ENDS = frozenset({"NAME", "NUMBER", "TEXT", ")", "]", "}", "true", "false", "null"})
TIGHT_BEFORE = frozenset({",", ":", ")", "]", "?", ".."})
TIGHT_AFTER = frozenset({"(", "[", ".", ".."})


@dataclass(frozen=True, slots=True)
class Note:
    """A comment. `blank` says whether an empty line stands before it."""

    text: str
    own_line: bool
    blank: bool


class Sheet:
    """The tokens of one file by number. `pads` are the blanks before a token beyond its gap; `end` is the last one."""

    def __init__(self, program: Program, lexed: Lexed) -> None:
        self.text = program.source.text
        kinds = [token.kind for token in lexed.tokens]
        self.end = kinds.index(END)
        self.tokens = lexed.tokens[: self.end + 1]
        self.outline = Outline(program, self.tokens)
        self.braces = {at for body in self.outline.bodies() for at in (body.opening, body.closing)}
        self.followers = {unit.start for body in self.outline.bodies() for unit in body.units[1:]}
        self.angles = self.find_angles()
        self.closers = self.find_closers()
        self.pads: dict[int, int] = {}
        self.blanks: set[int] = set()
        self.notes: dict[int, list[Note]] = {}
        self.place_notes(program)

    def find_angles(self) -> set[int]:
        """Return the numbers of the `<` and `>` that stand in types."""
        found: set[int] = set()
        for span in self.outline.types:
            first, last = self.outline.range(span)
            found |= {at for at in range(first, last) if self.tokens[at].kind in "<>"}
        return found

    def find_closers(self) -> dict[int, int]:
        """Return for every opening bracket the number of the one that closes it."""
        found: dict[int, int] = {}
        waiting: list[int] = []
        for at, token in enumerate(self.tokens):
            if token.kind in "([{" or (token.kind == "<" and at in self.angles):
                waiting.append(at)
            elif token.kind in ")]}" or (token.kind == ">" and at in self.angles):
                found[waiting.pop()] = at
        return found

    def place_notes(self, program: Program) -> None:
        """Give every comment to the token after it; one before a comma or a body's brace moves behind that."""
        comments = iter((*program.comments, None))
        comment = next(comments)
        end = 0
        for at, token in enumerate(self.tokens):
            while comment and comment.span.start < token.start:
                note = Note(comment.text.rstrip(), comment.own_line, self.empty_line(end, comment.span.start))
                self.notes.setdefault(at, []).append(note)
                end = comment.span.end
                comment = next(comments)
            if self.empty_line(end, token.start):
                self.blanks.add(at)
            end = token.end
        for at, token in enumerate(self.tokens):
            if at in self.notes and (token.kind == "," or (token.kind == "{" and at in self.braces)):
                self.notes[at + 1] = self.notes.pop(at) + self.notes.get(at + 1, [])
        for notes in self.notes.values():
            notes[1:] = [Note(note.text, own_line=True, blank=note.blank) for note in notes[1:]]

    def empty_line(self, start: int, end: int) -> bool:
        """Tell whether an empty line stands between two offsets."""
        return self.text.count("\n", start, end) > 1

    def written(self, at: int) -> str:
        """Return a token as written."""
        token = self.tokens[at]
        return self.text[token.start : token.end]

    def broken_after(self, at: int) -> bool:
        """Tell whether the author began a new line after a token."""
        return "\n" in self.text[self.tokens[at].end : self.tokens[at + 1].start]

    def on_one_line(self, start: int, end: int) -> bool:
        """Tell whether the tokens from `start` up to `end` were written on one line."""
        return "\n" not in self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def opens_items(self, at: int) -> bool:
        """Tell whether a bracket opens items that may stand on lines of their own: no index, no range, no body."""
        kind = self.tokens[at].kind
        return (
            kind == "("
            or (kind == "{" and at not in self.braces)
            or (kind == "[" and not (self.ends_value(at - 1) or at - 1 in self.angles))
        )

    def ends_value(self, at: int) -> bool:
        """Tell whether a value may end with this token."""
        return self.tokens[at].kind in VALUE_ENDS

    def items(self, opening: int) -> list[tuple[int, int]]:
        """Return the ranges of a bracket's items, each with its comma."""
        found: list[tuple[int, int]] = []
        closing = self.closers[opening]
        at = start = opening + 1
        while at < closing:
            if self.tokens[at].kind == ",":
                found.append((start, at + 1))
                start = at + 1
            at = self.closers.get(at, at) + 1
        return [*found, (start, closing)] if start < closing else found

    def gap(self, at: int) -> str:
        """Return the blanks between a token and the one before it on the same line."""
        return " " * (self.spaced(at) + self.pads.get(at, 0))

    def spaced(self, at: int) -> bool:
        """Tell whether a blank stands between a token and the one before it."""
        before, token = self.tokens[at - 1], self.tokens[at]
        if token.kind in TIGHT_BEFORE or before.kind in TIGHT_AFTER:
            return False
        if at in self.angles or (before.kind == "<" and at - 1 in self.angles):
            return False
        if token.kind in "([." and (self.ends_value(at - 1) or at - 1 in self.angles):
            return False
        if before.kind == "-" and not self.ends_value(at - 2):
            return False
        if before.kind == "{":
            return at - 1 in self.braces and token.kind != "}"
        return not (token.kind == "}" and at not in self.braces)


def columns(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(width, text))
