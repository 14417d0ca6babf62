"""What the checker came to know about the places of a file: an editor asks by place what a person points at.

The checker writes it down where it looks a name up, so that editor and checker cannot disagree.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from msrun.dsl.source import Span

if TYPE_CHECKING:
    from msrun.dsl.check.names import Symbol
    from msrun.dsl.infer.where import Where
    from msrun.dsl.shapes import Shape


class Part(NamedTuple):
    """A part of a declaration, by the declaration's id: a record's field, an enum's label, a tool's parameter."""

    owner: str
    name: str


@dataclass(slots=True)
class Notes:
    """One file's places: which name is read there, which part of a declaration, which shape the expression has.

    `wheres` has the place of every expression that was looked at, as the checker saw it.
    """

    uses: "dict[Span, Symbol]" = field(default_factory=lambda: dict[Span, "Symbol"]())
    parts: dict[Span, Part] = field(default_factory=dict[Span, Part])
    shapes: "dict[Span, Shape]" = field(default_factory=lambda: dict[Span, "Shape"]())
    wheres: "dict[Span, Where]" = field(default_factory=lambda: dict[Span, "Where"]())
