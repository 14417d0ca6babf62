"""The states of a search and the order in which they are expanded: beam, best first, depth first.

A state is a path of steps so far. Equal values go to the state that was proposed first, in every order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Literal, Protocol, TypeAlias, assert_never


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A path of steps. `number` counts states in the order in which they were proposed, the empty one is 0.

    `value` is the last step's. `finished`: nothing follows its last step.
    """

    number: int
    before: "State | None" = None
    step: Any = None
    value: float = 0.0
    finished: bool = False
    length: int = 0

    @property
    def steps(self) -> list[Any]:
        """Its steps, the first one first."""
        found: list[Any] = []
        at = self
        while at.before is not None:
            found.append(at.step)
            at = at.before
        return found[::-1]


Strategy: TypeAlias = Literal["beam", "best_first", "depth_first"]


class Order(Protocol):
    """Which states are expanded next."""

    def following(self) -> Sequence[State]:
        """Take the states to expand now, at the same time; none where the search is at its end."""
        ...

    def add(self, states: Sequence[State]) -> Iterable[State]:
        """Take in the states that came of them, in the order of their proposal; returns those that are given up."""
        ...


def order(strategy: Strategy, start: State, *, width: int, depth: int) -> Order:
    """Begin with one state. No path is longer than `depth` steps; a beam keeps `width` states of each length."""
    match strategy:
        case "beam":
            return Beam(depth, width, [start])
        case "best_first":
            return BestFirst(depth, [(_rank(start), start)])
        case "depth_first":
            return DepthFirst(depth, [start])
        case _:
            assert_never(strategy)


def _rank(state: State) -> tuple[float, int]:
    return -state.value, state.number


@dataclass(slots=True)
class Beam:
    """Level by level: the best states go on, all at the same time. A finished one keeps its place among them.

    It ends when all that were kept are finished, or as long as paths may be.
    """

    depth: int
    width: int
    kept: list[State]

    def following(self) -> Sequence[State]:
        """See Order."""
        return [state for state in self.kept if not state.finished and state.length < self.depth]

    def add(self, states: Sequence[State]) -> Iterable[State]:
        """See Order."""
        ranked = sorted([*(state for state in self.kept if state.finished), *states], key=_rank)
        self.kept = ranked[: self.width]
        return ranked[self.width :]


@dataclass(slots=True)
class BestFirst:
    """Always the best state that was not expanded yet, of whatever length. It ends when that one is finished."""

    depth: int
    waiting: list[tuple[tuple[float, int], State]]

    def following(self) -> Sequence[State]:
        """See Order."""
        while self.waiting:
            state = heappop(self.waiting)[1]
            if state.finished:
                return ()
            if state.length < self.depth:
                return (state,)
        return ()

    def add(self, states: Sequence[State]) -> Iterable[State]:
        """See Order."""
        for state in states:
            heappush(self.waiting, (_rank(state), state))
        return ()


@dataclass(slots=True)
class DepthFirst:
    """The best of the newest states, and back to the one before where nothing follows. It ends at a finished one."""

    depth: int
    stack: list[State]

    def following(self) -> Sequence[State]:
        """See Order."""
        while self.stack:
            state = self.stack.pop()
            if state.finished:
                return ()
            if state.length < self.depth:
                return (state,)
        return ()

    def add(self, states: Sequence[State]) -> Iterable[State]:
        """See Order."""
        self.stack.extend(sorted(states, key=_rank, reverse=True))
        return ()


@dataclass(slots=True)
class Tree:
    """All states that may be the answer: those that nothing follows and that were not given up, and finished ones."""

    leaves: dict[int, State] = field(default_factory=dict[int, State])
    count: int = 0

    def grow(self, before: State, step: Any, value: float, *, finished: bool) -> State:
        """Add a state; what it goes on from is no leaf any more."""
        self.count += 1
        state = State(self.count, before, step, value, finished, before.length + 1)
        self.leaves.pop(before.number, None)
        self.leaves[state.number] = state
        return state

    def give_up(self, states: Iterable[State]) -> None:
        """Forget states that others are better than, but for paths that are finished."""
        for state in states:
            if not state.finished:
                self.leaves.pop(state.number, None)

    def best(self) -> State | None:
        """Return the best path found so far: finished before unfinished, then by value, then the one found first."""
        return min(self.leaves.values(), key=lambda state: (not state.finished, *_rank(state)), default=None)
