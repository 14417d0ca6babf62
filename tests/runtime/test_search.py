"""Searching for a path of steps: what is proposed and scored, what it may cost, and what changes nothing."""

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from msrun.backends.port import BackendFault, Request
from msrun.dsl.plan import Node, Plan
from msrun.dsl.tree import Constant
from msrun.runtime.events import CallStarted, CellFinished, NodeFinished
from msrun.runtime.journal import MemoryJournal
from tests.runtime.graphs import ask, equals, mark, plan, search

if TYPE_CHECKING:
    from tests.runtime.conftest import Played, Stage

pytestmark = pytest.mark.anyio


def tree(
    limit: int = 60, *, samples: int | None = 3, scored: bool = True, step: dict[str, Any] | None = None, **more: Any
) -> Plan:
    """Return a plan that searches; steps are shown the path, scores the path and the step."""
    own: dict[str, Any] = {"samples": samples, **(step or {})}
    expand = ask("step", "after {so_far}", **own)
    score: Node | None = mark("value", "{so_far} then {step}") if scored else None
    return plan([search("path", expand, score, limit=limit, **more)], "path", "q")


def world(request: Request) -> Any:
    """Propose the number of the proposal; a step is worth more the larger its last digit is, mod 7."""
    if request.node.endswith("step"):
        return request.node.partition("#")[2].partition(".")[0]
    return int(request.messages[0].content.split()[-1]) * 3 % 7 / 7


def counted(played: "Played") -> Counter[str]:
    return Counter(event.node.rpartition(".")[2] for event in played.all(CallStarted))


async def test_a_beam_expands_level_by_level_and_every_call_is_counted(stage: "Stage") -> None:
    played = await stage.play(tree(width=2, depth=2), world, q="x")
    # level 1: proposals 1 2 3 with values 3 6 2 (of 7); 2 and 1 go on with 4 5 6 and 7 8 9: 5 1 4 and 0 3 6
    assert played.value == ["1", "9"]
    assert counted(played) == {"step": 9, "value": 9}
    assert [event.exhausted for event in played.all(NodeFinished) if event.node == "path"] == [False]
    assert {event.node for event in played.all(CallStarted)} >= {"path#1.step", "path#9.value"}
    assert len({event.node for event in played.all(CallStarted)}) == 18


@pytest.mark.parametrize("strategy", ["beam", "best_first", "depth_first"])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7, 11, 24, 40])
async def test_no_more_calls_are_made_than_the_limit_and_the_best_so_far_is_the_value(
    stage: "Stage", strategy: str, limit: int
) -> None:
    played = await stage.play(tree(limit, strategy=strategy, width=3, depth=4), world, q="x")
    made = sum(counted(played).values())
    ended = next(event for event in played.all(NodeFinished) if event.node == "path")
    assert made <= limit
    assert made >= limit - 1 or not ended.exhausted
    assert ended.exhausted or len(played.value) == 4
    assert (len(played.value) >= 1) is (limit >= 2)


async def test_a_level_is_expanded_at_the_same_time_and_a_step_is_scored_as_soon_as_it_is_there(
    stage: "Stage",
) -> None:
    played = await stage.play(
        tree(width=3, depth=1), world, delay_s=lambda request: 0.2 if request.node == "path#1.step" else 0.0, q="x"
    )
    order = [event.node for event in played.all(CallStarted)]
    assert order[-1] == "path#1.value"
    assert set(order[:3]) == {"path#1.step", "path#2.step", "path#3.step"}


@pytest.mark.parametrize("strategy", ["beam", "best_first", "depth_first"])
async def test_weather_and_width_change_nothing(stage: "Stage", strategy: str) -> None:
    async def play(seed: int, width: int, limit: int) -> Any:
        random = Random(seed)
        return (
            await stage.play(
                tree(limit, strategy=strategy, width=3, depth=4),
                lambda request: request.seed % 97 / 97 if request.node.endswith("value") else f"s{request.seed % 1000}",
                delay_s=lambda _request: random.choice([0.0, 0.0, 0.001, 0.002]),
                width=width,
                q="x",
            )
        ).value

    for limit in (7, 19, 60):
        expected = await play(0, 1, limit)
        assert [await play(seed, width, limit) for seed, width in ((1, 64), (2, 3), (3, 64))] == [expected] * 3


async def test_a_step_that_stops_ends_its_path(stage: "Stage") -> None:
    played = await stage.play(
        tree(samples=1, scored=False, depth=9, stop=equals("step", "3"), strategy="depth_first"), world, q="x"
    )
    assert played.value == ["1", "2", "3"]
    assert counted(played) == {"step": 3}


async def test_without_score_the_order_of_proposal_decides(stage: "Stage") -> None:
    played = await stage.play(tree(samples=2, scored=False, width=1, depth=3), world, q="x")
    assert played.value == ["1", "3", "5"]


async def test_invalid_replies_are_asked_for_again_only_while_the_limit_has_calls_left(stage: "Stage") -> None:
    def answer(request: Request) -> Any:
        again = len(request.messages) > 1
        return world(request) if request.node.endswith("step") or again else "no number"

    roomy = await stage.play(tree(9, samples=3, depth=1, width=1), answer, q="x")
    assert (roomy.value, len(roomy.model.requests)) == (["2"], 9)
    tight = await stage.play(tree(7, samples=3, depth=1, width=1), answer, q="x")
    assert (tight.value, len(tight.model.requests)) == (["1"], 7)
    none = await stage.play(tree(6, samples=3, depth=1, width=1), answer, q="x")
    assert (none.value, len(none.model.requests)) == ([], 6)


async def test_a_step_that_is_skipped_is_no_step_and_needs_no_score(stage: "Stage") -> None:
    def answer(request: Request) -> Any:
        return BackendFault("refused", "no") if request.node == "path#2.step" else world(request)

    played = await stage.play(tree(6, samples=3, depth=1, width=3, step={"on_error": "skip"}), answer, q="x")
    assert played.value == ["1"]
    assert counted(played) == {"step": 3, "value": 2}
    failed = await stage.play(tree(6, samples=3, depth=1, width=3), answer, q="x")
    assert failed.outcome.failure is not None
    assert failed.outcome.failure.node == "path#2.step"


async def test_a_score_that_is_no_number_is_a_fault(stage: "Stage") -> None:
    expand = ask("step", "after {so_far}")
    group = search("path", expand, ask("value", "{step}"), limit=4, depth=1)
    failure = (await stage.play(plan([group], "path", "q"), ["a", "b"], q="x")).outcome.failure
    assert failure is not None
    assert failure.message == "its `score` needs a number between 0 and 1"


async def test_searches_in_a_fan_out_have_paths_and_limits_of_their_own(stage: "Stage") -> None:
    expand = ask("step", "{x} after {so_far}", samples=2)
    group = search("path", expand, limit=3, depth=9, over="x in xs")
    journal = MemoryJournal()
    several = plan([group], "path", "xs")
    played = await stage.play(several, world, xs=["a", "b"], journal=journal, run="one")
    assert played.value == [["1", "3"], ["1", "3"]]
    assert [event.exhausted for event in played.all(CellFinished)] == [True, True]
    assert len(journal.calls) == 6
    assert (await stage.play(several, world, xs=["a", "b"], journal=journal, run="one")).outcome.calls == 0


async def test_a_condition_that_is_no_truth_value_is_a_fault(stage: "Stage") -> None:
    failure = (await stage.play(tree(stop=Constant("yes")), world, q="x")).outcome.failure
    assert failure is not None
    assert failure.message == "`stop` needs true or false"
