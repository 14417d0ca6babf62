"""Findings in the order of the text, without the warnings that `# allow W0401: reason` on the line above silences."""

import re
from collections.abc import Iterable

from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.tree import Program

ALLOW = re.compile(r"#+ *allow +((?:W\d{4} *,? *)+):\s*\S")


def allowed(program: Program, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort findings by place and leave out the warnings that are allowed there; errors are never left out."""
    silenced = _silenced(program)
    position = program.source.position
    kept = [
        finding
        for finding in found
        if finding.severity == "error"
        or finding.places[0].source is not program.source
        or finding.code not in silenced.get(position(finding.places[0].span.start)[0], ())
    ]
    return tuple(sorted(dict.fromkeys(kept), key=lambda finding: finding.sort_key))


def _silenced(program: Program) -> dict[int, list[str]]:
    """The codes that are allowed on a line, by its number. A reason must be given."""
    lines: dict[int, list[str]] = {}
    for comment in program.comments:
        match = ALLOW.match(comment.text) if comment.own_line else None
        if match is not None:
            line, _ = program.source.position(comment.span.start)
            lines.setdefault(line + 1, []).extend(re.findall(r"W\d{4}", match[1]))
    return lines
