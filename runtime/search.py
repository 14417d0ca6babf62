"""A node that searches for a path of steps: every proposal is a frame of its own, at most `limit` calls in all.

Calls are counted before they are made, in the order of the proposals, so that parallelism changes nothing. An invalid
reply is asked for again where a call is left for that, else the proposal is given up.
"""

from dataclasses import dataclass, field
from typing import Any

from msrun.dsl.plan import Search
from msrun.dsl.values.cells import unwrap
from msrun.dsl.values.plain import EvaluationError, is_number
from msrun.runtime.frame import Frame
from msrun.runtime.network import Network
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Place
from msrun.runtime.progress import MAX_SAMPLES, Progress, Rank
from msrun.runtime.recipe import Read
from msrun.runtime.states import Order, State, Tree, order
from msrun.runtime.visit import Visit, count_of, truth_of


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Searcher:
    """How one node searches. `network` holds `expand` and, where there is one, `score`: one proposal.

    `repairs` is the largest number of times that the two may ask again for an invalid reply.
    """

    action: Search
    network: Network
    limit: Read
    samples: Read | None
    stop: Read | None
    repairs: int

    @property
    def cost(self) -> int:
        """Calls of one proposal."""
        return 1 if self.action.score is None else 2

    def __call__(self, progress: Progress, place: Place, sample: int | None, rank: Rank) -> Visit:
        """Make a visit."""
        return _Search(progress, place, sample, rank, searcher=self)


@dataclass(slots=True)
class _Proposal:
    """One step proposed for a state; `spare` calls are kept for repairs."""

    number: int
    before: State
    spare: int
    step: Any = None
    value: float = 0.0


@dataclass(slots=True, eq=False)
class _Search(Visit):
    searcher: Searcher = field(kw_only=True)
    tree: Tree = field(default_factory=Tree)
    order: Order = field(init=False)
    left: int = 0  # calls
    proposed: int = 0
    wanted: list[State] = field(default_factory=list[State])  # of this turn: a state for every proposal to be made
    running: dict[Frame, _Proposal] = field(default_factory=dict[Frame, _Proposal])
    made: list[_Proposal] = field(default_factory=list[_Proposal])  # of this turn, those that came to something

    def enter(self) -> None:
        """See Visit."""
        action = self.searcher.action
        self.left = count_of(self.searcher.limit(self.names), "limit")
        self.order = order(action.strategy, State(0), width=action.width, depth=action.depth)
        self._turn()

    def returned(self, frame: Frame) -> None:
        """See Visit."""
        score, proposal = self.searcher.action.score, self.running[frame]
        if self._proposed(frame) is not None:
            value = 0.0 if score is None else unwrap(frame.progresses[score.id].value)
            if value is not None and not is_number(value):
                raise EvaluationError("its `score` needs a number between 0 and 1")
            if value is not None:
                proposal.step, proposal.value = self._proposed(frame), float(value)
                self.made.append(proposal)
        self._settle(frame)

    def broke(self, frame: Frame, fault: NodeFault) -> None:
        """A proposal whose reply cannot be asked for again is given up, any other fault is the search's own."""
        if frame.starved:
            self.open.discard(frame)
            self.attempt(self._settle, frame)
        else:
            super(_Search, self).broke(frame, fault)

    def _proposed(self, frame: Frame) -> Any:
        return unwrap(frame.progresses[self.searcher.action.expand.id].value)

    def _settle(self, frame: Frame) -> None:
        """A proposal has ended: count what it took, and go on when all of its turn have."""
        kept = self.running.pop(frame).spare
        scored = self.searcher.action.score is not None and self._proposed(frame) is not None
        self.left -= 1 + scored + kept - (frame.spare or 0)
        if self.running:
            return
        if self.wanted and self.left >= self.searcher.cost:
            self._propose()
            return
        exhausted = bool(self.wanted)
        self.tree.give_up(self.order.add([self._state(each) for each in sorted(self.made, key=_number)]))
        if exhausted:
            self._end(exhausted=True)
        else:
            self._turn()

    def _turn(self) -> None:
        """Take the states that are expanded next, and propose as many steps for each as `samples` says."""
        self.made = []
        self.wanted = [state for state in self.order.following() for _ in range(self._samples(state))]
        if self.wanted and self.left >= self.searcher.cost:
            self._propose()
        else:
            self._end(exhausted=bool(self.wanted))

    def _propose(self) -> None:
        """Make as many of the wanted proposals at the same time as there are calls left for."""
        searcher = self.searcher
        count = self.left // searcher.cost
        now, self.wanted = self.wanted[:count], self.wanted[count:]
        share, more = divmod(self.left - len(now) * searcher.cost, len(now))  # what is left may go into repairs
        for at, state in enumerate(now):
            self.proposed += 1
            proposal = _Proposal(self.proposed, state, min(searcher.repairs, share + (at < more)))
            after = (searcher.action.depth - state.length - 1) * searcher.cost
            frame = self.spread(searcher.network, f"{self.path}#{self.proposed}.", self._at(state), after=after)
            frame.spare = proposal.spare
            self.running[frame] = proposal

    def _at(self, state: State) -> dict[str, Any]:
        return {**self.names, self.searcher.action.so_far: state.steps}

    def _samples(self, state: State) -> int:
        read = self.searcher.samples
        count = 1 if read is None else count_of(read(self._at(state)), "samples")
        if count > MAX_SAMPLES:
            raise EvaluationError(f"`samples` needs a whole number from 1 to {MAX_SAMPLES}")
        return count

    def _state(self, proposal: _Proposal) -> State:
        action, stop, before = self.searcher.action, self.searcher.stop, proposal.before
        if stop is None:
            finished = before.length + 1 == action.depth
        else:
            names = {**self._at(before), action.expand.id: proposal.step}
            if action.score is not None:
                names[action.score.id] = proposal.value
            finished = truth_of(stop(names), "stop")
        return self.tree.grow(before, proposal.step, proposal.value, finished=finished)

    def _end(self, *, exhausted: bool) -> None:
        best = self.tree.best()
        self.give([] if best is None else best.steps, exhausted=exhausted)


def _number(proposal: _Proposal) -> int:
    return proposal.number
