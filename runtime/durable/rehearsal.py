"""A run played without a call: what the journal has is taken from it, and what it has not is noted, with the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from msrun.backends.port import Usage
from msrun.dsl.plan import ModelSpec, Plan, ToolSpec
from msrun.runtime.durable.entry import compact
from msrun.runtime.durable.journal import History
from msrun.runtime.engine import execute
from msrun.runtime.journal import CallKey, Done, Intent, NotMade
from msrun.runtime.outcome import Outcome

Why: TypeAlias = Literal["new", "model", "prompt", "settings", "failed", "unknown", "waits"]
"""Why a call would be made: it was never made; made to another model or tool; with another prompt or arguments; with
other settings, another type or seed; it failed; nobody knows its end. `waits`: what it reads will be made anew."""


@dataclass(slots=True)
class Fate:
    """What would become of one node: calls taken from the journal and their cost, calls made and why."""

    node: str
    kind: str
    reused: int = 0
    saved: Usage = Usage()
    made: dict[Why, int] = field(default_factory=dict["Why", int])
    ended: bool = False

    @property
    def verdict(self) -> Literal["reuse", "run", "waits"]:
        """`reuse` where nothing is called, `run` where something surely is, `waits` where that depends on others."""
        return "run" if self.made else "reuse" if self.ended else "waits"


@dataclass(slots=True, eq=False)
class _Noting:
    """See Journal: answers from the history, and lets nothing be called."""

    history: History
    note: Callable[[str, Done | None, Why | None], None]

    async def intend(self, intent: Intent) -> Done | None:
        """See Journal. Raises NotMade for a call that is not known."""
        known = self.history.find(intent)
        self.note(intent.key.node, known, None if known is not None else why(self.history, intent))
        if known is None:
            raise NotMade
        return known

    async def dispatch(self, key: CallKey) -> None:
        """See Journal."""
        raise AssertionError(f"`{key.node}` was called")

    async def done(self, done: Done) -> None:
        """See Journal."""
        raise AssertionError(f"`{done.key.node}` was called")


def why(history: History, intent: Intent) -> Why:
    """Say which part of a call's key is not what it was."""
    before = history.asked.get(intent.key)
    if before is None:
        return "new"
    if before.content == intent.content:
        return "unknown" if intent.key in history.open else "failed"
    if before.target != intent.target:
        return "model"
    if before.request != compact(intent.request):
        return "prompt"
    return "settings"


async def rehearse(
    plan: Plan, inputs: Mapping[str, Any], history: History, *, run: str, seed: int
) -> tuple[tuple[Fate, ...], Outcome]:
    """Return each node's fate, in the order of the text, and the outcome: `ok` where nothing would be called.

    No backend or tool is opened and nothing is written.
    """
    fates = {str(node.id): Fate(str(node.id), node.kind) for node in plan.nodes}

    def note(path: str, known: Done | None, reason: Why | None) -> None:
        name = path.partition("[")[0].partition("#")[0].partition(".")[0]
        fate = fates[name]
        if known is not None:
            fate.reused += 1
            fate.saved += known.usage
        elif reason is not None:
            fate.made[reason] = fate.made.get(reason, 0) + 1

    def see(event: Any) -> None:
        if event.kind == "node_finished" and event.node in fates:
            fates[event.node].ended = True

    outcome = await execute(
        plan,
        inputs,
        backends=_unopened,
        tools=_unopened,
        journal=_Noting(history, note),
        on_event=see,
        seed=seed,
        run=run,
    )
    return tuple(fates.values()), outcome


def _unopened(_spec: ModelSpec | ToolSpec) -> Any:
    """Stand for a backend or tool that is never called: `_Noting` refuses before."""
    return None
