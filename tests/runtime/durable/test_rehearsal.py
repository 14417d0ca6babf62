"""A rehearsal calls nothing and says what a run would do, and why."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from msrun.backends.port import BackendFault, Usage
from msrun.backends.scripted import Answer
from msrun.runtime.durable.journal import History, open_journals
from msrun.runtime.durable.rehearsal import Fate, rehearse
from msrun.runtime.outcome import Outcome
from tests.runtime.conftest import compiled

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

PLAN = """
plan p(question: text) -> text {
  decompose parts from question limit 4
  solve answers for part in parts { prompt: "Answer: {{ part }}" }
  combine answer from answers { prompt: "Combine: {{ answers | join(", ") }}" }
  return answer
}
"""
REPLIES: Mapping[str, Sequence[Answer]] = {"parts": ['["a", "b"]'], "answers": ["1", "2"], "answer": ["three"]}


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """Trio with a real clock: a thread is waited for, which a clock that jumps does not see."""
    return request.param


async def history(stage: "Stage", path: Path, replies: Mapping[str, Sequence[Answer]] = REPLIES) -> History:
    async with open_journals(path) as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        await stage.play(PLAN, nodes=replies, journal=journal, run="r1", question="q")
        await journal.end("ok", {})
        return await journals.history("r1")


async def played(plan: str, known: History, **more: Any) -> tuple[dict[str, Fate], Outcome]:
    inputs = {"question": more.pop("question", "q")}
    fates, outcome = await rehearse(compiled(plan), inputs, known, run="r1", seed=more.pop("seed", 0))
    return {fate.node: fate for fate in fates}, outcome


def verdicts(fates: Mapping[str, Fate]) -> Mapping[str, tuple[str, int, Mapping[Any, int]]]:
    return {name: (fate.verdict, fate.reused, dict(fate.made)) for name, fate in fates.items()}


async def test_a_run_that_ended_is_reused_whole(stage: "Stage", tmp_path: Path) -> None:
    fates, outcome = await played(PLAN, await history(stage, tmp_path / "j"))
    assert verdicts(fates) == {"parts": ("reuse", 1, {}), "answers": ("reuse", 2, {}), "answer": ("reuse", 1, {})}
    assert (outcome.status, outcome.value, outcome.calls) == ("ok", "three", 0)


async def test_nothing_is_known_of_a_new_run(stage: "Stage") -> None:
    fates, outcome = await played(PLAN, History())
    assert verdicts(fates) == {"parts": ("run", 0, {"new": 1}), "answers": ("waits", 0, {}), "answer": ("waits", 0, {})}
    assert outcome.status == "failed"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Answer: {{ part }}", "Reply: {{ part }}", "prompt"),
        ('"Answer: {{ part }}"', '"Answer: {{ part }}"  temperature: 0.5', "settings"),
        ("solve answers for", "solve answers: int for", "settings"),
    ],
)
async def test_an_edit_runs_what_it_touches(stage: "Stage", tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in PLAN
    fates, _ = await played(PLAN.replace(old, new), await history(stage, tmp_path / "j"))
    assert verdicts(fates) == {
        "parts": ("reuse", 1, {}),
        "answers": ("run", 0, {reason: 2}),
        "answer": ("waits", 0, {}),
    }


async def test_another_input_runs_everything(stage: "Stage", tmp_path: Path) -> None:
    fates, _ = await played(PLAN, await history(stage, tmp_path / "j"), question="other")
    assert fates["parts"].made == {"prompt": 1}


async def test_another_seed_runs_everything(stage: "Stage", tmp_path: Path) -> None:
    fates, _ = await played(PLAN, await history(stage, tmp_path / "j"), seed=1)
    assert fates["parts"].made == {"settings": 1}


async def test_layout_and_comments_run_nothing(stage: "Stage", tmp_path: Path) -> None:
    edited = PLAN.replace("  combine", "  # the last step\n\n      combine")
    _, outcome = await played(edited, await history(stage, tmp_path / "j"))
    assert outcome.status == "ok"


async def test_a_call_that_failed_would_be_made(stage: "Stage", tmp_path: Path) -> None:
    broken = {**REPLIES, "answer": [BackendFault("auth", "no key")]}
    fates, _ = await played(PLAN, await history(stage, tmp_path / "j", broken))
    assert fates["answer"].made == {"failed": 1}
    assert fates["answers"].reused == 2


async def test_saved_money_is_added_up(stage: "Stage", tmp_path: Path) -> None:
    known = await history(stage, tmp_path / "j")
    total = sum((done.usage for done in known.calls.values()), Usage())
    fates, _ = await played(PLAN, known)
    assert sum((fate.saved for fate in fates.values()), Usage()) == total
