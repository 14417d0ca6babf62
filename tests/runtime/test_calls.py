"""One call: journaled before it is made and before it is believed, tried again, repaired, bounded in time."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from msrun.backends.port import BackendFault, Reply, Request, Usage
from msrun.runtime.events import CallDelta, CallFailed, CallFinished, CallStarted, NodeFinished
from msrun.runtime.journal import CallKey, Done, Intent, MemoryJournal

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

ONE = """
plan p(q: text) -> text {
  solve a from q { prompt: "{{ q }}" }
  return a
}
"""

TWO = """
plan p(q: text) -> text {
  solve a from q { prompt: "a {{ q }}" }
  solve b from a { prompt: "b {{ a }}" }
  return b
}
"""

NUMBER = """
plan p(q: text) -> int {
  solve a: int[0..9] from q { prompt: "{{ q }}" }
  return a
}
"""


@dataclass(slots=True)
class SlowJournal(MemoryJournal):
    """Takes its time over every commit and writes down what happened when."""

    log: list[str] = field(default_factory=list[str])
    broken: str = ""

    async def intend(self, intent: Intent) -> Done | None:
        self._note("intend", intent.key)
        return await MemoryJournal.intend(self, intent)

    async def dispatch(self, key: CallKey) -> None:
        self._note("dispatch", key)

    async def done(self, done: Done) -> None:
        self._note("done", done.key)
        await anyio.sleep(0.01)
        await MemoryJournal.done(self, done)
        self.log.append(f"ack {done.key.node}")

    def _note(self, what: str, key: CallKey) -> None:
        if what == self.broken:
            raise OSError("disk full")
        self.log.append(f"{what} {key.node}")


async def test_a_dependant_is_dispatched_only_after_the_ack(stage: "Stage") -> None:
    journal = SlowJournal()

    def answer(request: Request) -> str:
        journal.log.append(f"call {request.node}")
        return "x"

    await stage.play(TWO, answer, journal=journal, q="why")
    assert journal.log == [
        f"{what} {node}" for node in ("a", "b") for what in ("intend", "dispatch", "call", "done", "ack")
    ]


@pytest.mark.parametrize("broken", ["intend", "dispatch", "done"])
async def test_a_journal_that_fails_ends_the_run_even_under_skip(stage: "Stage", broken: str) -> None:
    plan = TWO.replace('"a {{ q }}"', '"a {{ q }}" on_error: skip')
    played = await stage.play(plan, ["1", "2"], journal=SlowJournal(broken=broken), q="why")
    failure = played.outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node) == ("journal", "a")
    assert len(played.prompts) == (1 if broken == "done" else 0)


async def test_a_known_call_is_not_paid_again_and_a_changed_one_is(stage: "Stage") -> None:
    journal = MemoryJournal()
    first = await stage.play(TWO, ["1", "2"], journal=journal, run="r", q="why")
    again = await stage.play(TWO, [], journal=journal, run="r", q="why")
    assert (again.value, again.outcome.calls, again.outcome.usage, again.prompts) == (first.value, 0, Usage(), [])
    assert [each.cached for each in again.all(CallFinished)] == [True, True]
    assert again.all(CallStarted) == []
    changed = await stage.play(TWO.replace("b {{", "c {{"), ["3"], journal=journal, run="r", q="why")
    assert (changed.value, changed.prompts) == ("3", ["c 1"])
    assert (await stage.play(TWO, ["4", "5"], journal=journal, run="other", q="why")).prompts == ["a why", "b 4"]


async def test_the_content_of_a_call_is_what_decides_its_reply(stage: "Stage") -> None:
    async def content(plan: str, seed: int = 0, **inputs: Any) -> str:
        journal = MemoryJournal()
        await stage.play(plan, lambda _: "1", journal=journal, seed=seed, **inputs)
        return next(iter(journal.calls.values())).content

    same = await content(ONE, q="why")
    assert await content(ONE.replace("{ prompt", "{ timeout: 5s  retry: 1  prompt"), q="why") == same
    changes = [
        await content(ONE, q="what"),
        await content(ONE, seed=1, q="why"),
        await content(ONE.replace("{ prompt", "{ temperature: 0.5  prompt"), q="why"),
        await content(ONE.replace("{ prompt", '{ system: "be brief"  prompt'), q="why"),
        await content(NUMBER, q="why"),
    ]
    assert len({same, *changes}) == 6


async def test_seeds_follow_place_sample_and_reply_not_the_order_of_time(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<int>) -> int {
      solve ys for x in xs samples 2 { prompt: "{{ x }}" }
      return ys | count
    }
    """

    async def seeds(width: int, seed: int = 0) -> dict[str, list[int]]:
        played = await stage.play(plan, lambda _: "x", width=width, seed=seed, xs=[1, 2, 3])
        found: dict[str, list[int]] = {}
        for request in played.model.requests:
            found.setdefault(request.node, []).append(request.seed)
        return {node: sorted(each) for node, each in found.items()}

    narrow, wide, other = await seeds(1), await seeds(64), await seeds(64, seed=1)
    assert narrow == wide
    assert len({seed for each in wide.values() for seed in each}) == 6
    assert not {seed for each in wide.values() for seed in each} & {seed for each in other.values() for seed in each}


async def test_a_reply_that_is_not_valid_is_shown_to_the_model_once(stage: "Stage") -> None:
    played = await stage.play(NUMBER, ["twelve", "7"], q="why")
    assert played.value == 7
    first, second = played.model.requests
    assert [(each.role, each.content) for each in second.messages[:2]] == [("user", "why"), ("assistant", "twelve")]
    assert "not valid" in second.messages[2].content
    assert first.seed != second.seed
    assert [each.attempt for each in played.all(CallStarted)] == [1, 2]
    assert [(each.fault, each.retry_in_s) for each in played.all(CallFailed)] == [("reply", 0.0)]
    assert len(played.all(CallFinished)) == 2
    assert played.outcome.calls == 2


async def test_every_answered_call_is_journaled_so_that_a_repair_is_not_paid_again(stage: "Stage") -> None:
    journal = MemoryJournal()
    await stage.play(NUMBER, ["twelve", "7"], journal=journal, run="r", q="why")
    assert sorted((key.attempt, done.output) for key, done in journal.calls.items()) == [(1, "twelve"), (2, "7")]
    again = await stage.play(NUMBER, [], journal=journal, run="r", q="why")
    assert (again.value, again.outcome.calls) == (7, 0)


async def test_repair_ends_after_as_many_calls_as_the_policy_says(stage: "Stage") -> None:
    for repair, calls in ((0, 1), (1, 2), (3, 4)):
        plan = NUMBER.replace("{ prompt", f"{{ repair: {repair}  prompt")
        played = await stage.play(plan, lambda _: "ten", q="why")
        failure = played.outcome.failure
        assert failure is not None
        assert (failure.fault, failure.node, len(played.prompts)) == ("reply", "a", calls)
        assert played.all(CallFailed)[-1].retry_in_s is None


async def test_repairs_are_not_sent_once_the_run_is_failing(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> int {
      solve bad from q { prompt: "{{ q }}" }
      solve a: int from q { prompt: "{{ q }}" }
      return a + (bad | count)
    }
    """.replace("(bad | count)", "1").replace("return a", "expect bad != q\n return a")
    played = await stage.play(
        plan,
        nodes={"bad": [BackendFault("auth", "no key")], "a": ["ten", "10"]},
        delay_s=lambda request: 0.01 if request.node == "a" else 0.0,
        q="why",
    )
    assert played.outcome.failure is not None
    assert (played.outcome.failure.fault, len(played.prompts)) == ("auth", 2)


async def test_deltas_join_up_to_the_reply(stage: "Stage") -> None:
    played = await stage.play(ONE, ["hello there"], piece=4, q="why")
    assert "".join(each.text for each in played.all(CallDelta)) == "hello there"
    assert {each.call for each in played.all(CallDelta)} == {each.call for each in played.all(CallFinished)}


async def test_samples_are_a_list_and_lists_in_cells(stage: "Stage") -> None:
    plan = """
    plan p(q: text, n: int, xs: list<text>) -> text {
      solve s from q samples n { prompt: "{{ q }}" }
      solve t for x in xs samples n { prompt: "{{ x }}" }
      let both = [s, t]
      return both | json
    }
    """
    played = await stage.play(plan, lambda request: request.messages[0].content.upper(), n=2, q="q", xs=["x", "y"])
    assert json.loads(played.value) == [["Q", "Q"], [["X", "X"], ["Y", "Y"]]]
    drawn = [(each.node, each.cell, each.sample) for each in played.all(CallStarted)]
    assert sorted(drawn, key=str) == sorted(
        [("s", None, 0), ("s", None, 1), *[("t", cell, sample) for cell in (0, 1) for sample in (0, 1)]], key=str
    )
    for wrong in (0, -1, 10_001):
        failure = (await stage.play(plan, ["x"], n=wrong, q="q", xs=[])).outcome.failure
        assert failure is not None
        assert (failure.fault, failure.node) == ("evaluate", "s")


async def test_skipped_draws_are_left_out_and_a_place_without_any_is_skipped(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      solve s from q samples 3 { prompt: "{{ q }}"  on_error: skip }
      return s | default(["none"]) | json
    }
    """
    refused = BackendFault("refused", "no")
    assert json.loads((await stage.play(plan, ["a", refused, "c"], q="q")).value) == ["a", "c"]
    assert json.loads((await stage.play(plan, [refused, refused, refused], q="q")).value) == ["none"]


async def test_tools_get_values_and_their_results_are_checked(stage: "Stage") -> None:
    plan = """
    tool twice(x: int, of: list<text>) -> int[..9] = python("module:function")
    plan p(xs: list<int>) -> int {
      solve notes for x in xs { prompt: "{{ x }}" }
      call y from twice(x: xs | count, of: notes)
      return y
    }
    """
    given: list[Mapping[str, Any]] = []

    def tool(result: Any) -> Callable[..., Any]:
        async def twice(args: Mapping[str, Any], emit_item: object) -> Any:
            given.append(args)
            return result

        return twice

    journal = MemoryJournal()
    played = await stage.play(plan, lambda _: "note", tools={"twice": tool(4)}, journal=journal, xs=[1, 2])
    assert (played.value, given) == (4, [{"x": 2, "of": ["note", "note"]}])
    assert {key.node: done.output for key, done in journal.calls.items()}["y"] == 4
    failure = (await stage.play(plan, lambda _: "note", tools={"twice": tool(10)}, xs=[1, 2])).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node) == ("tool", "y")


async def test_an_error_in_a_tool_is_a_named_failure_and_is_not_tried_again(stage: "Stage") -> None:
    plan = """
    tool f(q: text) -> text = python("module:function")
    plan p(q: text) -> text {
      call a from f(q: q)
      return a
    }
    """
    calls: list[str] = []

    async def f(args: Mapping[str, Any], emit_item: object) -> Any:
        calls.append(args["q"])
        raise KeyError("gone")

    played = await stage.play(plan, tools={"f": f}, q="why")
    cause = played.outcome.cause
    assert cause is not None
    assert (cause.fault, cause.node, calls) == ("crashed", "a", ["why"])
    assert isinstance(cause.__cause__, KeyError)


async def test_a_vote_takes_the_majority_and_tells_the_shares(stage: "Stage") -> None:
    plan = """
    type Path { why: text  final: text }
    plan p(q: text) -> text {
      solve paths: Path from q samples 4 { prompt: "{{ q }}" }
      vote winner from paths by .final { normalise: [number, casefold] }
      return winner.why
    }
    """
    drafts = [{"why": str(at), "final": final} for at, final in enumerate(["7", "1,234.0", "1234", "eight"])]
    played = await stage.play(plan, drafts, q="q")
    assert played.value == "1"
    shares = {each.node: each.shares for each in played.all(NodeFinished)}
    assert shares == {"paths": None, "winner": (("7", 0.25), ("1234", 0.5), ("eight", 0.25))}


async def test_a_vote_below_its_quorum_fails_or_is_weighed_by_log_probability(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      solve s from q samples 3 { prompt: "{{ q }}" }
      vote w from s { weight: logprob  quorum: 60% }
      return w
    }
    """
    draws = [Reply(text="a", logprob=-5.0), Reply(text="a", logprob=-6.0), Reply(text="b", logprob=-1.0)]
    assert (await stage.play(plan, draws, q="q")).value == "b"
    counted = await stage.play(plan.replace("logprob", "count").replace("60%", "70%"), draws, q="q")
    assert counted.outcome.failure is not None
    assert (counted.outcome.failure.fault, counted.outcome.failure.node) == ("quorum", "w")
    blind = await stage.play(plan, [Reply(text=text) for text in "aab"], q="q")
    assert blind.outcome.failure is not None
    assert "log-probabilities" in blind.outcome.failure.message
