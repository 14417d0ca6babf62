"""A good plan to break: its tree with every part's parents, and edits that keep count of lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.parse import parse
from msrun.dsl.tree import Clause, EnumDecl, ImportDecl, Param, Ref, Setting, Statement, TypeDecl
from msrun.dsl.values.plain import is_tuple

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A broken plan. `lines` are those on which a finding is right; `what` is the edit, for the reader of a miss."""

    operator: str
    file: str
    text: str
    lines: frozenset[int]
    what: str


@dataclass(slots=True, eq=False)
class Book:
    """One good plan. `parts` are all parts of its tree, each with those it stands in, the nearest last."""

    file: str
    text: str
    parts: list[tuple[Any, tuple[Any, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        program = parse(Source(self.file, self.text)).program
        self.parts = list(_walk(program.items, ()))

    def all(self, kind: type[T]) -> Iterator[tuple[T, tuple[Any, ...]]]:
        """Yield every part of one kind, with those it stands in."""
        return ((part, above) for part, above in self.parts if isinstance(part, kind))

    @property
    def names(self) -> set[str]:
        """Everything that has a name here."""
        found = {part.name.text for part, _ in self.all(Statement) if part.name is not None}
        found |= {part.name.text for part, _ in self.all(Param)} | {part.name.text for part, _ in self.all(TypeDecl)}
        found |= {part.name.text for part, _ in self.all(EnumDecl)}
        found |= {part.name.text for part, _ in self.all(Clause) if part.name is not None}
        for part, _ in self.all(ImportDecl):
            found |= {name.text for name in part.names} | ({part.alias.text} if part.alias else set())
        return found

    def refs(self, name: str) -> list[Span]:
        """Return where a name is read."""
        return [part.span for part, _ in self.all(Ref) if part.name == name]

    def written(self, span: Span) -> str:
        """Return a part of the text."""
        return self.text[span.start : span.end]

    def edit(self, operator: str, span: Span, new: str, *right: int) -> Mistake:
        """Replace a span. `right` are places in the good text on whose lines a finding is right: by default its own."""
        broken = self.text[: span.start] + new + self.text[span.end :]
        shift = len(new) - (span.end - span.start)
        moved = [at if at <= span.start else max(span.start, at + shift) for at in right or (span.start,)]
        lines = frozenset(broken.count("\n", 0, at) + 1 for at in moved)
        what = f"`{_short(self.written(span))}` → `{_short(new)}`"
        return Mistake(operator=operator, file=self.file, text=broken, lines=lines, what=what)

    def whole_line(self, span: Span) -> Span:
        """Return a span with the blanks before it and the line break after it, where it has its lines to itself."""
        start = self.text.rfind("\n", 0, span.start) + 1
        end = self.text.find("\n", span.end)
        end = len(self.text) if end < 0 else end + 1
        alone = not self.text[start : span.start].strip() and not self.text[span.end : end].strip()
        return Span(start, end) if alone else span


def misspelt(word: str, taken: set[str]) -> str:
    """Return a word with two letters in each other's place, or one too many; never one that is taken."""
    for at in range(len(word) - 2, 0, -1):
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if swapped not in taken and swapped != word:
            return swapped
    return word + ("x" if word.isascii() else "了")


def _walk(value: Any, above: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    if is_tuple(value):
        for part in value:
            yield from _walk(part, above)
    elif is_dataclass(value) and not isinstance(value, Span):
        yield value, above
        for each in fields(value):
            if each.compare:
                yield from _walk(getattr(value, each.name), (*above, value))


def _short(text: str) -> str:
    text = text.replace("\n", "⏎")
    return text if len(text) <= 60 else text[:28] + "…" + text[-28:]


def setting_of(above: tuple[Any, ...]) -> Setting | None:
    """Return the setting that a part stands in, if any."""
    return next((part for part in reversed(above) if isinstance(part, Setting)), None)


def statement_of(above: tuple[Any, ...]) -> Statement | None:
    """Return the nearest statement that a part stands in."""
    return next((part for part in reversed(above) if isinstance(part, Statement)), None)
