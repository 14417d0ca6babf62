"""Diagnostics as data: a code, places and values. The words stand in `msrun.dsl.words`, the picture in `render`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from msrun.dsl.source import Source, Span

Severity: TypeAlias = Literal["error", "warning"]


class Place(NamedTuple):
    """A span of one source."""

    source: Source
    span: Span


class Edit(NamedTuple):
    """Replace `span` of `source` by `text`."""

    source: Source
    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding. `entry` names its words, the code or `CODE/variant`; the first place is where the mistake stands."""

    entry: str
    places: tuple[Place, ...]
    values: tuple[tuple[str, str], ...] = ()
    fix: tuple[Edit, ...] = ()

    @property
    def code(self) -> str:
        """`E0101`."""
        return self.entry.partition("/")[0]

    @property
    def severity(self) -> Severity:
        """Codes that begin with E are errors, with W warnings."""
        return "error" if self.entry.startswith("E") else "warning"

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """File, start, end and code: the order findings are shown in."""
        source, span = self.places[0]
        return source.name, span.start, span.end, self.entry


def report(entry: str, *places: Place, fix: Sequence[Edit] = (), **values: object) -> Diagnostic:
    """Make a diagnostic; `values` fill the `{name}` slots of its words."""
    return Diagnostic(
        entry=entry,
        places=places,
        values=tuple((name, str(value)) for name, value in values.items()),
        fix=tuple(fix),
    )
