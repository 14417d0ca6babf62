"""A turn of a conversation: what the plan's nodes read as `session`, and what is kept once the run has succeeded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msrun.dsl.plan import Plan, SessionSpec
from msrun.dsl.shapes import Maybe, TypeDef
from msrun.dsl.values.mismatch import mismatch
from msrun.dsl.values.models import validator
from msrun.dsl.values.plain import compact, plain
from msrun.runtime.outcome import NodeFault
from msrun.runtime.sessions.port import Kept, SessionFault, Turn

MOST_CHARACTERS = 32_768
"""Of one text of the history; what is longer is cut."""

Redact = Callable[[str], str]
"""Takes out of a text of the history what must not be stored."""


@dataclass(slots=True)
class Talk:
    """One turn under way. `value` is what `session` is in the plan's expressions."""

    spec: SessionSpec
    turn: Turn
    value: Mapping[str, Any]
    redact: Redact | None = None

    async def keep(self, updates: Mapping[str, Any], user: Any, answer: Any) -> None:
        """Keep the turn: slots that were updated, and what was said. Raises NodeFault."""
        before = self.turn.kept
        said = {"user": self._text(user), "answer": self._text(answer)}
        history = (*before.history, said)[-self.spec.history :] if self.spec.history else ()
        slots = {**before.slots, **{name: plain(value) for name, value in updates.items()}}
        try:
            await self.turn.keep(Kept(slots=slots, history=history, turns=before.turns + 1))
        except SessionFault as fault:
            raise NodeFault("session", fault.message, help=fault.help) from fault

    def _text(self, value: Any) -> str:
        text = value if isinstance(value, str) else compact(value)
        text = text if self.redact is None else self.redact(text)
        return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def begin(plan: Plan, turn: Turn, redact: Redact | None = None) -> Talk:
    """Make a plan's turn of what its session keeps. Raises NodeFault where that is not of the slots' types any more."""
    spec = plan.session
    if spec is None:
        raise NodeFault("plan", f"the plan `{plan.name}` is within no session")
    types = {each.id: each for each in plan.types}
    kept = turn.kept
    value: dict[str, Any] = {name: _slot(name, kept, shape, types) for name, shape in spec.slots}
    history = [{"user": str(each.get("user", "")), "answer": str(each.get("answer", ""))} for each in kept.history]
    value["history"] = history[-spec.history :] if spec.history else []
    return Talk(spec, turn, value, redact)


def _slot(name: str, kept: Kept, shape: Any, types: Mapping[str, TypeDef]) -> Any:
    if name not in kept.slots and isinstance(shape, Maybe):
        return None
    value, problems = validator(shape, types)(kept.slots.get(name, {}), "")
    if problems:
        why = mismatch(kept.slots.get(name), shape, types) or problems[0].removeprefix(": ")
        raise NodeFault(
            "session",
            f"what the session kept as `{name}` is not of its type any more: {why}",
            help="`msrun sessions FILE ID --delete` begins the conversation anew",
        )
    return value
