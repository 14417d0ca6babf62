"""A long text with only one part of it left to check: what an edit leaves as it was is known, and is blanked out.

A plan that did not change keeps its header alone, a test nothing; types, models and fragments stay, for others read
them. What is found in such a text is right for what changed, at a cost that does not grow with the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from msrun.dsl.diagnostic import Diagnostic, Edit, Place
from msrun.dsl.front import Study
from msrun.dsl.source import Source, Span
from msrun.dsl.tree import Statement

ACROSS = ("W0402",)
"""Findings that depend on all of a file: those of the last whole check stand until the next one."""


@dataclass(frozen=True, slots=True)
class Focus:
    """A text without what did not change. `old` and `new` are the ends of what changed, before and after."""

    text: str
    start: int
    old: int
    new: int
    blank: tuple[Span, ...]

    def moved(self, span: Span) -> Span | None:
        """Return where a span of the old text stands now, None where it was changed."""
        if span.end <= self.start:
            return span
        delta = self.new - self.old
        return Span(span.start + delta, span.end + delta) if span.start >= self.old else None


def focus(study: Study, text: str) -> Focus:
    """Blank out of a new text what stands in the studied one too and changes nothing elsewhere."""
    before = study.main.program.source.text
    start = _same(before, text)
    most = min(len(before), len(text)) - start
    same = _same(before[len(before) - most :][::-1], text[len(text) - most :][::-1])
    made = Focus("", start, len(before) - same, len(text) - same, ())
    blanked: list[Span] = []
    pieces: list[str] = []
    at = 0
    for item, outer, inner in _closed(study):
        now, hidden = made.moved(outer), made.moved(inner)
        if now is None or hidden is None or now.start < at or (item.span.start < made.old and item.span.end > start):
            continue
        pieces += [text[at : hidden.start], _blanks(text[hidden.start : hidden.end])]
        blanked.append(now)
        at = hidden.end
    return replace(made, text="".join([*pieces, text[at:]]), blank=tuple(blanked))


def merged(focus: Focus, study: Study, quick: tuple[Diagnostic, ...], source: Source) -> tuple[Diagnostic, ...]:
    """Join what is found in the focus with what the last study found elsewhere. `source` is the whole new text."""
    name = source.name
    kept = [each for each in quick if not _elsewhere(focus, each, name)]
    for each in study.checked.diagnostics:
        if each.places[0].source.name != name:
            continue
        moved = _moved(focus, each, source)
        if moved is not None and _elsewhere(focus, moved, name):
            kept.append(moved)
    found = (_in_source(each, source) for each in kept)
    return tuple(sorted(dict.fromkeys(found), key=lambda each: each.sort_key))


def _elsewhere(focus: Focus, finding: Diagnostic, name: str) -> bool:
    source, span = finding.places[0]
    blank = any(each.start <= span.start < each.end for each in focus.blank)
    return source.name == name and (blank or finding.code in ACROSS)


def _moved(focus: Focus, finding: Diagnostic, source: Source) -> Diagnostic | None:
    """A finding of the old text at its place in the new one; None where that was changed."""
    places: list[Place] = []
    for place in finding.places:
        span = focus.moved(place.span) if place.source.name == source.name else place.span
        if span is not None:
            places.append(Place(source if place.source.name == source.name else place.source, span))
    edits = [(edit, focus.moved(edit.span)) for edit in finding.fix]
    fix = tuple(Edit(source, span, edit.text) for edit, span in edits if span is not None)
    whole = len(places) == len(finding.places) and len(fix) == len(finding.fix)
    return replace(finding, places=tuple(places), fix=fix) if whole else None


def _in_source(finding: Diagnostic, source: Source) -> Diagnostic:
    """The finding with the whole text behind its places, instead of the one with blanks."""
    places = tuple(Place(source, each.span) if each.source.name == source.name else each for each in finding.places)
    fix = tuple(each._replace(source=source) if each.source.name == source.name else each for each in finding.fix)
    return replace(finding, places=places, fix=fix)


def _closed(study: Study) -> Iterator[tuple[Statement, Span, Span]]:
    """Yield plans and tests that end with a brace of their own, each with its span and the part to blank out."""
    text = study.main.program.source.text
    for item in study.main.program.items:
        block = item.block if isinstance(item, Statement) and item.kind.text in ("plan", "test") else None
        if isinstance(item, Statement) and block is not None and text[block.span.end - 1 : block.span.end] == "}":
            inner = Span(block.span.start + 1, block.span.end - 1) if item.kind.text == "plan" else item.span
            yield item, item.span, inner


def _same(one: str, other: str) -> int:
    """How many characters two texts begin with in common: halves are compared, which costs less than single ones."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _blanks(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))
