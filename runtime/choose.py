"""A node that runs one of its arms: tests are read one after the other, as soon as what they name is there."""

from dataclasses import dataclass, field
from typing import Any

from msrun.dsl.values.cells import unwrap
from msrun.dsl.values.operators import equal
from msrun.runtime.frame import Frame, once_there
from msrun.runtime.network import Network
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Place
from msrun.runtime.progress import Progress, Rank
from msrun.runtime.recipe import Read
from msrun.runtime.visit import Visit, truth_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm. `waits` are the nodes that its tests read (and what stands after `on`)."""

    label: str
    tests: tuple[Read, ...]
    waits: tuple[str, ...]
    network: Network
    returns: Read


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Chooser:
    """How one node chooses."""

    on: Read | None
    arms: tuple[Arm, ...]

    def __call__(self, progress: Progress, place: Place, sample: int | None, rank: Rank) -> Visit:
        """Make a visit."""
        return _Choice(progress, place, sample, rank, chooser=self)


@dataclass(slots=True, eq=False)
class _Choice(Visit):
    chooser: Chooser = field(kw_only=True)
    at: int = 0  # the arm whose tests are read

    def enter(self) -> None:
        """See Visit."""
        if self.at >= len(self.chooser.arms):
            raise NodeFault("evaluate", "no arm of it is taken", help="add `else { … }`")
        once_there(self.progress.frame, self.chooser.arms[self.at].waits, self._try)

    def returned(self, frame: Frame) -> None:
        """See Visit."""
        arm = self.chooser.arms[self.at]
        self.give(arm.returns(frame.names(arm.network.ending)))

    def _try(self) -> None:
        self.attempt(self._test)

    def _test(self) -> None:
        arm, outer = self.chooser.arms[self.at], self.progress.frame
        names = {**self.names, **{name: outer.find(name).value for name in arm.waits}}
        if self._taken(arm, names):
            self.spread(arm.network, f"{self.path}.{arm.label}.", self.names)
        else:
            self.at += 1
            self.enter()

    def _taken(self, arm: Arm, names: dict[str, Any]) -> bool:
        if not arm.tests:
            return True
        if self.chooser.on is None:
            return any(truth_of(test(names), "case") for test in arm.tests)
        value = unwrap(self.chooser.on(names))
        return any(equal(value, unwrap(test(names))) for test in arm.tests)
