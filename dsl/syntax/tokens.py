"""Tokens: what the lexer cuts a source text into, and what it found on the way."""

from dataclasses import dataclass, field
from typing import NamedTuple

from msrun.dsl.diagnostic import Diagnostic, Edit, Place, report
from msrun.dsl.source import Source, Span
from msrun.dsl.tree import Comment, Constant

CLAUSE_WORDS = frozenset({
    "for", "from", "given", "using", "when", "on", "by", "keep", "limit", "samples", "within", "in", "as",
})  # fmt: skip
STATEMENT_WORDS = frozenset({"return", "next", "until", "expect", "case", "else", "import", "type", "enum"})
RESERVED = CLAUSE_WORDS | STATEMENT_WORDS | frozenset({"and", "or", "not", "true", "false", "null"})


CLOSER = {"(": ")", "[": "]", "{": "}"}
END = "end of file"
MAX_NOTED = 1000


class Hole(NamedTuple):
    """The tokens of `{{ … }}`, the last of them END; the span covers the braces."""

    tokens: "list[Token]"
    span: Span


class Pieces(NamedTuple):
    """A text literal cut into characters and holes."""

    parts: tuple[str | Hole, ...]
    raw: bool = False


class Token(NamedTuple):
    """One token. `kind` is NAME, KEY, NUMBER, TEXT, END, or a reserved word or sign itself; `text` a name in NFC."""

    kind: str
    start: int
    end: int
    text: str = ""
    value: Constant | Pieces | None = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


@dataclass(slots=True)
class Lexed:
    """What became of one source text. The tokens end with END; past `quiet_from` nothing new is said."""

    source: Source
    tokens: list[Token] = field(default_factory=list[Token])
    comments: list[Comment] = field(default_factory=list[Comment])
    findings: list[Diagnostic] = field(default_factory=list[Diagnostic])
    quiet_from: int | None = None

    def found(self, entry: str, start: int, end: int, *edits: tuple[int, int, str], **values: str | int) -> None:
        """Note a finding at one place; past a thousand the file is noise, and the first ones say so.

        The edits, from an offset to an offset, make it good together.
        """
        if len(self.findings) < MAX_NOTED:
            fix = [Edit(self.source, Span(first, last), text) for first, last, text in edits]
            self.findings.append(report(entry, Place(self.source, Span(start, end)), fix=fix, **values))
