"""Decomposers that are still writing: what starts early, and what is taken back when a later reply differs."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from msrun.backends.port import BackendFault, Emit, Reply, Request
from msrun.backends.scripted import Streamed
from msrun.runtime.events import (
    CallFailed,
    CallFinished,
    CallStarted,
    CellFinished,
    ItemProduced,
    ItemsReset,
    NodeFinished,
    NodeStarted,
)

if TYPE_CHECKING:
    from tests.runtime.conftest import Played, Stage

pytestmark = pytest.mark.anyio

PLAIN = """
plan p(q: text) -> text {
  decompose parts from q
  solve ys for part in parts { prompt: "{{ part }}" }
  return ys | join(",")
}
"""

NEEDS = """
type Step { id: key  ask: text  needs: list<ref<Step>> }
plan p(q: text) -> text {
  decompose steps: Step from q
  solve facts for s in steps given s.needs as known { prompt: "{{ s.ask }} {{ known | json }}" }
  return facts | join(",")
}
"""

BROKEN = BackendFault("truncated", "the stream broke")


def step(id_: str, *needs: str) -> dict[str, Any]:
    return {"id": id_, "ask": f"ask {id_}", "needs": list(needs)}


def echo(request: Request) -> str:
    return request.messages[-1].content.upper()


def written(items: list[Any], delay_s: float, fault: BackendFault | None = None) -> Streamed:
    """Return a reply that comes one item in a piece."""
    pieces = ["[", *[json.dumps(item) + ("," if at < len(items) - 1 else "") for at, item in enumerate(items)], "]"]
    return Streamed(pieces[:-1] if fault else pieces, delay_s, fault)


def asked(played: "Played", node: str) -> list[str]:
    return [each.messages[-1].content for each in played.model.requests if each.node.startswith(node)]


async def test_cells_start_while_the_decomposer_is_writing(stage: "Stage", anyio_backend_name: str) -> None:
    scale = 1.0 if anyio_backend_name == "trio" else 0.01
    played = await stage.play(PLAIN, echo, nodes={"parts": [written(["a", "b", "c"], scale)], "ys": echo}, q="why")
    assert played.value == "A,B,C"
    assert [(each.index, each.item) for each in played.all(ItemProduced)] == [(0, "a"), (1, "b"), (2, "c")]
    assert played.at(CellFinished, "ys", 1) < played.at(CallFinished, "parts")
    assert [each.cells for each in played.all(NodeStarted) if each.node == "ys"] == [None]
    if anyio_backend_name == "trio":
        assert [round(each.at_s) for each in played.all(CallStarted)] == [0, 2, 3, 4]
        assert round(played.at(CallFinished, "parts")) == 5


async def test_who_reads_the_whole_list_waits_for_its_end(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      decompose parts from q
      solve whole from parts { prompt: "{{ parts | json }}" }
      solve ys for part in parts { prompt: "{{ part }} of {{ parts | count }}" }
      return whole + (ys | join(","))
    }
    """
    played = await stage.play(plan, echo, nodes={"parts": [written(["a", "b"], 0.005)]}, q="why")
    assert sorted(asked(played, "whole") + asked(played, "ys")) == ['["a","b"]', "a of 2", "b of 2"]
    assert played.at(CallStarted, "whole") >= played.at(NodeFinished, "parts")


async def test_a_retry_that_says_the_same_takes_nothing_back(stage: "Stage") -> None:
    parts = [written(["a", "b"], 0.01, BROKEN), written(["a", "b", "c"], 0.0)]
    played = await stage.play(PLAIN, nodes={"parts": parts, "ys": echo}, q="why")
    assert played.value == "A,B,C"
    assert played.all(ItemsReset) == []
    assert sorted(asked(played, "ys")) == ["a", "b", "c"]
    assert [each.fault for each in played.all(CallFailed)] == ["truncated"]


async def test_items_that_a_retry_changes_are_taken_back_from_the_first_on(stage: "Stage") -> None:
    parts = [written(["a", "b", "c"], 0.01, BROKEN), written(["a", "x"], 0.01)]
    played = await stage.play(PLAIN, nodes={"parts": parts, "ys": echo}, q="why")
    assert played.value == "A,X"
    assert [each.index for each in played.all(ItemsReset)] == [1]
    assert asked(played, "ys") == ["a", "b", "c", "x"]
    finished = {each.index: each.value for each in played.all(CellFinished)}
    assert finished == {0: "A", 1: "X", 2: "C"}  # the last word on a cell counts, up to the node's end
    ended = [each.value for each in played.all(NodeFinished) if each.node == "ys"]
    assert [[cell.value for cell in cells] for cells in ended] == [["A", "X"]]


async def test_a_shorter_retry_takes_the_rest_back(stage: "Stage") -> None:
    parts = [written(["a", "b", "c"], 0.0, BROKEN), written(["a"], 0.0)]
    played = await stage.play(PLAIN, nodes={"parts": parts, "ys": echo}, q="why")
    assert played.value == "A"
    assert [each.index for each in played.all(ItemsReset)] == [1]


async def test_a_call_for_an_item_that_is_taken_back_is_cancelled(stage: "Stage") -> None:
    cancelled: list[str] = []

    class Slow:
        def __init__(self) -> None:
            self.requests: list[Request] = []
            self.tries = 0

        async def call(self, request: Request, emit: Emit | None = None) -> Reply:
            assert emit is not None
            self.requests.append(request)
            if request.node == "parts":
                self.tries += 1
                emit('["a", "b"' if self.tries == 1 else '["a", "x"]')
                await anyio.sleep(0.01)
                if self.tries == 1:
                    raise BROKEN
                return Reply(text='["a", "x"]')
            try:
                await anyio.sleep(3600 if echo(request) == "B" else 0.0)
            except anyio.get_cancelled_exc_class():
                cancelled.append(echo(request))
                raise
            return Reply(text=echo(request))

    model: Any = Slow()
    played = await stage.play(PLAIN, model=model, q="why")
    assert (played.value, cancelled) == ("A,X", ["B"])
    assert [(each.fault, each.retry_in_s) for each in played.all(CallFailed) if each.node == "ys"] == [
        ("withdrawn", None)
    ]


async def test_cells_that_saw_what_is_taken_back_run_again_and_so_do_those_behind(stage: "Stage") -> None:
    plan = NEEDS.replace(
        'return facts | join(",")',
        """
      solve more for f in facts { prompt: "more {{ f }}" }
      return more | join(",")
    """,
    )
    first = [step("a"), step("c", "b"), step("b")]
    second = [step("a"), step("c", "b"), {**step("b"), "ask": "changed"}]
    played = await stage.play(
        plan,
        nodes={"steps": [written(first, 0.01, BROKEN), written(second, 0.0)], "facts": echo, "more": echo},
        q="why",
    )
    assert asked(played, "facts") == [
        "ask a []",
        "ask b []",
        'ask c ["ASK B []"]',
        "changed []",
        'ask c ["CHANGED []"]',
    ]
    assert played.value == 'MORE ASK A [],MORE ASK C ["CHANGED []"],MORE CHANGED []'
    assert len(asked(played, "more")) == 5


async def test_earlier_cells_that_change_make_all_later_ones_run_again(stage: "Stage") -> None:
    plan = PLAIN.replace(
        'in parts { prompt: "{{ part }}"', 'in parts given earlier as known { prompt: "{{ part }}{{ known | json }}"'
    )
    parts = [written(["a", "b", "c"], 0.01, BROKEN), written(["a", "x", "c"], 0.0)]
    played = await stage.play(plan, nodes={"parts": parts, "ys": lambda request: echo(request)[0]}, q="why")
    assert played.value == "A,X,C"
    assert asked(played, "ys") == ["a[]", 'b["A"]', 'c["A","B"]', 'x["A"]', 'c["A","X"]']


async def test_an_id_not_yet_seen_is_waited_for(stage: "Stage", anyio_backend_name: str) -> None:
    scale = 1.0 if anyio_backend_name == "trio" else 0.01
    steps = written([step("a", "c"), step("b"), step("c")], scale)
    played = await stage.play(NEEDS, nodes={"steps": [steps], "facts": echo}, q="why")
    assert played.value == 'ASK A ["ASK C []"],ASK B [],ASK C []'
    assert asked(played, "facts") == ["ask b []", "ask c []", 'ask a ["ASK C []"]']
    if anyio_backend_name == "trio":
        starts = {each.cell: each.at_s for each in played.all(CallStarted) if each.node == "facts"}
        assert starts == pytest.approx({1: 3.0, 2: 4.0, 0: 4.0})


@pytest.mark.parametrize("wrong", [[step("a", "zz")], [step("a"), step("b", "b")], [step("a"), step("a")]])
async def test_ids_that_name_nothing_are_an_error_of_the_reply_and_repaired(stage: "Stage", wrong: Any) -> None:
    right = [step("a"), step("b", "a")]
    played = await stage.play(
        NEEDS, nodes={"steps": [written(wrong, 0.0), written(right, 0.0)], "facts": echo}, q="why"
    )
    assert played.value == 'ASK A [],ASK B ["ASK A []"]'
    assert [(each.fault, each.retry_in_s) for each in played.all(CallFailed) if each.node == "steps"] == [
        ("reply", 0.0)
    ]
    repair = [request for request in played.model.requests if request.node == "steps"][1]
    assert [message.role for message in repair.messages] == ["user", "assistant", "user"]


async def test_from_an_invalid_item_on_nothing_is_handed_on(stage: "Stage") -> None:
    plan = """
    type Part { ask: text[..3] }
    plan p(q: text) -> text {
      decompose parts: Part from q
      solve ys for part in parts { prompt: "{{ part.ask }}" }
      return ys | join(",")
    }
    """
    wrong = [{"ask": "a"}, {"ask": "too long"}, {"ask": "c"}]
    right = [{"ask": "a"}, {"ask": "b"}, {"ask": "d"}]
    played = await stage.play(plan, nodes={"parts": [written(wrong, 0.01), written(right, 0.0)], "ys": echo}, q="why")
    assert played.value == "A,B,D"
    assert asked(played, "ys") == ["a", "b", "d"]


async def test_no_more_items_than_the_limit_are_handed_on(stage: "Stage") -> None:
    plan = PLAIN.replace("from q\n", "from q limit n + 1\n").replace("q: text", "q: text, n: int")
    replies = [written(["a", "b", "c", "d"], 0.01), written(["a", "b"], 0.0)]
    played = await stage.play(plan, nodes={"parts": replies, "ys": echo}, q="why", n=1)
    assert played.value == "A,B"
    assert sorted(asked(played, "ys")) == ["a", "b"]
    schema = played.model.requests[0].schema
    assert schema is not None
    assert schema["maxItems"] == 2
    for wrong in (-1, -2):
        failure = (await stage.play(plan, nodes={"parts": replies}, q="why", n=wrong)).outcome.failure
        assert failure is not None
        assert (failure.fault, failure.node) == ("evaluate", "parts")


async def test_a_skipped_decomposer_takes_all_its_items_back(stage: "Stage") -> None:
    plan = PLAIN.replace("from q\n", "from q { on_error: skip  retry: 0 }\n")
    played = await stage.play(plan, nodes={"parts": [written(["a", "b"], 0.01, BROKEN)], "ys": echo}, q="why")
    assert played.value == ""
    assert [each.index for each in played.all(ItemsReset)] == [0]
    assert [(each.node, each.status) for each in played.all(NodeFinished)] == [("parts", "skipped"), ("ys", "ok")]


async def test_a_reader_that_starts_late_takes_the_items_that_are_there(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      decompose parts from q
      solve slow from q { prompt: "slow" }
      solve ys for part in parts { prompt: "{{ part }} {{ slow }}" }
      return ys | join(",")
    }
    """

    def late(request: Request) -> float:
        return 0.025 if request.node == "slow" else 0.0

    played = await stage.play(
        plan, nodes={"parts": [written(["a", "b", "c", "d"], 0.01)], "slow": ["s"], "ys": echo}, delay_s=late, q="why"
    )
    assert played.value == "A S,B S,C S,D S"
    assert played.at(CallStarted, "ys", 0) < played.at(CallFinished, "parts")


async def test_a_tool_streams_its_items_too(stage: "Stage") -> None:
    plan = """
    tool pages(q: text) -> list<text> = python("module:function")
    plan p(q: text) -> text {
      call found from pages(q: q)
      solve ys for page in found { prompt: "{{ page }}" }
      return ys | join(",")
    }
    """

    async def pages(args: Mapping[str, Any], emit_item: Callable[[Any], None]) -> list[str]:
        for item in (args["q"], "b"):
            emit_item(item)
            await anyio.sleep(0.01)
        return [args["q"], "b", "c"]

    played = await stage.play(plan, echo, tools={"pages": pages}, q="why")
    assert played.value == "WHY,B,C"
    assert played.at(CellFinished, "ys", 0) < played.at(CallFinished, "found")


async def test_draws_are_handed_on_as_they_come(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      solve drafts from q samples 3 { prompt: "{{ q }}" }
      solve marks for draft in drafts { prompt: "mark {{ draft }}" }
      return marks | join(",")
    }
    """
    drafts = iter([0.03, 0.0, 0.0])

    def delay(request: Request) -> float:
        return next(drafts) if request.node == "drafts" else 0.0

    numbers = iter("012")
    played = await stage.play(plan, nodes={"drafts": lambda _: next(numbers), "marks": echo}, delay_s=delay, q="why")
    assert sorted(played.value.split(",")) == ["MARK 0", "MARK 1", "MARK 2"]
    assert played.at(CellFinished, "marks", 1) < played.at(NodeFinished, "drafts")


@pytest.mark.parametrize("piece", [1, 3, 1000])
async def test_results_equal_those_of_a_run_that_does_not_stream(stage: "Stage", piece: int) -> None:
    steps = [step("a"), step("b", "a", "d"), step("c"), step("d", "c")]
    plain = NEEDS.replace("Step from q\n", "Step from q { stream: false }\n")
    streamed = await stage.play(
        NEEDS, nodes={"steps": [steps], "facts": echo}, piece=piece, piece_delay_s=1e-4, q="why"
    )
    whole = await stage.play(plain, nodes={"steps": [steps], "facts": echo}, q="why")
    assert streamed.value == whole.value
    assert whole.all(ItemProduced) == []


async def test_a_reader_of_an_empty_list_still_waits_for_all_that_it_reads(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      decompose parts from q
      solve slow from q { prompt: "slow {{ q }}" }
      solve ys for part in parts { prompt: "{{ part }} {{ slow }}" }
      return ys | join(",")
    }
    """

    def late(request: Request) -> float:
        return 0.02 if request.node == "slow" else 0.0

    played = await stage.play(plan, nodes={"parts": [[]], "slow": ["s"]}, delay_s=late, q="why")
    assert played.value == ""
    order = [(type(each).__name__, each.node) for each in played.events if isinstance(each, NodeStarted | NodeFinished)]
    assert order[-3:] == [("NodeFinished", "slow"), ("NodeStarted", "ys"), ("NodeFinished", "ys")]
