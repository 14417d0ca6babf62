"""A text without the mistakes whose cure is certain: the fixes of its findings, applied until nothing changes."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from msrun.dsl.diagnostic import Diagnostic, Edit
from msrun.dsl.facts import NOTHING as NO_FACTS
from msrun.dsl.facts import Facts
from msrun.dsl.front import NOTHING, Checked, check_text

MOST_ROUNDS = 10
"""A cure may uncover the next mistake; what is not done after this many rounds is left to the next call."""

MOST_SINGLE = 50
"""Fixes that are tried one by one in one round, where all of them together made things worse."""


class Cured(NamedTuple):
    """The mended text, the findings whose fixes were applied (in rounds, then by place), and what is left."""

    text: str
    applied: tuple[Diagnostic, ...]
    checked: Checked


class Draft(NamedTuple):
    """A text on its way: what the findings call its file, and where its imports start."""

    name: str
    text: str
    base: Path | None
    facts: Facts
    beside: Mapping[str, str] = NOTHING

    def check(self) -> Checked:
        """Check the text as it is now."""
        return check_text(self.name, self.text, base=self.base, beside=self.beside, facts=self.facts)


def cure(
    name: str,
    text: str,
    *,
    base: Path | None = None,
    beside: Mapping[str, str] = NOTHING,
    facts: Facts = NO_FACTS,
) -> Cured:
    """Apply every fix of a text that does not add errors. `name` is what the findings call the file.

    What is found in the files it imports, from `base` on, counts as errors too, and stays as it is; `beside` has
    texts that stand for files, as for `check_text`.
    """
    draft = Draft(name, text, base, facts, beside)
    checked = draft.check()
    applied: list[Diagnostic] = []
    for _ in range(MOST_ROUNDS):
        chosen = apart(finding for finding in checked.diagnostics if finding.places[0].source.name == name)
        step = _together(draft, checked, chosen) or _one_by_one(draft, checked, chosen[:MOST_SINGLE])
        if step is None:
            break
        draft, checked = draft._replace(text=step.text), step.checked
        applied += step.applied
    return Cured(draft.text, tuple(applied), checked)


def apart(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings with fixes that touch no fix of an earlier finding."""
    taken: list[Edit] = []
    chosen: list[Diagnostic] = []
    for finding in found:
        if finding.fix and not any(_touch(edit, other) for edit in finding.fix for other in taken):
            taken += finding.fix
            chosen.append(finding)
    return chosen


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with every edit made; the edits do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def errors_in(checked: Checked) -> int:
    """Return how many of the findings are errors."""
    return sum(finding.severity == "error" for finding in checked.diagnostics)


def _together(draft: Draft, before: Checked, chosen: list[Diagnostic]) -> Cured | None:
    """Apply these fixes at once; None where nothing changes or there would be more errors."""
    after = apply(draft.text, [edit for finding in chosen for edit in finding.fix])
    if after == draft.text:
        return None
    checked = draft._replace(text=after).check()
    return Cured(after, tuple(chosen), checked) if errors_in(checked) <= errors_in(before) else None


def _one_by_one(draft: Draft, before: Checked, chosen: list[Diagnostic]) -> Cured | None:
    """Apply the fixes that add no error on their own; the first of them where together they would."""
    if len(chosen) == 1:
        return None
    harmless = [finding for finding in chosen if _together(draft, before, [finding])]
    return _together(draft, before, harmless) or _together(draft, before, harmless[:1])


def _touch(one: Edit, other: Edit) -> bool:
    """Whether two edits overlap, or one inserts where the other begins or ends."""
    (start, end), (first, last) = one.span, other.span
    if start == end or first == last:
        return start <= last and first <= end
    return start < last and first < end
