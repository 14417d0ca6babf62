"""When the nodes of graphs inside nodes start, to the second, on a clock that jumps over every wait."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from trio.testing import MockClock

from msrun.backends.port import Request
from msrun.backends.scripted import Streamed
from msrun.dsl.shapes import TEXT, ListOf
from msrun.runtime.events import CallStarted
from tests.runtime.graphs import (
    Nodes,
    arm,
    ask,
    choose,
    claims_plan,
    equals,
    label,
    parts_plan,
    plan,
    reply_plan,
    run,
)

if TYPE_CHECKING:
    from tests.runtime.conftest import Played, Stage

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Any:
    return "trio", {"clock": MockClock(autojump_threshold=0)}


def delays(**seconds: float) -> Callable[[Request], float]:
    """Return a delay by the last part of a node's path."""

    def delay(request: Request) -> float:
        return seconds.get(request.node.rpartition(".")[2].partition("[")[0], 0.0)

    return delay


def started(played: "Played") -> dict[str, float]:
    return {event.node: event.at_s for event in played.all(CallStarted)}


async def test_frames_are_no_barrier_for_each_other(stage: "Stage") -> None:
    slow = {"verdicts[0].pages": 5.0, "verdicts[1].pages": 1.0, "verdicts[1].verdict": 1.0}
    played = await stage.play(
        claims_plan(), label, delay_s=lambda request: slow.get(request.node, 1.0), claims=["a", "b"]
    )
    assert started(played) == {
        "verdicts[0].pages": 0, "verdicts[1].pages": 0, "verdicts[1].verdict": 1, "verdicts[0].verdict": 5, "last": 6,
    }  # fmt: skip


async def test_an_arm_starts_with_its_test_and_waits_only_for_what_it_reads(stage: "Stage") -> None:
    def answer(request: Request) -> str:
        return {"intent": "refund"}.get(request.node, request.node)

    played = await stage.play(reply_plan(), answer, delay_s=delays(intent=1, slow=9, r=1), q="x")
    assert started(played) == {"intent": 0, "slow": 0, "reply.refund.r": 1, "last": 2}


async def test_tests_are_tried_in_order_and_only_as_far_as_needed(stage: "Stage") -> None:
    first = arm("case1", [], "q", equals("a", "yes"))
    second = arm("case2", [], "b", equals("b", "yes"))
    nodes = [ask("a", "{q}"), ask("b", "{q}"), choose("c", first, second, arm("else", [], "a")), ask("last", "{c}")]
    tree = plan(nodes, "last", "q")
    played = await stage.play(tree, nodes={"a": ["yes"], "b": ["yes"], "last": ["x"]}, delay_s=delays(a=1, b=5), q="Q")
    assert (played.prompts[-1], started(played)["last"]) == ("Q", 1)
    played = await stage.play(tree, nodes={"a": ["no"], "b": ["yes"], "last": ["x"]}, delay_s=delays(a=1, b=5), q="Q")
    assert (played.prompts[-1], started(played)["last"]) == ("yes", 5)
    played = await stage.play(tree, nodes={"a": ["no"], "b": ["no"], "last": ["x"]}, delay_s=delays(a=1, b=5), q="Q")
    assert (played.prompts[-1], started(played)["last"]) == ("no", 5)


async def test_frames_open_while_the_list_is_still_written(stage: "Stage") -> None:
    model: Nodes = {
        "parts": [Streamed(['["a"', ', "b"', ', "c"]'], delay_s=2.0)],
        "r.pages": ["p"] * 3,
        "r.verdict": ["v"] * 3,
    }
    played = await stage.play(parts_plan(), nodes=model, delay_s=delays(pages=1, verdict=1), q="x")
    times = {node: at for node, at in started(played).items() if node.endswith("verdict")}
    assert times == {"r[0].verdict": 3 - 0, "r[1].verdict": 5, "r[2].verdict": 7}
    assert played.value == ["v", "v", "v"]


async def test_lists_inside_a_frame_are_handed_on_item_by_item_too(stage: "Stage") -> None:
    parts = ask("parts", "{q}", stream=True, shape=ListOf(TEXT))
    inner = plan([parts, ask("ys", "{part}", over="part in parts")], "ys", "q", name="inner")
    outer = plan([run("r", "inner", q="q")], "r", "q", plans=[inner])
    model: Nodes = {"r.parts": [Streamed(['["a", ', '"b"]'], delay_s=1.0)], "r.ys": ["1", "2"]}
    played = await stage.play(outer, nodes=model, delay_s=0.0, q="x")
    assert [event.at_s for event in played.all(CallStarted) if event.node == "r.ys"] == [1.0, 2.0]


async def test_a_graph_inside_follows_a_list_around_it(stage: "Stage") -> None:
    parts = ask("parts", "{q}", stream=True, shape=ListOf(TEXT))
    taken = arm("else", [ask("ys", "{part}", over="part in parts")], "ys")
    model: Nodes = {"parts": [Streamed(['["a", ', '"b"]'], delay_s=1.0)], "c.else.ys": ["1", "2"]}
    played = await stage.play(plan([parts, choose("c", taken)], "c", "q"), nodes=model, q="x")
    assert [event.at_s for event in played.all(CallStarted) if event.node == "c.else.ys"] == [1.0, 2.0]
    assert played.value == ["1", "2"]
