"""An `expect` of a plan: judged as soon as what it reads has values, and the end of the run where it is false."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msrun.dsl.values.plain import EvaluationError, compact
from msrun.runtime.outcome import NodeFault
from msrun.runtime.recipe import Read
from msrun.runtime.run import Run

SHOWN = 80
"""Characters of a value that the message shows."""


@dataclass(slots=True, eq=False)
class Expectation:
    """One `expect`; `number` counts them from 1 in the order of the text, `missing` the values it waits for."""

    run: Run
    number: int
    holds: Read
    reads: tuple[str, ...]
    missing: int

    def supply(self) -> None:
        """One more value is there."""
        self.missing -= 1
        if self.missing == 0:
            self.run.later(self.judge)

    def judge(self) -> None:
        """Fail the run unless it holds."""
        names = {**self.run.inputs, **self.run.values}
        try:
            held = self.holds(names)
        except EvaluationError as error:
            self.run.fail(NodeFault("expect", f"`expect` number {self.number} has no value: {error.message}"))
            return
        if held is not True:
            shown = ", ".join(f"`{name}` was {_shown(names, name)}" for name in self.reads if name in names)
            self.run.fail(NodeFault("expect", f"`expect` number {self.number} of the plan does not hold", help=shown))


def _shown(names: Mapping[str, Any], name: str) -> str:
    text = compact(names[name])
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
