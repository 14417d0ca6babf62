"""The port by which a check learns what lies outside of the plan: the rows of data files, the memory of the device.

The language itself reads no data. Who calls the checker hands in `Facts`; without them nothing is said that depends on
data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be known of a source of rows: who reads it, where it lies, which columns it must have, its labels."""

    reader: str
    path: str
    columns: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSeen:
    """A label, how often it stands in the rows, and where it does first: row from 1, line from 1."""

    label: str
    count: int = 1
    row: int = 1
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A wanted column that some row has not, and the first such row."""

    column: str
    row: int = 1
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsSeen:
    """What was read. `columns` are those of the first row; `whole` is false where a bound ended the reading."""

    rows: int
    columns: tuple[str, ...] = ()
    labels: tuple[LabelSeen, ...] = ()
    lacking: tuple[Lacking, ...] = ()
    whole: bool = True


class DataUnreadable(Exception):  # noqa: N818 - it says what is so, as all findings do
    """A source that is there and holds no rows that can be read; the message says why."""


class Facts(Protocol):
    """What the caller knows of the world."""

    def rows(self, asked: Asked) -> RowsSeen | None:
        """Return what stands in a source, None where that cannot be known now.

        Raises FileNotFoundError where it is not there, DataUnreadable where it is no such rows.
        """
        ...

    def memory_bytes(self) -> int | None:
        """Return the memory of the device that will train, None where that is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """Facts given beforehand, by path: of the handbook's examples, and of tests."""

    sources: Mapping[str, RowsSeen] = field(default_factory=dict[str, RowsSeen])
    memory: int | None = None
    absent: tuple[str, ...] = ()

    def rows(self, asked: Asked) -> RowsSeen | None:
        """Return what was said of the path; FileNotFoundError where that is that nothing is there."""
        if asked.path in self.absent:
            raise FileNotFoundError(asked.path)
        return self.sources.get(asked.path)

    def memory_bytes(self) -> int | None:
        """Return what was said of the memory."""
        return self.memory


NOTHING: Facts = Told()
"""Nothing is known: what depends on data is not said."""
