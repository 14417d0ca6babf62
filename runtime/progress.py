"""One node's progress: it waits for what it reads, launches the calls of its places, and ends with a value.

A small state machine without a task of its own; completions drive it, through the run's agenda.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Literal, Protocol, TypeAlias

from msrun.dsl.plan import Update
from msrun.dsl.values.cells import notes_of, unwrap
from msrun.dsl.values.plain import EvaluationError, is_list
from msrun.runtime.events import NodeFinished
from msrun.runtime.frame import Frame
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn, Place
from msrun.runtime.recipe import Recipe
from msrun.runtime.run import Run
from msrun.runtime.unit import Unit

Status: TypeAlias = Literal["ok", "fallback", "skipped"]

MAX_SAMPLES = 10_000
"""Draws of one cell."""


Rank: TypeAlias = tuple[int, int, int]
"""Orders what is ready: the most urgent first, then by cell, then by draw."""


class Reader(Protocol):
    """Waits for whole values."""

    def supply(self) -> None:
        """One more of them is there."""
        ...


class Work(Protocol):
    """What fills a place: a call for a worker, or the graph of a group. `rank` orders it among its node's."""

    place: Place
    rank: Rank

    def begin(self) -> None:
        """Set out: its turn has come."""
        ...

    def stop(self, *, kill: bool) -> Iterable[Frame]:
        """Begin nothing more; with `kill`, close what is on its way too. Returns the frames it has open."""
        ...


@dataclass(slots=True, eq=False, kw_only=True)
class Progress(ABC):
    """State of one node in one frame. `path` is the frame's and the node's id, `of` its kind inside another node."""

    run: Run
    frame: Frame
    recipe: Recipe
    path: str
    of: str = ""
    value: Any = None  # once it has ended
    missing: int = 0  # whole values that are not there yet
    readers: "list[Reader]" = field(default_factory=list["Reader"])  # wait for the whole value
    followers: "list[Follower]" = field(default_factory=list["Follower"])  # take items as they come
    names: dict[str, Any] = field(default_factory=dict[str, Any])
    started: bool = False
    ended: bool = False
    logprobs: dict[int, float | None] | None = None  # of the value's items, by index, where a vote weighs by them
    shares: tuple[tuple[str, float], ...] | None = None  # of a vote
    active: set[Work] = field(default_factory=set[Work])
    backlog: list[tuple[Rank, int, Work]] = field(default_factory=list[tuple[Rank, int, Work]])
    launched: int = 0

    @property
    def stopping(self) -> bool:
        """Whether nothing new may begin."""
        return self.frame.dead or self.run.stopping

    # --- before: waiting ---------------------------------------------------------------------------------------------

    def supply(self) -> None:
        """One more of the whole values is there."""
        self.missing -= 1
        if self.missing == 0:
            self.run.later(self.start)

    def start(self) -> None:
        """Everything it reads has a value, or hands on its items."""
        if self.started or self.stopping:
            return
        self.started = True
        frame = self.frame
        self.names = {**frame.inputs, **{name: frame.find(name).value for name in self.recipe.waits}}
        try:
            self.begin()
        except EvaluationError as error:
            self.give_up(NodeFault("evaluate", error.message))

    @abstractmethod
    def begin(self) -> None:
        """Open the first places."""

    # --- during: places ----------------------------------------------------------------------------------------------

    def scope(self, place: Place) -> dict[str, Any]:
        """Return the values of all names that the node's expressions may use at a place."""
        names = self.names if place.index is None else self.bind(place)
        if self.recipe.alias is not None:
            names = {**names, str(self.recipe.node.alias): self.recipe.alias(names)}
        return names

    def bind(self, _place: Place) -> dict[str, Any]:
        """Return the names with those that stand for something of this place only."""
        return self.names

    def launch(self, place: Place) -> None:
        """A place's item and what its `given` names are there: make its calls, or compute it on the spot."""
        if place.dead or place.launched or self.stopping:
            return
        place.launched = True
        recipe = self.recipe
        try:
            if recipe.when is not None and not self._holds(recipe.when(self.scope(place))):
                self.settled(place, None, "skipped")
            elif recipe.inline is not None:
                self.settled(place, recipe.inline(self, self.scope(place)), "ok")
            elif recipe.samples is None and recipe.draws is None:
                self._submit(place, None)
            else:
                self._draw(place, recipe.draws if recipe.samples is None else recipe.samples(self.scope(place)))
        except EvaluationError as error:
            self.spoiled(place, None, NodeFault("evaluate", error.message))
        except NodeFault as fault:
            self.spoiled(place, None, fault)

    def _holds(self, condition: Any) -> bool:
        if type(condition) is not bool:
            raise EvaluationError("`when` needs true or false")
        return condition

    def _draw(self, place: Place, count: Any) -> None:
        if type(count) is not int or not 0 < count <= MAX_SAMPLES:
            raise EvaluationError(f"`samples` needs a whole number from 1 to {MAX_SAMPLES}")
        place.missing = count
        place.draws = list[Drawn | None]([None]) * count
        for sample in range(count):
            self._submit(place, sample)

    def _submit(self, place: Place, sample: int | None) -> None:
        recipe, frame = self.recipe, self.frame
        rank = (-recipe.urgency - frame.after, frame.index if place.index is None else place.index, sample or 0)
        enter = recipe.enter
        work: Work = Unit(self, place, sample, rank) if enter is None else enter(self, place, sample, rank)
        self.launched += 1
        parallel = recipe.node.policy.parallel
        if parallel is not None and len(self.active) >= parallel:
            heappush(self.backlog, (rank, self.launched, work))
        else:
            self.active.add(work)
            work.begin()

    def release(self, work: Work) -> None:
        """Something ended: the next one of a node with `parallel` may go."""
        self.active.discard(work)
        if self.backlog:
            following = heappop(self.backlog)[2]
            self.active.add(following)
            following.begin()

    def drawn(self, place: Place, sample: int | None, drawn: Drawn) -> None:
        """A call gave a value."""
        if sample is None or place.draws is None:
            self._settle(place, [drawn])
            return
        place.draws[sample] = drawn
        if place.index is None and self.recipe.node.policy.on_error != "skip":
            self.publish(sample, drawn.value)
        self._one_less(place)

    def spoiled(self, place: Place, sample: int | None, fault: NodeFault) -> None:
        """A call, or the place itself, will give no value."""
        if place.index is not None and fault.node is None:
            fault.message = f"cell {place.index}: {fault.message}"
        fault.node = fault.node or self.path
        on_error = self.recipe.node.policy.on_error
        if fault.final or on_error == "fail":
            self._fail(place, fault)
        elif on_error == "fallback":
            self._fall_back(place, sample)
        elif sample is None or place.draws is None:
            self._skip(place)
        else:
            self._one_less(place)

    def _fail(self, place: Place, fault: NodeFault) -> None:
        fault.node = fault.node or self.path
        self.failed(place)
        self.frame.fail(fault, self.path)

    def _fall_back(self, place: Place, sample: int | None) -> None:
        """Take the value that the node has for calls that fail; the fault has been told as the call's."""
        read = self.recipe.fallback
        try:
            value = None if read is None else unwrap(read(self.scope(place)))
        except EvaluationError as error:
            self._fail(place, NodeFault("evaluate", f"`fallback`: {error.message}"))
            return
        if sample is None or place.draws is None:
            self.settled(place, value, "fallback")
        else:
            self.drawn(place, sample, Drawn(value))

    def _skip(self, place: Place) -> None:
        """Give a place up, unless too many of them were."""
        place.lost = True
        excess = self.excess()
        if excess is None:
            self.settled(place, None, "skipped")
        else:
            self._fail(place, excess)

    @abstractmethod
    def excess(self) -> NodeFault | None:
        """Say that more was skipped than the node allows, None where it was not, or is not known yet."""

    def too_many(self, lost: int, total: int | None, what: str) -> NodeFault | None:
        """Compare what was lost with the node's `max_skipped`; a share needs the total."""
        most, share = self.recipe.node.policy.max_skipped, self.recipe.node.policy.max_skipped_share
        allowed = f"{most}" if most is not None else f"{share or 0:.0%}"
        if most is None and share is not None and total is not None:
            most = int(share * total + 1e-9)
        if most is None or lost <= most:
            return None
        of = "" if total is None else f" of {total}"
        return NodeFault("skipped", f"{lost}{of} {what} were skipped, and `max_skipped` allows {allowed}")

    def _one_less(self, place: Place) -> None:
        place.missing -= 1
        if place.missing > 0 or place.draws is None:
            return
        excess = self.excess() if place.index is None else None
        if excess is None:
            self._settle(place, [draw for draw in place.draws if draw is not None])
        else:
            self._fail(place, excess)

    def _settle(self, place: Place, draws: list[Drawn]) -> None:
        sampled = self.recipe.samples is not None
        place.draws = None
        if not draws:
            self._skip(place)
            return
        self.keep_logprobs(place, draws)
        judge = self.recipe.judge
        try:
            values = [draw.value if judge is None else judge([draw]) for draw in draws] if sampled else []
            value = values if sampled else draws[0].value if judge is None else judge(draws)
        except NodeFault as fault:
            self.spoiled(place, None, fault)
            return
        self.settled(place, value, "ok")

    @abstractmethod
    def keep_logprobs(self, place: Place, draws: list[Drawn]) -> None:
        """Remember the draws' log-probabilities, where a vote asks for them."""

    @abstractmethod
    def failed(self, place: Place) -> None:
        """A place ends the run."""

    @abstractmethod
    def settled(self, place: Place, value: Any, status: Status) -> None:
        """A place has its value."""

    # --- after: readers ----------------------------------------------------------------------------------------------

    def give_up(self, fault: NodeFault) -> None:
        """The node as a whole will have no value."""
        fault.node = fault.node or self.path
        if fault.final or self.recipe.node.policy.on_error != "skip":
            self.frame.fail(fault, self.path)
        else:
            self.finish(None, "skipped")

    def finish(self, value: Any, status: Status, *, exhausted: bool = False) -> None:
        """The node has its value: those who wait for it may start."""
        if self.ended:
            return
        self.ended = True
        self.value = value
        if isinstance(action := self.recipe.node.action, Update) and status == "ok":
            self.run.updates[action.slot] = value
        self.run.tell(
            NodeFinished,
            node=self.path,
            value=unwrap(value),
            status=status,
            shares=self.shares,
            notes=notes_of(value),
            exhausted=exhausted,
        )
        count = len(value) if is_list(value) else 0
        for follower in self.followers:
            self.run.later(follower.close, count)
        for reader in self.readers:
            reader.supply()
        self.frame.supply()

    def published(self) -> Iterable[tuple[int, Any]]:
        """Return the items that followers may have by now, with their indexes."""
        return ()

    def publish(self, index: int, item: Any) -> None:
        """Hand on one item."""
        for follower in self.followers:
            self.run.later(follower.arrive, index, item)

    def withdraw(self, indexes: Iterable[int]) -> None:
        """Take back what was handed on at these indexes."""
        gone = tuple(indexes)
        for follower in self.followers:
            self.run.later(follower.vanish, gone)


class Follower(Progress):
    """A node that takes the items of another one as they come."""

    @abstractmethod
    def arrive(self, index: int, item: Any) -> None:
        """An item is there."""

    @abstractmethod
    def vanish(self, indexes: tuple[int, ...]) -> None:
        """Items were taken back."""

    @abstractmethod
    def close(self, count: int) -> None:
        """There are this many items, and no more."""
