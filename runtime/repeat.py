"""A node that refines a value in rounds: in each the nodes that `until` reads, and, where it is false, the others."""

from dataclasses import dataclass, field
from typing import Any

from msrun.dsl.values.plain import plain
from msrun.runtime.frame import Frame
from msrun.runtime.network import Network
from msrun.runtime.place import Place
from msrun.runtime.progress import Progress, Rank
from msrun.runtime.recipe import Read
from msrun.runtime.visit import Visit, count_of, truth_of


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Repeater:
    """How one node repeats: `judging` are the nodes that `until` reads, directly or not, `improving` the others.

    Inside, `name` is the value so far; `round_calls` is the number of calls on the longest path of a round.
    """

    name: str
    start: Read
    limit: Read
    until: Read
    following: Read
    judging: Network
    improving: Network

    @property
    def round_calls(self) -> int:
        """Calls on the longest path of a round that does not end the loop."""
        return self.judging.length + self.improving.length

    def __call__(self, progress: Progress, place: Place, sample: int | None, rank: Rank) -> Visit:
        """Make a visit."""
        return _Rounds(progress, place, sample, rank, repeater=self)


@dataclass(slots=True, eq=False)
class _Rounds(Visit):
    repeater: Repeater = field(kw_only=True)
    value: Any = None
    limit: int = 0
    round: int = 0  # from 1
    judging: bool = False  # the nodes of this round that `until` reads have not ended

    def enter(self) -> None:
        """See Visit."""
        self.limit = count_of(self.repeater.limit(self.names), "limit")
        self.value = plain(self.repeater.start(self.names))
        self._next_round()

    def returned(self, frame: Frame) -> None:
        """See Visit."""
        repeater = self.repeater
        if self.judging:
            self.judging = False
            if truth_of(repeater.until(frame.names(repeater.judging.ending)), "until"):
                self.give(self.value)
            else:
                self.spread_in(repeater.improving, frame, after=self._left)
            return
        self.value = plain(repeater.following(frame.names(repeater.improving.ending)))
        if self.round < self.limit:
            self._next_round()
        else:
            self.give(self.value, exhausted=True)

    @property
    def _left(self) -> int:
        """Calls on the longest path of the rounds after this one."""
        return (self.limit - self.round) * self.repeater.round_calls

    def _next_round(self) -> None:
        repeater = self.repeater
        self.round += 1
        self.judging = True
        names = {**self.names, repeater.name: self.value}
        self.spread(repeater.judging, f"{self.path}#{self.round}.", names, after=self._left + repeater.improving.length)
