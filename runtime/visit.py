"""A place of a group being filled: its graph is entered, perhaps several times, and in the end it has a value or none.

A visit takes no worker: whatever calls there are inside do, and their ends drive it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from anyio import current_time

from msrun.dsl.values.cells import unwrap
from msrun.dsl.values.plain import EvaluationError, plain
from msrun.runtime.frame import MAX_DEPTH, Frame
from msrun.runtime.network import Network, spread
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn, Place
from msrun.runtime.progress import Progress, Rank


@dataclass(slots=True, eq=False)
class Visit(ABC):
    """One visit. `names` are the values that the group sees at this place, `open` the frames that have not ended."""

    progress: Progress
    place: Place
    sample: int | None
    rank: Rank
    names: dict[str, Any] = field(default_factory=dict[str, Any])
    open: set[Frame] = field(default_factory=set[Frame])
    ended: bool = False
    bound_s: float = inf

    @property
    def path(self) -> str:
        """What the paths of its nodes begin with: `draft`, `verdicts[3]`, `drafts~1` (a draw)."""
        path = self.progress.path
        if self.place.index is not None:
            path = f"{path}[{self.place.index}]"
        return path if self.sample is None else f"{path}~{self.sample}"

    @property
    def dropped(self) -> bool:
        """Whether nothing of it may go on."""
        return self.ended or self.place.dead or self.progress.stopping

    # --- called by the progress --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """See Work."""
        progress = self.progress
        if self.dropped:
            self._leave()
            return
        bound_s = progress.recipe.node.policy.bound_s
        if bound_s is not None:
            self.bound(bound_s)
        self.attempt(self._open)

    def stop(self, *, kill: bool) -> Iterable[Frame]:  # noqa: ARG002 - whoever stops it goes on with its frames
        """See Work."""
        if not self.ended:
            self.ended = True
            self._leave()
        return self.open

    def expire(self) -> None:
        """It took longer than it may: close all that is on its way inside."""
        if self.dropped:
            return
        for frame in self.open:
            frame.drop(kill=True)
        self.spoil(NodeFault("timeout", f"did not end within {self.bound_s:g} s"))
        self.progress.run.settle()

    def bound(self, seconds: float) -> None:
        """Let it take so long from now and no longer; the shortest bound counts."""
        if seconds < self.bound_s:
            self.bound_s = seconds
            self.progress.run.pool.watch(current_time() + seconds, self)

    # --- what kinds of groups do -------------------------------------------------------------------------------------

    @abstractmethod
    def enter(self) -> None:
        """Open the first frame. Raises EvaluationError and NodeFault."""

    @abstractmethod
    def returned(self, frame: Frame) -> None:
        """A frame has ended: read what it gave. Raises EvaluationError and NodeFault."""

    def spread(self, network: Network, path: str, names: Mapping[str, Any], *, after: int = 0) -> Frame:
        """Open a frame that sees these names and the nodes around the group. `after`: calls that the group has left."""
        progress = self.progress
        return self._spread(network, path, names, after, around=progress.frame)

    def spread_alone(self, network: Network, path: str, names: Mapping[str, Any]) -> Frame:
        """Open a frame that sees nothing but these names."""
        return self._spread(network, path, names, 0, around=None)

    def spread_in(self, network: Network, frame: Frame, *, after: int = 0) -> Frame:
        """Open a frame that goes on with an ended one: its nodes see those, under the same path."""
        return self._spread(network, frame.path, frame.inputs, after, around=frame)

    def give(self, value: Any, *, exhausted: bool = False) -> None:
        """The place has its value. Raises EvaluationError where it is none."""
        value = plain(value)
        self.ended = True
        self.place.exhausted = self.place.exhausted or exhausted
        self.progress.drawn(self.place, self.sample, Drawn(value))
        self._leave()

    def spoil(self, fault: NodeFault) -> None:
        """The place will have no value; what is still on its way inside is not gone on with."""
        self.ended = True
        for frame in self.open:
            frame.drop()
        self.progress.spoiled(self.place, self.sample, fault)
        self._leave()

    # --- called by the frames ----------------------------------------------------------------------------------------

    def closed(self, frame: Frame) -> None:
        """See Owner."""
        self.open.discard(frame)
        self.attempt(self.returned, frame)

    def attempt(self, step: Callable[..., None], *args: Frame) -> None:
        """Go on, unless nobody wants to know any more; an error in it is the place's."""
        if self.dropped:
            return
        try:
            step(*args)
        except EvaluationError as error:
            self.spoil(NodeFault("evaluate", error.message))
        except NodeFault as fault:
            self.spoil(fault)

    def broke(self, frame: Frame, fault: NodeFault) -> None:
        """See Owner."""
        self.open.discard(frame)
        if self.ended or self.place.dead or self.progress.frame.dead:
            return
        self.spoil(fault)

    # -----------------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self.progress.frame.depth >= MAX_DEPTH:
            raise NodeFault("depth", f"graphs are {MAX_DEPTH} deep inside each other", help=_DEEP, final=True)
        self.names = self.progress.scope(self.place)
        self.enter()

    @property
    def _after(self) -> int:
        return self.progress.frame.after + self.progress.recipe.after

    def _leave(self) -> None:
        self.progress.run.later(self.progress.release, self)

    def _spread(
        self, network: Network, path: str, names: Mapping[str, Any], after: int, *, around: Frame | None
    ) -> Frame:
        parent, index = self.progress.frame, self.place.index
        frame = Frame(
            run=self.progress.run,
            inputs=names,
            path=path,
            around=around,
            owner=self,
            after=self._after + after,
            index=parent.index if index is None else index,
            depth=parent.depth + 1,
        )
        self.open.add(frame)
        spread(network, frame)
        return frame


_DEEP = "let the plan run itself again only `when` there is something left to do"


def count_of(value: Any, what: str) -> int:
    """Read a whole number of at least 1."""
    value = unwrap(value)
    if type(value) is not int or value < 1:
        raise EvaluationError(f"`{what}` needs a whole number of at least 1")
    return value


def truth_of(value: Any, what: str) -> bool:
    """Read true or false."""
    value = unwrap(value)
    if type(value) is not bool:
        raise EvaluationError(f"`{what}` needs true or false")
    return value
