"""A unit of work for the pool: one call for a place of a node, or for one draw of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from anyio import CancelScope

from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn, Place

if TYPE_CHECKING:
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
        node = self.progress.recipe.node.id
        return node if self.place.index is None else f"{node}[{self.place.index}]"

    @property
    def dropped(self) -> bool:
        """Whether nothing new may be dispatched for it."""
        return self.place.dead or self.progress.run.stopping

    async def run(self) -> None:
        """Make the call, unless its place is gone."""
        if self.dropped:
            return
        try:
            self._drawn = await self.progress.perform(self)
        except Dropped:
            pass
        except NodeFault as fault:
            self._fault = fault

    def conclude(self) -> None:
        """Draw the consequences of the call's end."""
        progress, place = self.progress, self.place
        if not place.dead:
            if self._drawn is not None:
                progress.drawn(place, self.sample, self._drawn)
            elif self._fault is not None:
                progress.spoiled(place, self.sample, self._fault)
        progress.release(self)
        progress.run.settle()


Perform: TypeAlias = Callable[[Unit], Awaitable[Drawn]]
"""Makes one call. Raises NodeFault or Dropped."""
