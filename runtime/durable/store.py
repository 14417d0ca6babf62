"""The port of a store: runs and their entries. One thread uses it; a write is all or nothing, and safe once done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from msrun.runtime.durable.entry import Entry

RunState: TypeAlias = Literal["running", "ok", "failed", "cancelled", "stopped"]
"""`stopped`: the journal itself, or an unknown outcome, kept the run from going on."""

STATES: tuple[RunState, ...] = ("running", "ok", "failed", "cancelled", "stopped")

LEASE_S = 30.0
"""How long a run belongs to a process that gives no sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to write to a run. `fence` grows with each claim; a store refuses what comes with an older one.

    `last_seq` and `link` are the number and chain value of the run's last entry, -1 and zeros where it has none.
    """

    run: str
    number: int
    fence: int
    last_seq: int
    link: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """A run as a list shows it. Times are seconds since 1970 by the wall clock: to be shown, never to be compared.

    `owned`: a process holds it and its lease has not run out.
    """

    run: str
    plan: str
    file: str
    state: RunState
    began_s: float
    ended_s: float | None
    entries: int
    owned: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of one run with the chain's value after each, the first of which has the number `seq`."""

    claim: Claim
    seq: int
    entries: tuple[tuple[Entry, bytes], ...]


class Store(Protocol):
    """Keeps runs. Every method raises JournalFault and leaves the store as it was where it does."""

    def claim(self, run: str, plan: str, file: str, *, new: bool) -> Claim:
        """Make a run ours, a new one or one that nobody owns. Kinds: `busy`, `absent` (or there already, where new)."""
        ...

    def append(self, batches: Sequence[Batch]) -> None:
        """Write batches in one commit. Returning is the promise that they survive. Kinds: `taken`, `full`."""
        ...

    def renew(self, claims: Sequence[Claim]) -> None:
        """Say that these runs' process lives."""
        ...

    def release(self, claim: Claim, state: RunState) -> None:
        """Give a run back in the state that it is left in. A `taken` run stays with its new owner."""
        ...

    def entries(self, run: str) -> list[tuple[Entry, bytes]]:
        """Return a run's entries in their order with their links. Kind: `absent`."""
        ...

    def runs(self, limit: int) -> list[RunInfo]:
        """Return the latest runs, the latest first."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...
