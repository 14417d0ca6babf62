"""A node with a fan-out: a place for every item, opened when the item arrives, taken back when the item is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from msrun.dsl.values.cells import Cell, notes_of, unwrap
from msrun.dsl.values.plain import EvaluationError, is_list, word
from msrun.runtime.events import CellFinished, NodeStarted
from msrun.runtime.order import AtOnce, ByNeeds, InTurn, Order, Places, key_of
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn, Place
from msrun.runtime.progress import Follower, Progress, Status


@dataclass(slots=True, eq=False, kw_only=True)
class FanOut(Follower):
    """State of such a node. `source` is the node it follows, None where its list is computed when it starts.

    `total` is the number of items once it is known; `settled_count` how many of them have ended.
    """

    source: Progress | None = None
    places: Places = field(default_factory=list[Place | None])
    order: Order = field(init=False)
    total: int | None = None
    settled_count: int = 0

    def __post_init__(self) -> None:
        given = self.recipe.node.given
        if given is None:
            self.order = AtOnce(self.launch)
        elif given.needs is None:
            self.order = InTurn(self._launch_later, self.places)
        else:
            self.order = ByNeeds(self._launch_later, self.places, self._needs, self._key)

    def begin(self) -> None:
        """Take the items that are there; the others arrive."""
        source, path = self.source, self.path
        if source is None:
            items = self._items()
            self.run.tell(NodeStarted, node=path, cells=len(items), of=self.of)
            for index, item in enumerate(items):
                self.arrive(index, item)
            self.close(len(items))
            return
        published = list(source.published())
        self.run.tell(NodeStarted, node=path, cells=len(published) if source.ended else None, of=self.of)
        for index, item in published:
            self.arrive(index, item)
        if source.ended:
            self.close(len(published))

    def arrive(self, index: int, item: Any) -> None:
        """Open the place of an item."""
        if not self.started or self.stopping:
            return
        places = self.places
        places.extend([None] * (index + 1 - len(places)))
        if places[index] is not None:  # it was there when this node started
            return
        place = Place(index, item)
        places[index] = place
        if type(item) is Cell and not item.has_value:
            self.settled(place, None, "skipped")
            return
        try:
            self.order.arrived(place)
        except EvaluationError as error:
            self.spoiled(place, None, NodeFault("given", error.message))

    def vanish(self, indexes: tuple[int, ...]) -> None:
        """Take back the places of these items, and start those again that have seen them."""
        if self.stopping:
            return
        doomed = self._doom(indexes)
        for work in [work for work in self.active if work.place.dead]:
            for frame in work.stop(kill=True):
                frame.drop(kill=True)
        self.withdraw(place.index for place in doomed if place.done is not None and place.index is not None)
        again = [place for place in doomed if place.index not in indexes]
        for place in sorted(again, key=lambda place: place.index or 0):
            self.run.later(self.arrive, place.index, place.item)

    def close(self, count: int) -> None:
        """There are this many items, and no more."""
        if not self.started or self.total is not None or self.stopping:
            return
        self.total = count
        complaint = self.order.complaint()
        if complaint is None:
            self._finish_if_complete()
        else:
            self.give_up(NodeFault("given", complaint, help="every id that an item needs must be the id of an item"))

    def settled(self, place: Place, value: Any, status: Status) -> None:
        """Make the place a cell, and let others have it."""
        index = place.index or 0
        place.done = Cell(place.item, value, index, status)
        self.settled_count += 1
        self.run.tell(
            CellFinished,
            node=self.path,
            index=index,
            value=unwrap(value),
            status=status,
            notes=notes_of(value),
            exhausted=place.exhausted,
        )
        self.order.ended(place)
        self.publish(index, place.done)
        self._finish_if_complete()

    def excess(self) -> NodeFault | None:
        """See Progress: cells count, those taken back no more."""
        policy = self.recipe.node.policy
        if policy.max_skipped is None and policy.max_skipped_share is None:
            return None
        lost = sum(place is not None and place.lost for place in self.places)
        return self.too_many(lost, self.total, "cells")

    def failed(self, place: Place) -> None:
        """Say which cell ends the run."""
        self.run.tell(CellFinished, node=self.path, index=place.index or 0, value=None, status="failed")

    def bind(self, place: Place) -> dict[str, Any]:
        """Bind the name of the item, and of the cells that `given` names."""
        node = self.recipe.node
        names = dict(self.names)
        if node.over is not None:
            names[node.over.binder] = place.item
        if node.given is not None:
            seen = self.order.seen(place)
            if node.given.needs is None:
                names["earlier"] = seen
            if node.given.name is not None:
                names[node.given.name] = seen
        return names

    def published(self) -> Iterable[tuple[int, Any]]:
        """Return the cells that have ended."""
        return [
            (at, place.done) for at, place in enumerate(self.places) if place is not None and place.done is not None
        ]

    def keep_logprobs(self, place: Place, draws: list[Drawn]) -> None:
        """Remember the cell's, where it is one call."""
        if self.logprobs is not None and self.recipe.samples is None:
            self.logprobs[place.index or 0] = draws[0].logprob

    def _items(self) -> list[Any]:
        read = self.recipe.over
        items = unwrap(read(self.names)) if read is not None else None
        if items is None:  # the node that would have given the list was skipped
            return []
        if not is_list(items):
            raise EvaluationError(f"`for` needs a list, this is {word(items)}")
        return items

    def _launch_later(self, place: Place) -> None:
        self.run.later(self.launch, place)

    def _needs(self, place: Place) -> Any:
        read = self.recipe.needs
        return None if read is None else read(self._alone(place))

    def _key(self, place: Place) -> str | None:
        read = self.recipe.holder
        return None if read is None else key_of(read(self._alone(place)), self.recipe.key_fields)

    def _alone(self, place: Place) -> dict[str, Any]:
        over = self.recipe.node.over
        return self.names if over is None else {**self.names, over.binder: place.item}

    def _doom(self, indexes: Iterable[int]) -> list[Place]:
        """Mark the places of these indexes dead, and all that have seen them or wait for them."""
        places = self.places
        stack = [places[index] for index in indexes if index < len(places)]
        doomed: list[Place] = []
        while stack:
            place = stack.pop()
            if place is None or place.dead:
                continue
            place.dead = True
            doomed.append(place)
            self.settled_count -= place.done is not None
            stack.extend(self.order.removed(place))
        for place in doomed:
            places[place.index or 0] = None
        return doomed

    def _finish_if_complete(self) -> None:
        if self.settled_count != self.total or self.ended:
            return
        excess = self.excess()
        if excess is not None:
            excess.node = self.path
            self.frame.fail(excess, self.path)
            return
        self.finish([place.done for place in self.places[: self.total] if place is not None], "ok")
