"""The front door of the formatter: a file's text as it should be written, and the proof that it still says the same."""

from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.format.layout import Layout, Line
from msrun.dsl.format.pads import align
from msrun.dsl.format.sheet import Sheet, columns
from msrun.dsl.source import Source
from msrun.dsl.syntax.lexer import lex
from msrun.dsl.syntax.parse import parse
from msrun.dsl.syntax.tokens import END
from msrun.dsl.tree import Program

OPENING = tuple("([{")
CLOSING = tuple(")]}")


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file's text as it should be written; None where the file has syntax errors, which `diagnostics` tell."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


class MeaningChangedError(Exception):
    """Formatting would have changed what a file says. This is a defect of the formatter, never of the file."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(f"formatting {name} would change what it says at line {line}")
        self.name = name
        self.line = line


class Said(NamedTuple):
    """What a text says, blanks aside: its tokens and comments as written, each with its line, and its tree."""

    words: list[tuple[str, int]]
    comments: list[tuple[str, int]]
    program: Program


def format_text(name: str, text: str) -> Formatted:
    """Return the text of a plan file as it should be written. Line breaks stay `\\r\\n` where the first is.

    Raises MeaningChangedError where the result would say something else than the text.

    >>> format_text("x.plan", "plan x( ){return   y}").text
    'plan x() { return y }\\n'
    """
    source = Source(name, text)
    parsed = parse(source)
    if parsed.diagnostics:
        return Formatted(None, parsed.diagnostics)
    made = lay_out(parsed.program)
    if "\r\n" in text[: text.find("\n") + 1]:
        made = made.replace("\n", "\r\n")
    compare(name, text, made)
    return Formatted(made)


def lay_out(program: Program) -> str:
    """Return the text of a program without errors."""
    sheet = Sheet(program, lex(program.source))
    align(sheet)
    layout = Layout(sheet)
    layout.units(sheet.outline.units, sheet.end, 0)
    place_notes(layout.lines)
    return "".join(f"{line.code}\n" for line in layout.lines)


def place_notes(lines: list[Line]) -> None:
    """Put the comments at the ends of lines; on lines that follow each other they begin in one column."""
    for _, group in groupby(lines, key=neighbourhood):
        noted = [line for line in group if line.note]
        widest = max((columns(line.code) for line in noted), default=0)
        for line in noted:
            line.code += " " * (widest - columns(line.code) + 2) + line.note


def neighbourhood(line: Line) -> tuple[int, bool, str]:
    """Return what lines share whose comments are aligned: the indent, and no bracket that opens or closes there."""
    code = line.code.lstrip(" ")
    edge = code if code.startswith(CLOSING) or code.endswith(OPENING) else ""
    return len(line.code) - len(code), bool(line.note), edge


def compare(name: str, text: str, made: str) -> None:
    """Raise MeaningChangedError where two texts differ in a token, in a comment or in their trees."""
    before, after = said(text), said(made)
    for old, new in ((before.words, after.words), (before.comments, after.comments)):
        line = first_difference(old, new)
        if line:
            raise MeaningChangedError(name, line)
    if before.program != after.program:
        raise MeaningChangedError(name, text.count("\n") + 1)


def first_difference(old: list[tuple[str, int]], new: list[tuple[str, int]]) -> int:
    """Return the line of the first word that is another one; 0 where there is none."""
    for (word, line), (made, _) in zip(old, new, strict=False):
        if word != made:
            return line
    return 0 if len(old) == len(new) else max((line for _, line in old), default=1)


def said(text: str) -> Said:
    """Return what a text says. Texts in triple quotes, whose margin may move, are compared in the tree."""
    source = Source("", text)
    words = [
        (token.kind if "\n" in (word := text[token.start : token.end]) else word, source.position(token.start)[0])
        for token in lex(source).tokens
        if token.kind != END
    ]
    program = parse(source).program
    comments = [(note.text.rstrip(), source.position(note.span.start)[0]) for note in program.comments]
    return Said(words, comments, program)
