"""Chains and graphs: when nodes start, what a run costs, and how it ends when something is wrong."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from msrun.backends.port import BackendFault, Emit, Reply, Request, Usage
from msrun.backends.scripted import Scripted
from msrun.dsl.plan import Made, ModelSpec, Node, NodeId, Plan, ToolSpec
from msrun.dsl.plan import Stage as Training
from msrun.dsl.shapes import TEXT
from msrun.runtime.engine import execute
from msrun.runtime.events import (
    CallFailed,
    CallStarted,
    Event,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    RunFailed,
    RunFinished,
    RunStarted,
)
from msrun.runtime.journal import MemoryJournal

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

DIAMOND = """
plan p(q: text) -> text {
  combine last from [left, right] { prompt: "last {{ left }} {{ right }}" }
  solve right from first { prompt: "right {{ first }}" }
  solve left from first { prompt: "left {{ first }}" }
  solve first from q { prompt: "first {{ q }}" }
  return last
}
"""


def delays(**seconds: float) -> Any:
    """Return a delay for each node, by its id or the place of a cell."""

    def delay(request: Request) -> float:
        return seconds.get(request.node, seconds.get(request.node.partition("[")[0], 0.0))

    return delay


async def test_values_flow_along_names_whatever_the_order_of_the_text(stage: "Stage") -> None:
    played = await stage.play(DIAMOND, nodes={"first": ["1"], "left": ["L"], "right": ["R"], "last": ["end"]}, q="why")
    assert played.value == "end"
    assert set(played.prompts) == {"first why", "left 1", "right 1", "last L R"}


async def test_a_node_starts_the_moment_its_last_input_is_there(stage: "Stage", anyio_backend_name: str) -> None:
    scale = 1.0 if anyio_backend_name == "trio" else 0.02
    played = await stage.play(
        DIAMOND, lambda request: request.node, delay_s=delays(first=scale, left=scale, right=5 * scale), q="why"
    )
    started = {node: played.at(CallStarted, node) / scale for node in ("first", "left", "right", "last")}
    assert started == pytest.approx({"first": 0, "left": 1, "right": 1, "last": 6}, abs=1e-6 if scale == 1.0 else 1)


async def test_events_are_numbered_without_gap_and_begin_and_end_with_the_run(stage: "Stage") -> None:
    played = await stage.play(DIAMOND, lambda request: request.node, seed=7, q="why")
    assert [event.seq for event in played.events] == list(range(len(played.events)))
    first, last = played.events[0], played.events[-1]
    assert isinstance(first, RunStarted)
    assert (first.plan, first.seed, dict(first.nodes)["last"]) == ("p", 7, "combine")
    assert isinstance(last, RunFinished)
    assert (last.value, last.calls, last.usage) == ("last", 4, played.outcome.usage)
    assert played.outcome.usage.completion_tokens == 4
    assert first.run == played.outcome.run


async def test_run_ids_are_new_or_the_ones_that_were_given(stage: "Stage") -> None:
    ids = {(await stage.play(DIAMOND, lambda request: request.node, q="why")).outcome.run for _ in range(3)}
    assert len(ids) == 3
    assert (await stage.play(DIAMOND, lambda request: request.node, run="mine", q="why")).outcome.run == "mine"


async def test_a_chain_of_pure_nodes_longer_than_the_stack_is_deep(stage: "Stage") -> None:
    lets = "\n".join(f"  let v{at} = v{at - 1} + 1" for at in range(1, 3000))
    played = await stage.play(f"plan p(v0: int) -> int {{\n{lets}\n  return v2999\n}}", v0=1)
    assert played.value == 3000


async def test_a_false_when_skips_the_node_and_its_readers_see_null(stage: "Stage") -> None:
    plan = '''
    plan p(q: text, wanted: bool) -> text {
      solve extra from q when wanted { prompt: "extra" }
      combine last from q {
        prompt: """
          {{ q }} {{ extra | default("none") }}
          """
      }
      return last
    }
    '''
    skipped = await stage.play(plan, lambda request: request.node, q="why", wanted=False)
    assert skipped.prompts == ["why none"]
    assert [(each.node, each.status) for each in skipped.all(NodeFinished)] == [("extra", "skipped"), ("last", "ok")]
    assert (await stage.play(plan, lambda request: request.node, q="why", wanted=True)).prompts[1] == "why extra"


async def test_inputs_take_their_defaults_and_wrong_ones_end_the_run_before_any_call(stage: "Stage") -> None:
    plan = """
    param style: text = "plain" { help: "style" }
    plan p(q: text, more: text = "more") -> text {
      solve a from q { prompt: "{{ style }} {{ more }} {{ q }}" }
      return a
    }
    """
    assert (await stage.play(plan, ["x"], q="why")).prompts == ["plain more why"]
    assert (await stage.play(plan, ["x"], q="why", style="odd")).prompts == ["odd more why"]
    wrong: list[dict[str, Any]] = [{}, {"q": "why", "w": 1}]
    for inputs in wrong:
        played = await stage.play(plan, ["x"], **inputs)
        assert (played.outcome.status, played.prompts) == ("failed", [])
        assert played.outcome.failure is not None
        assert played.outcome.failure.fault == "input"


async def test_an_expectation_is_judged_as_soon_as_it_can_be(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      solve a from q { prompt: "a" }
      solve b from a { prompt: "b {{ a }}" }
      expect a == "good"
      return b
    }
    """
    assert (await stage.play(plan, ["good", "fine"], q="why")).value == "fine"
    bad = await stage.play(plan, ["bad", "fine"], q="why")
    failure = bad.outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node, bad.prompts) == ("expect", None, ["a"])
    assert 'a` was "bad"' in failure.help
    assert bad.events[-1] is failure


async def test_a_failed_node_fails_the_run_by_name_and_siblings_on_their_way_end(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      solve bad from q { prompt: "bad" }
      solve slow from q { prompt: "slow" }
      solve after from slow { prompt: "after {{ slow }} {{ bad }}" }
      solve other from slow { prompt: "other {{ slow }}" }
      return after + other
    }
    """
    journal = MemoryJournal()
    played = await stage.play(
        plan,
        nodes={"bad": [BackendFault("auth", "no key", help="set it")], "slow": ["done"]},
        delay_s=delays(slow=0.02),
        journal=journal,
        q="why",
    )
    failure = played.outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node, failure.message, failure.help) == ("auth", "bad", "no key", "set it")
    assert [each.node for each in played.all(NodeFailed)] == ["bad"]
    assert [each.node for each in played.all(NodeFinished)] == ["slow"]
    assert {key.node: done.error for key, done in journal.calls.items()} == {"bad": "auth", "slow": None}
    assert len(played.prompts) == 2
    assert played.events[-1] == failure
    assert played.outcome.cause is not None
    assert isinstance(played.outcome.cause.__cause__, BackendFault)


class Broken:
    """A backend with an error in its code."""

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        async with anyio.create_task_group():
            raise ZeroDivisionError("of its own")
        return Reply(text="never")

    async def aclose(self) -> None:
        raise AssertionError("the engine does not own the backend")


async def run_with(plan: Plan, backend: Any, on_event: Any = None, **inputs: Any) -> Any:
    return await execute(
        plan,
        inputs,
        backends=lambda _spec: backend,
        tools=lambda _spec: backend,
        journal=MemoryJournal(),
        on_event=on_event,
    )


async def test_an_error_in_a_backend_is_a_named_failure_with_the_error_chained(stage: "Stage") -> None:
    outcome = await run_with(stage.plan(DIAMOND), Broken(), q="why")
    assert (outcome.status, outcome.failure.fault, outcome.failure.node) == ("failed", "crashed", "first")
    assert "ZeroDivisionError: of its own" in outcome.failure.message
    assert isinstance(outcome.cause.__cause__, ZeroDivisionError)


async def test_a_model_that_cannot_be_opened_fails_the_run_before_any_call(stage: "Stage") -> None:
    def refuse(spec: ModelSpec | ToolSpec) -> Any:
        assert isinstance(spec, ModelSpec)
        raise BackendFault("missing", f"no {spec.backend}", help="pip install it")

    outcome = await execute(
        stage.plan(DIAMOND), {"q": "why"}, backends=refuse, tools=refuse, journal=MemoryJournal(), on_event=None
    )
    assert outcome.failure is not None
    assert (outcome.failure.fault, outcome.failure.help, outcome.calls) == ("missing", "pip install it", 0)


async def test_an_observer_that_raises_ends_the_run_with_its_own_error(stage: "Stage") -> None:
    model = Scripted(lambda request: request.node, delay_s=0.01)
    seen: list[Event] = []

    def look(event: Event) -> None:
        seen.append(event)
        if isinstance(event, NodeFinished):
            raise LookupError("blind")

    with pytest.raises(LookupError, match="blind"):
        await run_with(stage.plan(DIAMOND), model, look, q="why")
    assert len(model.requests) == 1
    assert isinstance(seen[-1], NodeFinished)


async def test_an_expression_without_value_fails_its_node_by_name(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<int>) -> int {
      let a = xs[3]
      return a
    }
    """
    played = await stage.play(plan, xs=[1])
    assert played.outcome.failure is not None
    assert (played.outcome.failure.fault, played.outcome.failure.node) == ("evaluate", "a")
    returned = await stage.play("plan p(xs: list<int>) -> int {\n  return xs[3]\n}", xs=[1])
    assert isinstance(returned.events[-1], RunFailed)
    assert returned.events[-1].fault == "evaluate"


async def test_plans_that_cannot_run_are_refused(stage: "Stage") -> None:
    plan = stage.plan(DIAMOND)
    circle = replace(plan, nodes=tuple(replace(node, reads=("last",)) for node in plan.nodes))
    training = Node(
        id=NodeId("base"), kind="train", action=Training(value=Made("llama")), shape=TEXT, value_shape=TEXT, reads=()
    )
    for wrong, fault in (
        (circle, "plan"),
        (replace(plan, nodes=(training,)), "stage"),
        (replace(plan, models=()), "plan"),
    ):
        outcome = await run_with(wrong, Scripted([]), q="why")
        assert (outcome.failure.fault, outcome.calls) == (fault, 0)


async def test_a_run_without_an_observer_makes_no_deltas(stage: "Stage") -> None:
    asked: list[Emit | None] = []

    class Quiet:
        async def call(self, request: Request, emit: Emit | None = None) -> Reply:
            asked.append(emit)
            return Reply(text="x", usage=Usage(cost_usd=0.5))

    outcome = await run_with(stage.plan(DIAMOND), Quiet(), q="why")
    assert (outcome.value, outcome.usage.cost_usd, asked) == ("x", 2.0, [None] * 4)


async def test_no_more_calls_than_the_width_at_the_same_time(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<int>) -> int {
      solve ys for x in xs { prompt: "{{ x }}" }
      let n = ys | count
      return n
    }
    """
    now, most = 0, 0

    class Counting:
        async def call(self, request: Request, emit: Emit | None = None) -> Reply:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await anyio.sleep(0.001)
            now -= 1
            return Reply(text="x")

    model: Any = Counting()
    played = await stage.play(plan, model=model, width=7, xs=list(range(100)))
    assert (played.value, most) == (100, 7)


async def test_nodes_say_when_they_start_and_failed_calls_say_so(stage: "Stage") -> None:
    played = await stage.play(DIAMOND, [BackendFault("request", "wrong")], q="why")
    assert [each.node for each in played.all(NodeStarted)] == ["first"]
    assert [(each.fault, each.retry_in_s) for each in played.all(CallFailed)] == [("request", None)]
