"""A node without a fan-out: one place, whose value is the node's; a streaming one hands on its items before that."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from msrun.dsl.values.plain import is_list
from msrun.runtime.events import ItemProduced, ItemsReset, NodeStarted
from msrun.runtime.handover import Handover
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn, Place
from msrun.runtime.progress import Progress, Status


@dataclass(slots=True, eq=False, kw_only=True)
class Single(Progress):
    """State of such a node. `handover` is None where its action does not stream items."""

    handover: Handover | None = None
    place: Place | None = None

    def begin(self) -> None:
        """Open the only place."""
        action = self.recipe.node.action
        if getattr(action, "stream_items", False) and self.recipe.samples is None:
            self.handover = Handover(self._produce, self._reset)
        self.place = Place()
        self.run.tell(NodeStarted, node=self.path, of=self.of)
        self.launch(self.place)

    def settled(self, place: Place, value: Any, status: Status) -> None:
        """End with the place's value."""
        if self.handover is not None and status == "skipped":
            self.handover.cut(0)
        elif self.handover is not None and status == "fallback" and is_list(value):
            for index, item in enumerate(value):
                self.handover.take(index, item)
            self.handover.cut(len(value))
        self.finish(value, status, exhausted=place.exhausted)

    def excess(self) -> NodeFault | None:
        """See Progress: draws count."""
        draws = self.place.draws if self.place is not None else None
        if draws is None:
            return None
        return self.too_many(sum(draw is None for draw in draws), len(draws), "draws")

    def failed(self, place: Place) -> None:
        """Nothing but the node is to be told of."""

    def keep_logprobs(self, place: Place, draws: list[Drawn]) -> None:  # noqa: ARG002
        """Remember one for each draw."""
        if self.logprobs is not None:
            self.logprobs = {at: draw.logprob for at, draw in enumerate(draws)}

    def published(self) -> Iterable[tuple[int, Any]]:
        """Return the items handed on, or the draws that are there."""
        if self.ended:
            return enumerate(self.value) if is_list(self.value) else ()
        if self.handover is not None:
            return enumerate(self.handover.items)
        draws = self.place.draws if self.place is not None else None
        return [(at, draw.value) for at, draw in enumerate(draws or ()) if draw is not None]

    def _produce(self, index: int, item: Any) -> None:
        self.run.tell(ItemProduced, node=self.path, index=index, item=item)
        self.publish(index, item)

    def _reset(self, index: int, count: int) -> None:
        self.run.tell(ItemsReset, node=self.path, index=index)
        self.withdraw(range(index, count))
