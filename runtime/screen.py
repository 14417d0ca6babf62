"""A `guard` node: takes personal data out of a text, and asks who may deny it. A denied text goes nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anyio import fail_after

from msrun.dsl.plan import Screen
from msrun.dsl.values.cells import Noted, unwrap
from msrun.dsl.values.plain import EvaluationError, word
from msrun.dsl.values.redact import redact
from msrun.runtime.moderation import Moderate, judge
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn
from msrun.runtime.progress import Progress
from msrun.runtime.recipe import Read
from msrun.runtime.unit import Unit


@dataclass(frozen=True, slots=True)
class Screener:
    """Screens the texts of one node. `judges` are its moderations by name, in the order of the plan."""

    action: Screen
    source: Read
    on_deny: Read | None
    judges: Mapping[str, Moderate]
    timeout_s: float

    def inline(self, _progress: Progress, names: Mapping[str, Any]) -> Noted:
        """Return the text without what is to be taken out of it. Raises EvaluationError."""
        text = unwrap(self.source(names))
        if type(text) is not str:
            raise EvaluationError(f"`guard` needs a text, this is {word(text)}")
        told = redact(text, self.action.redact)
        return Noted(told.text, {"denied": False, "redacted": sum(told.counts.values())})

    async def perform(self, unit: Unit) -> Drawn:
        """Return the text, or the one in its place where a moderation denies it. Raises NodeFault.

        A moderation that fails ends the run: a text that nobody judged must not pass.
        """
        try:
            names = unit.progress.scope(unit.place)
            passed = self.inline(unit.progress, names)
            for name, moderate in self.judges.items():
                if await self._denies(name, moderate, passed.value):
                    told = None if self.on_deny is None else self.on_deny(names)
                    return Drawn(Noted(told, {"denied": True, "redacted": passed.notes["redacted"]}))
        except EvaluationError as error:
            raise NodeFault("evaluate", error.message) from error
        return Drawn(passed)

    async def _denies(self, name: str, moderate: Moderate, text: str) -> bool:
        try:
            with fail_after(self.timeout_s):
                return bool(await judge(moderate, text))
        except TimeoutError as error:
            told = f"moderation `{name}` did not answer within {self.timeout_s:g} s"
            raise NodeFault("timeout", told, final=True) from error
        except Exception as error:
            told = f"moderation `{name}` raised {type(error).__name__}: {error}"
            raise NodeFault("crashed", told, help="this is an error in its code", final=True) from error
