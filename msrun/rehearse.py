"""What a run would do before it does it: every node with reuse or run, the reason, and what the journal saves."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from msrun.inputs import check_inputs
from msrun.keeping import find
from msrun.runtime.durable.journal import History
from msrun.runtime.durable.rehearsal import Fate, Why, rehearse

if TYPE_CHECKING:
    from msrun.api import Loaded

REASONS: Mapping[Why, str] = {
    "new": "was never made",
    "model": "another model or tool",
    "prompt": "another prompt or arguments",
    "settings": "other settings, type or seed",
    "failed": "failed before",
    "unknown": "nobody knows how it ended",
    "waits": "reads what is made anew",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The fates of all nodes. `complete`: nothing at all would be called."""

    run: str
    fates: tuple[Fate, ...]
    complete: bool

    def record(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "run": self.run,
            "complete": self.complete,
            "calls_saved": sum(fate.reused for fate in self.fates),
            "cost_saved_usd": sum(fate.saved.cost_usd for fate in self.fates),
            "nodes": [
                {
                    "node": fate.node,
                    "kind": fate.kind,
                    "verdict": fate.verdict,
                    "reused": fate.reused,
                    "made": fate.made,
                }
                for fate in self.fates
            ],
        }

    def text(self) -> str:
        """Return it as lines for a person."""
        width = max((len(fate.node) for fate in self.fates), default=0)
        lines = [f"{fate.verdict:<6} {fate.node:<{width}}  {_said(fate)}".rstrip() for fate in self.fates]
        calls = sum(fate.reused for fate in self.fates)
        cost = sum(fate.saved.cost_usd for fate in self.fates)
        return "\n".join([*lines, f"{calls} call{'s' * (calls != 1)} and ${cost:.4f} saved by run {self.run[:12]}"])


def _said(fate: Fate) -> str:
    words = [f"{fate.reused} known"] if fate.reused else []
    words += [f"{count} to make: {REASONS[why]}" for why, count in fate.made.items()]
    if not words and not fate.ended:
        words.append(REASONS["waits"])
    return ", ".join(words)


def rehearsed(loaded: "Loaded", inputs: Mapping[str, Any], journal: Path, run: str | None) -> Rehearsal:
    """Play a loaded plan against a run of the journal (None: against nothing). Raises JournalUnusable, InputInvalid."""
    info, history = find(journal, run) if run is not None else (None, History())
    values = check_inputs(loaded.plan, inputs)
    id_ = "" if info is None else info.run

    async def play() -> Rehearsal:
        fates, outcome = await rehearse(loaded.plan, values, history, run=id_, seed=loaded.seed)
        return Rehearsal(run=id_, fates=fates, complete=outcome.status == "ok")

    return anyio.run(play)
