"""An `expect` of a plan: judged as soon as what it reads has values, and the end of its graph where it is false."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msrun.dsl.plan import Check, FragmentSpec
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.plain import EvaluationError, compact
from msrun.runtime.frame import Frame
from msrun.runtime.outcome import NodeFault
from msrun.runtime.recipe import Read

SHOWN = 80
"""Characters of a value that the message shows."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One `expect` made ready; `number` counts them from 1 in the order of the text, `waits` are the nodes it reads."""

    number: int
    holds: Read
    reads: tuple[str, ...]
    waits: tuple[str, ...]


def conditions(
    checks: Sequence[Check], nodes: Container[str], fragments: Mapping[str, FragmentSpec]
) -> list[Condition]:
    """Compile the `expect`s of a graph that sees these nodes."""
    return [
        Condition(
            number,
            compile_expr(check.expr, fragments),
            check.reads,
            tuple(name for name in dict.fromkeys(check.reads) if name in nodes),
        )
        for number, check in enumerate(checks, 1)
    ]


@dataclass(slots=True, eq=False)
class Expectation:
    """One `expect` in one frame; `missing` counts the values it waits for."""

    frame: Frame
    condition: Condition
    missing: int = 0

    def supply(self) -> None:
        """One more value is there."""
        self.missing -= 1
        if self.missing == 0:
            self.frame.run.later(self.judge)

    def judge(self) -> None:
        """Fail the frame unless it holds."""
        frame, condition = self.frame, self.condition
        names = frame.names(condition.waits)
        try:
            held = condition.holds(names)
        except EvaluationError as error:
            self._fail(f"`expect` number {condition.number} has no value: {error.message}", "")
            return
        if held is not True:
            shown = ", ".join(f"`{name}` was {_shown(names, name)}" for name in condition.reads if name in names)
            where = f"`{frame.place}`" if frame.place else "the plan"
            self._fail(f"`expect` number {condition.number} of {where} does not hold", shown)
        else:
            frame.supply()

    def _fail(self, message: str, help_: str) -> None:
        fault = NodeFault("expect", message, help=help_)
        fault.node = self.frame.place or None
        self.frame.fail(fault)


def _shown(names: Mapping[str, Any], name: str) -> str:
    text = compact(names[name])
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
