"""One place of a node that is being filled: a cell of its fan-out, or the only one where there is no fan-out."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from msrun.dsl.values.cells import Cell


class Drawn(NamedTuple):
    """What one call gave: a value, and the log-probability of the reply it was read from, in nats."""

    value: Any
    logprob: float | None = None


@dataclass(slots=True, eq=False)
class Place:
    """`index` is None where there is no fan-out. A place that was taken back is `dead` and another one stands for it.

    blockers: places named by its `given` that have not ended. waiters: places whose `given` names this one, by any
    spelling, ended or not. needs: the indexes that its `given` names. lost: it was skipped, a call having failed.
    draws: of `samples n`, None while missing.
    """

    index: int | None = None
    item: Any = None
    blockers: int = 0
    waiters: "list[Place] | None" = None
    needs: list[int] | None = None
    draws: list[Drawn | None] | None = None
    missing: int = 0
    launched: bool = False
    done: Cell | None = None
    lost: bool = False
    dead: bool = False
    exhausted: bool = False  # it ended at its `limit`
