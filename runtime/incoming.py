"""A reply that is arriving: its pieces are told as events, its items checked and handed on."""

from dataclasses import dataclass, field
from typing import Any

from msrun.runtime.events import CallDelta
from msrun.runtime.handover import Handover
from msrun.runtime.items import ItemStream
from msrun.runtime.reply import Reader, ReplyInvalid
from msrun.runtime.unit import Unit


@dataclass(slots=True, eq=False)
class ItemFeed:
    """The items of one attempt. `most` is the number that may be handed on; from an invalid one on, none is.

    An item that is not valid here is found again when the whole reply is read; that is where it becomes a repair.
    """

    unit: Unit
    handover: Handover
    reader: Reader
    most: int | None = None
    count: int = 0
    broken: bool = False

    def take(self, item: Any) -> None:
        """Check one item, hand it on, and let what waits for it start."""
        if self.broken or (self.most is not None and self.count >= self.most):
            return
        try:
            item = self.reader.item(item)
        except ReplyInvalid:
            self.broken = True
            return
        self.handover.take(self.count, item)
        self.count += 1
        self.unit.progress.run.settle()

    def end(self, items: list[Any]) -> None:
        """Make what was handed on equal to the valid list."""
        for index, item in enumerate(items):
            self.handover.take(index, item)
        self.handover.cut(len(items))


@dataclass(slots=True, eq=False)
class Pieces:
    """The pieces of one attempt's text. Called by the backend, which expects no exception."""

    unit: Unit
    call: str
    feed: ItemFeed | None
    stream: ItemStream = field(default_factory=ItemStream)

    def __call__(self, piece: str) -> None:
        """Take the next piece."""
        progress = self.unit.progress
        progress.run.tell(CallDelta, call=self.call, node=progress.path, text=piece)
        if self.feed is not None:
            for item in self.stream.feed(piece):
                self.feed.take(item)
