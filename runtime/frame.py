"""One graph on its way: the plan's own, or one inside a node, entered anew for every cell, arm, round and proposal.

Frames stand in each other; none has a task of its own. What happens in one is drawn through the run's agenda.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from msrun.runtime.events import NodeFailed
from msrun.runtime.outcome import NodeFault
from msrun.runtime.run import Run

if TYPE_CHECKING:
    from msrun.runtime.progress import Progress
    from msrun.runtime.visit import Visit

MAX_DEPTH = 256
"""Graphs inside each other while a plan runs; a plan that runs itself again reaches it, no other one does."""


class Owner(Protocol):
    """What entered a frame and is told how it ended."""

    def closed(self, frame: "Frame") -> None:
        """All of its nodes have ended."""
        ...

    def broke(self, frame: "Frame", fault: NodeFault) -> None:
        """It was given up because of this fault."""
        ...


@dataclass(slots=True, eq=False, kw_only=True)
class Frame:
    """State of one graph. `path` stands before the ids of its nodes: empty for the plan's own, else `draft#2.`.

    inputs: the values that its nodes find there. around: the frame whose nodes they may read too. after: calls on the
    longest path from its end to the end of the plan. index: place of the cell it stands in. spare: how often
    an invalid reply may be asked for again in it, None as often as its nodes say. pending: nodes and `expect`s that
    have not ended.
    """

    run: Run
    inputs: Mapping[str, Any]
    path: str = ""
    around: "Frame | None" = None
    owner: Owner | None = None
    after: int = 0
    index: int = 0
    depth: int = 0
    spare: int | None = None
    starved: bool = False  # a reply could not be asked for again
    progresses: "dict[str, Progress]" = field(default_factory=dict[str, "Progress"])
    pending: int = 0
    dead: bool = False  # nothing of it is dispatched any more
    killed: bool = False  # its running calls are closed too

    @property
    def visit(self) -> "Visit | None":
        """The visit that entered it, None for the plan's own."""
        from msrun.runtime.visit import Visit

        return self.owner if isinstance(self.owner, Visit) else None

    @property
    def place(self) -> str:
        """What it stands in: `verdicts[3]`, `draft#2`; empty for the plan's own."""
        return self.path.removesuffix(".")

    def find(self, name: str) -> "Progress":
        """Return the node of this name: its own, or the nearest around it."""
        frame = self
        while name not in frame.progresses:
            if frame.around is None:
                raise AssertionError(f"no node `{name}` stands around `{self.path}`")
            frame = frame.around
        return frame.progresses[name]

    def names(self, more: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the values of all names once its nodes have ended, with those of nodes around it that `more` names."""
        found = {**self.inputs, **{name: self.find(name).value for name in more}}
        found.update((id_, progress.value) for id_, progress in self.progresses.items() if progress.ended)
        return found

    def supply(self) -> None:
        """One thing more that its end waits for is there."""
        self.pending -= 1
        if self.pending == 0 and self.owner is not None:
            self.run.later(self.close)

    def close(self) -> None:
        """All has ended that there is."""
        if self.owner is not None and not self.dead and not self.run.stopping:
            self.owner.closed(self)

    def fail(self, fault: NodeFault, node: str | None = None) -> None:
        """A node of it (`node`, where it is one), or an `expect`, ends the frame: the first fault counts."""
        if self.dead:
            return
        if node is not None:
            self.run.tell(NodeFailed, node=node, fault=fault.fault, message=fault.message)
        if self.owner is None or fault.final:
            self.run.fail(fault)
            return
        self.drop()
        self.run.later(self.owner.broke, self, fault)

    def drop(self, *, kill: bool = False) -> None:
        """Dispatch nothing more of it, nor of the frames in it; calls on their way end, or are closed (`kill`)."""
        stack: list[Frame] = [self]
        while stack:
            frame = stack.pop()
            frame.dead = True
            frame.killed = frame.killed or kill
            for progress in frame.progresses.values():
                for work in tuple(progress.active):
                    stack.extend(work.stop(kill=kill))

    def may_repair(self) -> bool:
        """Whether an invalid reply may be asked for once more; counts it."""
        if self.spare is None:
            return True
        self.starved = self.spare == 0
        self.spare = max(self.spare - 1, 0)
        return not self.starved


@dataclass(slots=True, eq=False)
class Gate:
    """Waits for whole values and then does something, once."""

    run: Run
    missing: int
    then: Callable[[], None]

    def supply(self) -> None:
        """One more value is there."""
        self.missing -= 1
        if self.missing == 0:
            self.run.later(self.then)


def once_there(frame: Frame, names: tuple[str, ...], then: Callable[[], None]) -> None:
    """Do something as soon as these nodes, seen from the frame, have ended."""
    sources = [progress for progress in map(frame.find, names) if not progress.ended]
    gate = Gate(frame.run, len(sources), then)
    for source in sources:
        source.readers.append(gate)
    if not sources:
        frame.run.later(then)
