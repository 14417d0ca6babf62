"""Changes of a plan as people read them, as a tree of places, and as the objects of a JSON document."""

from collections.abc import Iterator, Sequence
from typing import Any

from msrun.dsl.diff.change import Change, Step
from msrun.dsl.diff.words import marked, word_diff

_MARKS = {"added": "+", "removed": "-", "renamed": "~", "changed": " "}
_LONG = 400
"""Characters of one side that are shown; the rest stands in the file."""


def told(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the lines: places without a mark, and below them what was added, removed, renamed or changed."""
    above: tuple[Step, ...] = ()
    for change in _grouped(changes):
        *places, _ = change.path
        for depth, step in enumerate(places):
            if above[: depth + 1] != tuple(places[: depth + 1]):
                yield f"{'  ' * depth}{step}"
        above = tuple(places)
        yield f"{'  ' * len(places)}{_line(change)}".rstrip()


def objects(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return the changes as plain values; a change of prose has its words, too."""
    return [_object(change) for change in changes]


def _grouped(changes: Sequence[Change]) -> list[Change]:
    """Sort changes below the place where each belongs; places stay in the order in which they first come."""
    first: dict[tuple[Step, ...], int] = {}
    for at, change in enumerate(changes):
        for depth in range(len(change.path)):
            first.setdefault(change.path[: depth + 1], at)
    return sorted(changes, key=lambda change: [first[change.path[: depth + 1]] for depth in range(len(change.path))])


def _line(change: Change) -> str:
    mark, last = _MARKS[change.what], change.path[-1]
    match change.what:
        case "added":
            return f"{mark} {last}: {_short(change.new)}"
        case "removed":
            return f"{mark} {last}: {_short(change.old)}"
        case "renamed":
            return f"{mark} {last} → {change.new}"
        case "changed" if change.prose:
            return f"{last}: {marked(word_diff(change.old or '', change.new or ''))}".replace("\n", "⏎")
        case "changed":
            return f"{last}: {_short(change.old)} → {_short(change.new)}"


def _short(text: str | None) -> str:
    text = " ".join((text or "").split())
    return text if len(text) <= _LONG else text[:_LONG] + "…"


def _object(change: Change) -> dict[str, Any]:
    made: dict[str, Any] = {"change": change.what, "path": [str(step) for step in change.path]}
    if change.old is not None:
        made["old"] = change.old
    if change.new is not None:
        made["new"] = change.new
    if change.prose:
        made["words"] = [[piece.part, piece.text] for piece in word_diff(change.old or "", change.new or "")]
    return made
