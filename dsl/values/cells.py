"""A cell: one place of a fan-out, with its item and what the call for it gave.

Where a value is expected a cell is read as its value, so that a list of cells serves as a list of values.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Cell:
    """`.item .value .index .status` of a fan-out; `status` is ok, skipped or failed, and only ok has a value."""

    item: Any
    value: Any
    index: int
    status: str


CELL_FIELDS = frozenset({"item", "value", "index", "status"})


def unwrap(value: Any) -> Any:
    """Return a cell's value (null where it was skipped), and anything else as it is."""
    while type(value) is Cell:
        value = value.value
    return value


def elements(value: list[Any], *, skipped: bool = False) -> list[Any]:
    """Return the list's elements; cells that gave no value are left out, unless `skipped` asks for them too."""
    if skipped:
        return value
    return [element for element in value if type(element) is not Cell or element.status == "ok"]
