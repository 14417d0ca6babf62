"""A unit of work for the pool: one call for a place of a node, or for one draw of it."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from anyio import CancelScope

from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn, Place

if TYPE_CHECKING:
    from msrun.runtime.frame import Frame
    from msrun.runtime.progress import Progress


class Dropped(Exception):  # noqa: N818 - no error: the place was taken back, or the run is stopping
    """A unit's result is not wanted any more."""


@dataclass(slots=True, eq=False)
class Unit:
    """One unit of work: a place and, where there are several, a draw of it. `attempts` counts its dispatches."""

    progress: "Progress"
    place: Place
    sample: int | None
    rank: tuple[int, int, int]
    scope: CancelScope | None = None
    attempts: int = 0
    _drawn: Drawn | None = None
    _fault: NodeFault | None = None

    @property
    def label(self) -> str:
        """`facts[2]`: what scripts and traces call the place."""
        path = self.progress.path
        return path if self.place.index is None else f"{path}[{self.place.index}]"

    @property
    def dropped(self) -> bool:
        """Whether nothing new may be dispatched for it."""
        return self.place.dead or self.progress.stopping

    @property
    def withdrawn(self) -> bool:
        """Whether its call is to be closed, not awaited: what it stands in was taken back."""
        return self.place.dead or self.progress.frame.killed

    def begin(self) -> None:
        """Let a worker have it."""
        self.progress.run.pool.put(self)

    def stop(self, *, kill: bool) -> "Iterable[Frame]":
        """End its wait before another attempt; with `kill`, its call too. There are no frames in it."""
        if self.scope is not None and (kill or self.scope in self.progress.run.rests):
            self.scope.cancel()
        return ()

    async def run(self) -> None:
        """Make the call, unless its place is gone."""
        if self.dropped:
            return
        try:
            self._drawn = await self.progress.recipe.perform(self)
        except Dropped:
            pass
        except NodeFault as fault:
            self._fault = fault

    def conclude(self) -> None:
        """Draw the consequences of the call's end."""
        progress, place = self.progress, self.place
        if not place.dead and not progress.frame.dead:
            if self._drawn is not None:
                progress.drawn(place, self.sample, self._drawn)
            elif self._fault is not None:
                progress.spoiled(place, self.sample, self._fault)
        progress.release(self)
        progress.run.settle()


Perform: TypeAlias = Callable[[Unit], Awaitable[Drawn]]
"""Makes one call. Raises NodeFault or Dropped."""
