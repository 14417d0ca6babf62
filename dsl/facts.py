"""The port by which a check learns what lies outside of the plan: the rows of data files, the memory of the device.

The language itself reads no data. Who calls the checker hands in `Facts`; without them nothing is said that depends on
data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from msrun.dsl.cost.catalogue import Catalogue


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A model's folder as its config tells: architectures, its labels in the order of their ids, its context."""

    architectures: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    context: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine that the plan is checked on.

    secret: whether an environment variable is set. backends: the names of all that are installed. lacking: what a
    backend needs that is not installed, and the command that installs it, None where it has all. checkpoint: a local
    model by what its declaration names, None where it is no folder here; FileNotFoundError where it can be nothing
    else. profile: the one whose models are meant.
    """

    secret: Callable[[str], bool]
    backends: tuple[str, ...]
    lacking: Callable[[str], tuple[str, str] | None]
    checkpoint: Callable[[str], Checkpoint | None]
    profile: str | None = None


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

    def machine(self) -> Machine | None:
        """Return the machine that the plan will run on, None where nothing is to be said about it."""
        ...

    def catalogue(self) -> "Catalogue":
        """Return what is known of models."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """Facts given beforehand, by path: of the handbook's examples, and of tests."""

    sources: Mapping[str, RowsSeen] = field(default_factory=dict[str, RowsSeen])
    memory: int | None = None
    absent: tuple[str, ...] = ()
    here: Machine | None = None

    def rows(self, asked: Asked) -> RowsSeen | None:
        """Return what was said of the path; FileNotFoundError where that is that nothing is there."""
        if asked.path in self.absent:
            raise FileNotFoundError(asked.path)
        return self.sources.get(asked.path)

    def memory_bytes(self) -> int | None:
        """Return what was said of the memory."""
        return self.memory

    def machine(self) -> Machine | None:
        """Return the machine that was given."""
        return self.here

    def catalogue(self) -> "Catalogue":
        """Return the catalogue that comes with msrun."""
        from msrun.dsl.cost.catalogue import standard

        return standard()


NOTHING: Facts = Told()
"""Nothing is known: what depends on data is not said."""
