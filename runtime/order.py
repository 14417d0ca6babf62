"""The order inside a fan-out, as `given` says it: which places wait for which, and what they see of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, Protocol

from msrun.dsl.values.cells import Cell, unwrap
from msrun.dsl.values.plain import EvaluationError, is_list, is_record
from msrun.runtime.place import Place

Places = list[Place | None]
"""The places of a fan-out by index; None where the item is not there yet."""


class Order(Protocol):
    """One way in which places follow each other."""

    def arrived(self, place: Place) -> None:
        """Launch the place now, or when what it names has ended."""
        ...

    def ended(self, place: Place) -> None:
        """Launch the places that only waited for this one."""
        ...

    def removed(self, place: Place) -> Iterable[Place]:
        """Forget the place and return those that have seen it or wait for it."""
        ...

    def seen(self, place: Place) -> list[Cell]:
        """Return the cells that the place's `given` names, by index."""
        ...

    def complaint(self) -> str | None:
        """Say what can never start, now that all items are there; None where all can."""
        ...


@dataclass(slots=True)
class AtOnce:
    """No `given`: every place starts as soon as its item is there."""

    launch: Callable[[Place], None]

    def arrived(self, place: Place) -> None:
        """See Order."""
        self.launch(place)

    def ended(self, place: Place) -> None:
        """See Order."""

    def removed(self, place: Place) -> Iterable[Place]:  # noqa: ARG002 - the port's signature
        """See Order."""
        return ()

    def seen(self, place: Place) -> list[Cell]:  # noqa: ARG002
        """See Order."""
        return []

    def complaint(self) -> str | None:
        """See Order."""
        return None


@dataclass(slots=True)
class InTurn:
    """`given earlier`: one after the other, each sees all before it. `turn` is the first place that has not ended."""

    launch: Callable[[Place], None]
    places: Places
    turn: int = 0

    def arrived(self, place: Place) -> None:
        """See Order."""
        if place.index == self.turn:
            self.launch(place)

    def ended(self, place: Place) -> None:  # noqa: ARG002 - the port's signature
        """See Order."""
        places = self.places
        while self.turn < len(places) and (at := places[self.turn]) is not None and at.done is not None:
            self.turn += 1
        if self.turn < len(places) and (following := places[self.turn]) is not None:
            self.launch(following)

    def removed(self, place: Place) -> Iterable[Place]:
        """See Order."""
        index = place.index or 0
        self.turn = min(self.turn, index)
        return [later for later in self.places[index + 1 :] if later is not None and later.launched]

    def seen(self, place: Place) -> list[Cell]:
        """See Order."""
        return [at.done for at in self.places[: place.index] if at is not None and at.done is not None]

    def complaint(self) -> str | None:
        """See Order."""
        return None


@dataclass(slots=True)
class ByNeeds:
    """`given item.needs`: after the places whose keys it lists. A key that no item has yet is waited for.

    needs: gives the keys that a place lists. key: gives its own key, None where it has none.
    """

    launch: Callable[[Place], None]
    places: Places
    needs: Callable[[Place], Any]
    key: Callable[[Place], str | None]
    _index: dict[str, int] = field(default_factory=dict[str, int])
    _wanted: dict[str, list[Place]] = field(default_factory=dict[str, list[Place]])
    _keys: dict[int, str] = field(default_factory=dict[int, str])

    def arrived(self, place: Place) -> None:
        """See Order."""
        place.waiters = place.waiters or []
        place.needs = []
        for wanted in _texts(self.needs(place)):
            index = self._index.get(wanted)
            if index is None:
                self._wanted.setdefault(wanted, []).append(place)
                place.blockers += 1
            else:
                self._wait(place, index)
        self._enter(place)
        if place.blockers == 0:
            self.launch(place)

    def ended(self, place: Place) -> None:
        """See Order."""
        for waiter in place.waiters or ():
            waiter.blockers -= 1
            if waiter.blockers == 0:
                self.launch(waiter)

    def removed(self, place: Place) -> Iterable[Place]:
        """See Order."""
        key = self._keys.pop(place.index or 0, None)
        if key is not None and self._index.get(key) == place.index:
            del self._index[key]
        return place.waiters or ()

    def seen(self, place: Place) -> list[Cell]:
        """See Order."""
        found = (self.places[index] for index in sorted(place.needs or ()))
        return [at.done for at in found if at is not None and at.done is not None]

    def complaint(self) -> str | None:
        """See Order."""
        for key, waiting in self._wanted.items():
            if any(not place.dead for place in waiting):
                return f"no item has the id `{key}`"
        graph = {place.index: place.needs or () for place in self.places if place is not None and place.blockers}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = " -> ".join(f"`{self._keys.get(index, index)}`" for index in reversed(error.args[1]))
            return f"items need each other in a circle: {circle}"
        return None

    def _enter(self, place: Place) -> None:
        key = self.key(place)
        index = place.index or 0
        if key is None or key in self._index:
            return
        self._index[key] = index
        self._keys[index] = key
        for waiting in self._wanted.pop(key, ()):
            if not waiting.dead:
                waiting.blockers -= 1
                self._wait(waiting, index)

    def _wait(self, place: Place, index: int) -> None:
        needed = self.places[index]
        if needed is None or place.needs is None:
            raise AssertionError("a key names a place that is not there")
        place.needs.append(index)
        needed.waiters = needed.waiters or []
        needed.waiters.append(place)
        if needed.done is None:
            place.blockers += 1


def _texts(value: Any) -> Sequence[str]:
    value = unwrap(value)
    if value is None:
        return ()
    keys = [key for key in value if isinstance(key, str)] if is_list(value) else []
    if not is_list(value) or len(keys) < len(value):
        raise EvaluationError("`given` needs a list of ids")
    return tuple(dict.fromkeys(keys))


def key_of(record: Any, fields: Sequence[str]) -> str | None:
    """Return the text that a record has under the first of these field names that it has."""
    record = unwrap(record)
    if not is_record(record):
        return None
    found = next((record[name] for name in fields if name in record), None)
    return found if isinstance(found, str) else None
