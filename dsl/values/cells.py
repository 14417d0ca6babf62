"""A cell: one place of a fan-out, with its item and what the call for it gave; and values that carry notes.

Where a value is expected either is read as its value, so that a list of cells serves as a list of values.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Cell:
    """`.item .value .index .status` of a fan-out; `status` is ok, fallback, skipped or failed.

    Only the first two have a value: a reply's, or the one that the node falls back to.
    """

    item: Any
    value: Any
    index: int
    status: str

    @property
    def has_value(self) -> bool:
        """Whether a call, or the node's fallback, gave a value."""
        return self.status == "ok" or self.status == "fallback"


@dataclass(slots=True)
class Noted:
    """A value with what its node says about it, by name: `share` of a vote, `denied` of a guard."""

    value: Any
    notes: dict[str, Any]


CELL_FIELDS = frozenset({"item", "value", "index", "status"})


def unwrap(value: Any) -> Any:
    """Return a cell's value (null where it was skipped), a noted one's, and anything else as it is."""
    while type(value) is Cell or type(value) is Noted:
        value = value.value
    return value


def notes_of(value: Any) -> dict[str, Any] | None:
    """Return the notes of a noted value, None for any other."""
    return value.notes if type(value) is Noted else None


def elements(value: list[Any], *, skipped: bool = False) -> list[Any]:
    """Return the list's elements; cells that gave no value are left out, unless `skipped` asks for them too."""
    if skipped:
        return value
    return [element for element in value if type(element) is not Cell or element.has_value]
