"""What may be said of a file that did not parse: nothing that only follows from what the parser could not read."""

import re
from collections.abc import Iterable, Iterator

from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.tree import Program

DEFINES = re.compile(r"\b(\w+)[ \t]+(\w+)")
SURE = ("E0101", "E0105", "E0106", "E0201")
"""Findings that are true of a torn line too: a misspelt name is misspelt."""


def lost_names(program: Program) -> frozenset[str]:
    """Return the names that the text seems to define: `solve answers`, `type Step`. The parser may have lost some."""
    found = DEFINES.findall(program.source.text)
    return frozenset(name for word, name in found if word in KINDS or word in ("type", "enum", "as", "import"))


def likely(mistakes: Iterable[Diagnostic], found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Leave out warnings, and findings on the lines of a syntax error that may only follow from it."""
    lines = {_line(mistake) for mistake in mistakes if mistake.code < "E0010"}
    for finding in found:
        start, end = finding.places[0].span
        torn = finding.code == "E0302" or start == end or (finding.code not in SURE and _line(finding) in lines)
        if finding.severity == "error" and not torn:
            yield finding


def _line(finding: Diagnostic) -> int:
    source, span = finding.places[0]
    return source.position(span.start)[0]
