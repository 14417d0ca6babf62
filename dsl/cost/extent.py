"""Extents: how much of something there may be, as three numbers that are added and multiplied together."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isinf


@dataclass(frozen=True, slots=True)
class Extent:
    """At least `low`; at most `usual` where no call fails; at most `high` where as many fail as may."""

    low: float
    usual: float
    high: float

    def __add__(self, other: "Extent") -> "Extent":
        return Extent(self.low + other.low, self.usual + other.usual, self.high + other.high)

    def __mul__(self, other: "Extent") -> "Extent":
        return Extent(_times(self.low, other.low), _times(self.usual, other.usual), _times(self.high, other.high))

    def either(self, other: "Extent") -> "Extent":
        """Return what holds where it is one or the other."""
        return Extent(min(self.low, other.low), max(self.usual, other.usual), max(self.high, other.high))

    def capped(self, most: float) -> "Extent":
        """Return the extent with nothing above a bound."""
        return Extent(min(self.low, most), min(self.usual, most), min(self.high, most))

    def maybe(self) -> "Extent":
        """Return what holds where it may be left out."""
        return Extent(0, self.usual, self.high)

    @property
    def bounded(self) -> bool:
        """Whether there is a bound where no call fails."""
        return not isinf(self.usual)


def exactly(number: float) -> Extent:
    """Return an extent of one number."""
    return Extent(number, number, number)


def between(low: float, high: float) -> Extent:
    """Return an extent that no fault changes."""
    return Extent(low, high, high)


NONE = exactly(0)
ONE = exactly(1)
ANY = between(0, inf)


def latest(ends: Iterable[Extent]) -> Extent:
    """Return when the last of them has ended."""
    known = list(ends)
    return Extent(
        max((end.low for end in known), default=0),
        max((end.usual for end in known), default=0),
        max((end.high for end in known), default=0),
    )


def _times(one: float, other: float) -> float:
    return 0.0 if one == 0 or other == 0 else one * other
