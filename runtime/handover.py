"""The items that a node handed on while it was still writing, and what is taken back when a later reply differs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Handover:
    """What the readers of a streaming node have been given. Every attempt of its call passes its items through here.

    publish: gives readers the item of an index. withdraw: takes back the items from one index up to another.
    """

    publish: Callable[[int, Any], None]
    withdraw: Callable[[int, int], None]
    items: list[Any] = field(default_factory=list[Any])

    def take(self, index: int, item: Any) -> None:
        """Hand on a reply's item, unless it is the one that readers already have at this index."""
        if index < len(self.items):
            # repr tells 1 from 1.0 and from true, and keeps the order of keys: all that a prompt can show
            if repr(self.items[index]) == repr(item):
                return
            self.cut(index)
        self.items.append(item)
        self.publish(index, item)

    def cut(self, length: int) -> None:
        """Take back the items from index `length` on."""
        count = len(self.items)
        if length < count:
            del self.items[length:]
            self.withdraw(length, count)
