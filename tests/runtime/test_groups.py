"""Graphs inside nodes: sub-plans, arms, rounds; when their nodes start, what they are called, how they end."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from msrun.backends.port import BackendFault, Reply, Request, Usage
from msrun.backends.scripted import Streamed
from msrun.dsl.plan import Bounds, Limit, Node, Plan
from msrun.dsl.tree import Binary, Constant, Ref
from msrun.runtime.events import (
    CallFailed,
    CallFinished,
    CallStarted,
    CellFinished,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    RunFailed,
)
from msrun.runtime.journal import MemoryJournal
from tests.runtime.graphs import (
    Nodes,
    arm,
    ask,
    check_plan,
    choose,
    claims_plan,
    equals,
    label,
    let,
    mark,
    parts_plan,
    plan,
    repeat,
    reply_plan,
    run,
)

if TYPE_CHECKING:
    from tests.runtime.conftest import Played, Stage

pytestmark = pytest.mark.anyio


def delays(**seconds: float) -> Callable[[Request], float]:
    """Return a delay by the last part of a node's path, or by its whole path with `_` for what is no letter."""

    def delay(request: Request) -> float:
        return seconds.get(request.node.rpartition(".")[2].partition("[")[0], 0.0)

    return delay


def started(played: "Played", scale: float = 1.0) -> dict[str, float]:
    return {event.node: event.at_s / scale for event in played.all(CallStarted)}


# --- sub-plans -------------------------------------------------------------------------------------------------------


async def test_a_plan_runs_for_every_item_and_its_nodes_have_paths(stage: "Stage") -> None:
    played = await stage.play(claims_plan(), label, claims=["a", "b"])
    assert played.value == "last"
    assert played.prompts[-1] == 'end ["verdicts[0].verdict","verdicts[1].verdict"]'
    assert {event.node for event in played.all(CallStarted)} == {
        "verdicts[0].pages", "verdicts[0].verdict", "verdicts[1].pages", "verdicts[1].verdict", "last",
    }  # fmt: skip
    kinds = {event.node: event.of for event in played.all(NodeStarted)}
    assert (kinds["verdicts"], kinds["verdicts[0].pages"], kinds["last"]) == ("", "solve", "")
    assert {event.value for event in played.all(CellFinished)} == {"verdicts[0].verdict", "verdicts[1].verdict"}
    assert len({(event.node, event.cell, event.sample) for event in played.all(CallStarted)}) == 5


async def test_parallel_bounds_the_frames_that_are_open(stage: "Stage", anyio_backend_name: str) -> None:
    played = await stage.play(claims_plan(parallel=2), label, delay_s=0.01, claims=list("abcde"))
    open_, most = set[str](), 0
    for event in played.events:
        if isinstance(event, NodeStarted) and event.node.endswith("pages"):
            open_.add(event.node.partition(".")[0])
        if isinstance(event, CellFinished):
            open_.discard(f"verdicts[{event.index}]")
        most = max(most, len(open_))
    assert (most, len(played.all(CellFinished))) == (2, 5)


async def test_arguments_and_defaults_fill_the_inputs_and_a_missing_one_is_named(stage: "Stage") -> None:
    assert (await stage.play(claims_plan(), label, claims=["a"])).prompts[0] == "pages a"
    lacking = plan([run("v", "check")], "v", "q", plans=[check_plan()])
    failure = (await stage.play(lacking, label, q="x")).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node, failure.message) == (
        "input",
        "v",
        "the input `claim` of plan `check` is missing",
    )


def countdown(limit: int, *, stop_at: int = 0) -> Plan:
    """Return a plan that runs itself until its input has become `stop_at`."""
    less = let("less", Binary("-", Ref("n"), Constant(1)))
    again = run("again", "p", limit=limit, n="less", more={"when": Binary(">", Ref("n"), Constant(stop_at))})
    here = ask("here", "at {n}")
    return plan([less, again, here], "here", "n")


async def test_a_plan_that_runs_itself_goes_as_deep_as_it_says_and_not_deeper_than_its_limit(stage: "Stage") -> None:
    deep = await stage.play(countdown(100), label, n=50, width=1)
    assert len(deep.prompts) == 51
    assert {"at 0", "at 50"} <= set(deep.prompts)
    assert any(event.node == "again." * 50 + "here" for event in deep.all(CallStarted))
    failure = (await stage.play(countdown(9), label, n=50)).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node) == ("limit", "again." * 9 + "again")
    assert failure.message == "plan `p` was run 9 times from here, which is the node's limit"


async def test_endless_recursion_is_a_fault_not_an_overflow(stage: "Stage") -> None:
    failure = (await stage.play(countdown(10_000, stop_at=-10_000), label, n=1)).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.message) == ("depth", "graphs are 256 deep inside each other")


async def test_an_expect_of_a_plan_that_is_run_is_named_by_where_it_stands(stage: "Stage") -> None:
    inner = plan([ask("a", "{q}")], "a", "q", name="inner", expects=[equals("a", "yes")])
    outer = plan([run("r", "inner", q="q")], "r", "q", plans=[inner])
    assert (await stage.play(outer, ["yes"], q="?")).value == "yes"
    failure = (await stage.play(outer, ["no"], q="?")).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node) == ("expect", "r")
    assert (failure.message, failure.help) == ("`expect` number 1 of `r` does not hold", '`a` was "no"')


async def test_a_plan_that_is_not_there_is_a_fault_before_any_call(stage: "Stage") -> None:
    played = await stage.play(plan([ask("a", "{q}"), run("r", "nowhere", q="q")], "r", "q"), label, q="x")
    assert played.outcome.failure is not None
    assert played.outcome.failure.message == "there is no plan `nowhere` that could be run"
    assert played.prompts == []


# --- choose ----------------------------------------------------------------------------------------------------------


async def test_one_arm_runs_and_its_nodes_carry_its_label(stage: "Stage") -> None:
    def answer(request: Request) -> str:
        return {"intent": "complaint"}.get(request.node, request.node)

    played = await stage.play(reply_plan(), answer, q="money back")
    assert played.prompts[-1] == "reply.refund.r"
    assert "other slow" not in played.prompts
    played = await stage.play(reply_plan(), lambda request: "?" if request.node == "intent" else request.node, q="hm")
    assert played.prompts[-2:] == ["other slow", "reply.else.r"]


async def test_a_condition_that_is_no_truth_value_and_no_arm_at_all_are_faults(stage: "Stage") -> None:
    odd = plan([choose("c", arm("case1", [], "q", Ref("q")))], "c", "q")
    failure = (await stage.play(odd, q="x")).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.message) == ("evaluate", "`case` needs true or false")
    none = plan([choose("c", arm("a", [], "q", Constant("a")), on="q")], "c", "q")
    failure = (await stage.play(none, q="x")).outcome.failure
    assert failure is not None
    assert failure.message == "no arm of it is taken"


async def test_three_hundred_arms_need_no_deep_stack(stage: "Stage") -> None:
    arms = [arm(f"case{at}", [], "q", equals("q", str(at))) for at in range(3000)]
    played = await stage.play(plan([choose("c", *arms, arm("else", [], "q"))], "c", "q"), q="none")
    assert played.value == "none"


# --- repeat ----------------------------------------------------------------------------------------------------------


def draft_plan(limit: int = 3, **more: Any) -> Plan:
    critique, better = mark("critique", "judge {draft}"), ask("better", "improve {draft} {critique}")
    done = Binary(">=", Ref("critique"), Constant(0.9))
    loop = repeat("draft", "q", [better, critique], done, "better", limit=limit, **more)
    return plan([loop], "draft", "q")


async def test_rounds_go_on_until_it_holds_and_the_rest_of_the_last_round_does_not_run(stage: "Stage") -> None:
    marks = {"draft#1.critique": [0.2], "draft#2.critique": [0.5], "draft#3.critique": [0.95]}
    better = {"draft#1.better": ["v1"], "draft#2.better": ["v2"]}
    played = await stage.play(draft_plan(5), nodes={**marks, **better}, q="v0")
    assert played.value == "v2"
    assert played.prompts == ["judge v0", "improve v0 0.2", "judge v1", "improve v1 0.5", "judge v2"]
    assert [event.exhausted for event in played.all(NodeFinished) if event.node == "draft"] == [False]


async def test_the_limit_ends_it_with_the_last_value_and_says_so(stage: "Stage") -> None:
    played = await stage.play(draft_plan(2), nodes={"draft.critique": [0.1, 0.1], "draft.better": ["a", "b"]}, q="v0")
    assert played.value == "b"
    assert len(played.prompts) == 4
    assert [event.exhausted for event in played.all(NodeFinished) if event.node == "draft"] == [True]


async def test_rounds_in_a_fan_out_run_beside_each_other(stage: "Stage") -> None:
    critique, better = mark("critique", "judge {draft}"), ask("better", "improve {draft}")
    loop = repeat(
        "draft", "x", [better, critique], Binary(">=", Ref("critique"), Constant(0.9)), "better",
        limit=2, over="x in xs",
    )  # fmt: skip
    played = await stage.play(
        plan([loop], "draft", "xs"),
        lambda request: 1.0 if request.node == "draft[0]#1.critique" else 0.0 if "critique" in request.node else "b",
        xs=["p", "q"],
    )
    assert played.value == ["p", "b"]
    assert [(event.index, event.exhausted) for event in played.all(CellFinished)] == [(0, False), (1, True)]
    assert "draft[1]#2.better" in {event.node for event in played.all(CallStarted)}


async def test_an_expect_of_a_round_is_judged_where_its_nodes_run(stage: "Stage") -> None:
    nodes = [mark("critique", "judge {draft}"), ask("better", "improve {draft}")]
    done = Binary(">=", Ref("critique"), Constant(0.9))
    loop = repeat("draft", "q", nodes, done, "better", limit=3, expects=[equals("better", "good")])
    replies: Nodes = {"draft.critique": [0.1, 1.0], "draft.better": ["good"]}
    assert (await stage.play(plan([loop], "draft", "q"), nodes=replies, q="v0")).value == "good"
    replies = {"draft.critique": [0.1], "draft.better": ["bad"]}
    failure = (await stage.play(plan([loop], "draft", "q"), nodes=replies, q="v0")).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node) == ("expect", "draft#1")


async def test_a_limit_that_is_no_number_of_rounds_is_a_fault(stage: "Stage") -> None:
    failure = (await stage.play(draft_plan(0), label, q="x")).outcome.failure
    assert failure is not None
    assert failure.message == "`limit` needs a whole number of at least 1"


# --- what goes wrong -------------------------------------------------------------------------------------------------


def refuse(*nodes: str) -> Any:
    """Answer with the path, but refuse these nodes."""

    def answer(request: Request) -> Any:
        return BackendFault("refused", "will not") if request.node in nodes else request.node

    return answer


async def test_a_fault_inside_ends_the_run_with_its_full_path(stage: "Stage") -> None:
    played = await stage.play(claims_plan(), refuse("verdicts[1].verdict"), claims=["a", "b"])
    failure = played.outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node) == ("refused", "verdicts[1].verdict")
    assert [event.node for event in played.all(NodeFailed)] == ["verdicts[1].verdict", "verdicts"]
    assert [(event.index, event.status) for event in played.all(CellFinished)][-1] == (1, "failed")


async def test_skip_drops_the_one_frame_and_lets_its_running_calls_end(stage: "Stage") -> None:
    inner = plan(
        [ask("bad", "bad {q}"), ask("slow", "slow {q}"), ask("next", "next {slow}")], "next", "q", name="inner"
    )
    outer = plan(
        [run("r", "inner", q="x", more={"over": "x in xs", "on_error": "skip"}), ask("last", "{r}")],
        "last", "xs", plans=[inner],
    )  # fmt: skip
    journal = MemoryJournal()
    played = await stage.play(
        outer, refuse("r[1].bad"), delay_s=delays(bad=0.01, slow=0.05), journal=journal, xs=["a", "b", "c"]
    )
    assert played.prompts[-1] == '["r[0].next","r[2].next"]'
    assert [event.node for event in played.all(NodeFailed)] == ["r[1].bad"]
    assert {event.index: event.status for event in played.all(CellFinished)} == {0: "ok", 1: "skipped", 2: "ok"}
    assert "r[1].next" not in {event.node for event in played.all(CallStarted)}
    assert "r[1].slow" in {event.node for event in played.all(CallFinished)}
    assert "r[1].slow" in {key.node for key, done in journal.calls.items() if done.error is None}


async def test_skip_of_an_inner_group_stays_inside(stage: "Stage") -> None:
    inner = plan([ask("a", "{q}")], "a", "q", name="inner")
    middle = plan([run("m", "inner", q="q", more={"on_error": "skip"}), ask("b", "{q}")], "b", "q", name="middle")
    outer = plan([run("o", "middle", q="q")], "o", "q", plans=[inner, middle])
    played = await stage.play(outer, refuse("o.m.a"), q="x")
    assert played.value == "o.b"
    assert ("o.m", "skipped") in {(event.node, event.status) for event in played.all(NodeFinished)}


async def test_a_wait_before_another_attempt_ends_with_its_frame(stage: "Stage", anyio_backend_name: str) -> None:
    """Else the run would last as long as the server asks to wait, for a reply that nobody wants."""

    def answer(request: Request) -> Any:
        if request.node == "r.busy":
            return BackendFault("rate_limit", "later", retry_after_s=60.0)
        return BackendFault("refused", "no") if request.node == "r.bad" else "x"

    inner = plan([ask("busy", "{q}"), ask("bad", "{q}")], "busy", "q", name="inner")
    outer = plan([run("r", "inner", q="q", more={"on_error": "skip"}), ask("last", "{q}")], "last", "q", plans=[inner])
    with anyio.fail_after(30):
        played = await stage.play(outer, answer, delay_s=delays(bad=0.05), q="x")
    assert played.value == "x"
    assert played.events[-1].at_s < 30


async def test_a_bound_ends_all_that_is_inside(stage: "Stage") -> None:
    inner = plan([ask("fast", "{q}"), ask("slow", "{fast}")], "slow", "q", name="inner")
    outer = plan(
        [run("r", "inner", q="x", more={"over": "x in xs", "on_error": "skip", "bound_s": 0.2}), ask("last", "{r}")],
        "last", "xs", plans=[inner],
    )  # fmt: skip
    with anyio.fail_after(20):
        played = await stage.play(
            outer, label, delay_s=lambda request: 100.0 if request.node == "r[1].slow" else 0.01, xs=["a", "b"]
        )
    assert {event.index: event.status for event in played.all(CellFinished)} == {0: "ok", 1: "skipped"}
    assert [(event.node, event.fault) for event in played.all(CallFailed)] == [("r[1].slow", "withdrawn")]
    assert played.events[-1].at_s < 20


async def test_a_bound_that_is_not_reached_costs_no_time(stage: "Stage") -> None:
    inner = plan([ask("a", "{q}")], "a", "q", name="inner")
    outer = plan([run("r", "inner", q="q", more={"bound_s": 500.0})], "r", "q", plans=[inner])
    with anyio.fail_after(60):
        assert (await stage.play(outer, label, q="x")).value == "r.a"
    pure = plan([let("a", Ref("q"))], "a", "q", name="inner")
    outer = plan([run("r", "inner", q="q", more={"bound_s": 500.0})], "r", "q", plans=[pure])
    with anyio.fail_after(60):
        assert (await stage.play(outer, q="x")).value == "x"


async def test_a_bound_that_passes_is_a_timeout_of_the_node(stage: "Stage") -> None:
    inner = plan([ask("a", "{q}")], "a", "q", name="inner")
    outer = plan([run("r", "inner", q="q", more={"bound_s": 0.05})], "r", "q", plans=[inner])
    with anyio.fail_after(20):
        failure = (await stage.play(outer, label, delay_s=100.0, q="x")).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node, failure.message) == ("timeout", "r", "did not end within 0.05 s")


async def test_the_limits_of_a_plan_hold_where_another_one_runs_it(stage: "Stage") -> None:
    inner = plan([ask("a", "{q}"), ask("b", "{a}"), ask("c", "{b}")], "c", "q", name="inner")
    for calls, fault in ((3, None), (2, "budget")):
        limited = replace(inner, limits=(Limit(of="plan", name="inner", bounds=Bounds(calls=calls)),))
        outer = plan([run("r", "inner", q="x", more={"over": "x in xs"})], "r", "xs", plans=[limited])
        failure = (await stage.play(outer, label, xs=["a", "b"])).outcome.failure
        assert (None if failure is None else failure.fault) == fault
        assert failure is None or "plan `inner` has made the 2 calls it may make" in failure.message
    late = replace(inner, limits=(Limit(of="plan", name="inner", bounds=Bounds(timeout_s=0.05)),))
    with anyio.fail_after(20):
        slow = plan([run("r", "inner", q="q")], "r", "q", plans=[late])
        failure = (await stage.play(slow, label, delay_s=50.0, q="x")).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node, failure.message) == ("timeout", "r", "did not end within 0.05 s")


async def test_nodes_of_one_name_have_budgets_of_their_own(stage: "Stage") -> None:
    def priced(_request: Request) -> Reply:
        return Reply(text="x", usage=Usage(prompt_tokens=1, completion_tokens=1, cost_usd=0.6))

    def spending(id_: str) -> Node:
        made = ask(id_, "{q}")
        return replace(made, policy=replace(made.policy, budget_usd=1.0))

    inner = plan([spending("a")], "a", "q", name="inner")
    outer = plan([spending("a"), run("r", "inner", q="a")], "r", "q", plans=[inner])
    assert (await stage.play(outer, priced, q="x")).value == "x"


# --- streaming, width, cancellation, journal -------------------------------------------------------------------------


async def test_items_that_are_taken_back_take_their_frames_with_them(stage: "Stage") -> None:
    """The stream hands on a, b, then breaks; the next attempt writes a, c."""
    broken = Streamed(['["a", ', '"b", '], delay_s=0.05, fault=BackendFault("truncated", "broke"))
    model: Nodes = {
        "parts": [broken, '["a", "c"]'],
        "r.pages": lambda request: request.messages[0].content,
        "r.verdict": label,
    }
    played = await stage.play(
        parts_plan(parallel=2),
        nodes=model,
        delay_s=lambda request: 3.0 if "pages b" in request.messages[0].content else 0.0,
        q="x",
    )
    assert played.value == ["r[0].verdict", "r[1].verdict"]
    asked = [prompt for prompt in played.prompts if prompt.startswith("judge")]
    assert asked == ["judge pages a", "judge pages c"]
    assert [(event.node, event.fault) for event in played.all(CallFailed) if event.fault == "withdrawn"] == [
        ("r[1].pages", "withdrawn")
    ]


async def test_width_bounds_calls_and_not_depth(stage: "Stage") -> None:
    for width in (1, 2):
        played = await stage.play(countdown(100), label, delay_s=0.0, n=20, width=width)
        assert len(played.prompts) == 21
        nested = await stage.play(claims_plan(), label, claims=list("abcdef"), width=width)
        assert nested.value == "last"


async def test_the_more_urgent_call_goes_first_whatever_graph_it_stands_in(stage: "Stage") -> None:
    """A call inside a group counts the calls after the group: at width 1 it goes before one that nothing follows."""
    inner = plan([ask("a", "{q}")], "a", "q", name="inner")
    nodes = [ask("alone", "{q}"), run("r", "inner", q="q"), ask("b", "{r}"), ask("c", "{b}")]
    played = await stage.play(plan(nodes, "c", "q", plans=[inner]), label, q="x", width=1)
    assert list(started(played))[:2] == ["r.a", "b"]


async def test_cancelling_closes_what_is_open_in_every_frame(stage: "Stage") -> None:
    with anyio.move_on_after(0.05) as scope:
        await stage.play(claims_plan(), label, delay_s=100.0, claims=["a", "b"])
    assert scope.cancelled_caught
    assert isinstance(stage.events[-1], RunFailed)
    assert stage.events[-1].fault == "cancelled"


async def test_the_journal_knows_every_call_inside_by_a_key_of_its_own(stage: "Stage") -> None:
    journal = MemoryJournal()
    critique = mark("critique", "judge {draft}")
    loop = repeat("draft", "q", [critique, ask("better", "improve {draft}")], Constant(False), "better", limit=3)
    both = plan(
        [loop, run("r", "check", claim="c", more={"over": "c in claims"}), ask("last", "{draft} {r}")],
        "last",
        "q",
        "claims",
        plans=[check_plan()],
    )

    def answer(request: Request) -> Any:
        return 0.5 if "critique" in request.node else f"{request.node} {request.seed}"

    first = await stage.play(both, answer, journal=journal, run="again", q="x", claims=["a", "a"])
    assert len(journal.calls) == first.outcome.calls == 11
    second = await stage.play(both, answer, journal=journal, run="again", q="x", claims=["a", "a"])
    assert (second.value, second.outcome.calls) == (first.value, 0)
    narrow = await stage.play(both, answer, q="x", claims=["a", "a"], width=1)
    assert narrow.value == first.value
