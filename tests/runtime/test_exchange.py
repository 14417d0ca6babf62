"""Attempts of one call on a clock that jumps: what is tried again, after how long, and when it is given up."""

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from trio.testing import MockClock

from msrun.backends.port import RETRYABLE, BackendFault, Emit, FaultKind, Reply, Request
from msrun.backends.scripted import Answer, Streamed
from msrun.runtime.events import CallFailed, CallStarted, ItemProduced
from msrun.runtime.journal import Done, Intent, MemoryJournal

if TYPE_CHECKING:
    from tests.runtime.conftest import Played, Stage

pytestmark = pytest.mark.anyio

ONE = """
plan p(q: text) -> text {
  solve a from q { prompt: "{{ q }}" }
  return a
}
"""


@pytest.fixture
def anyio_backend() -> Any:
    """Waits of many seconds take no time here."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


def waits(played: "Played") -> list[float | None]:
    return [each.retry_in_s for each in played.all(CallFailed)]


async def test_transport_faults_are_tried_again_with_the_same_seed(stage: "Stage") -> None:
    journal = MemoryJournal()
    replies: list[Answer] = [BackendFault("connect", "refused"), BackendFault("upstream", "503"), "x"]
    played = await stage.play(ONE, replies, journal=journal, q="why")
    assert played.value == "x"
    assert [each.attempt for each in played.all(CallStarted)] == [1, 2, 3]
    assert [each.fault for each in played.all(CallFailed)] == ["connect", "upstream"]
    assert len({request.seed for request in played.model.requests}) == 1
    assert played.outcome.calls == 3
    assert [(key.attempt, done.output, done.error) for key, done in journal.calls.items()] == [(1, "x", None)]
    starts = [each.at_s for each in played.all(CallStarted)]
    first, second = waits(played)
    assert first is not None
    assert second is not None
    assert starts == pytest.approx([0.0, first, first + second])
    assert 0 <= first <= 0.5
    assert 0 <= second <= 1.0


async def test_a_resumed_run_does_not_pay_for_a_call_that_needed_a_retry(stage: "Stage") -> None:
    journal = MemoryJournal()
    await stage.play(ONE, [BackendFault("connect", "refused"), "x"], journal=journal, run="r", q="why")
    assert (await stage.play(ONE, [], journal=journal, run="r", q="why")).value == "x"


async def test_retries_end_after_as_many_as_the_policy_says(stage: "Stage") -> None:
    for retry in (0, 2, 4):
        plan = ONE.replace("{ prompt", f"{{ retry: {retry}  prompt")
        journal = MemoryJournal()
        played = await stage.play(plan, lambda _: BackendFault("upstream", "503"), journal=journal, q="why")
        failure = played.outcome.failure
        assert failure is not None
        assert (failure.fault, len(played.prompts)) == ("upstream", retry + 1)
        assert waits(played)[-1] is None
        assert [done.error for done in journal.calls.values()] == ["upstream"]
        assert failure.message == "503" + (f" (after {retry + 1} attempts)" if retry else "")


@pytest.mark.parametrize("kind", ["quota", "auth", "request", "refused", "missing"])
async def test_other_faults_are_not_tried_again(stage: "Stage", kind: FaultKind) -> None:
    assert kind not in RETRYABLE
    played = await stage.play(ONE, [BackendFault(kind, "no"), "x"], q="why")
    assert (len(played.prompts), waits(played)) == (1, [None])


async def test_the_wait_a_server_asks_for_is_kept_and_spread(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<int>) -> int {
      solve ys for x in xs { prompt: "{{ x }}" }
      return ys | count
    }
    """
    told: set[str] = set()

    def herd(request: Request) -> Any:
        first = request.node not in told
        told.add(request.node)
        return BackendFault("rate_limit", "429", retry_after_s=5.0) if first else "x"

    played = await stage.play(plan, herd, xs=list(range(64)))
    back = sorted(each.at_s for each in played.all(CallStarted) if each.attempt == 2)
    assert (len(back), back[0] >= 5.0, back[-1] <= 6.25) == (64, True, True)
    assert back[60] - back[3] >= 1.0


@pytest.mark.parametrize("after_s", [-1.0, float("nan"), float("inf")])
async def test_a_wait_that_makes_no_sense_is_not_kept(stage: "Stage", after_s: float) -> None:
    played = await stage.play(ONE, [BackendFault("rate_limit", "429", retry_after_s=after_s), "x"], q="why")
    (wait,) = waits(played)
    assert wait is not None
    assert 0 <= wait <= 0.5


async def test_a_wait_longer_than_a_run_waits_fails_at_once_and_is_named(stage: "Stage") -> None:
    played = await stage.play(ONE, [BackendFault("rate_limit", "429", retry_after_s=3600.0), "x"], q="why")
    failure = played.outcome.failure
    assert failure is not None
    assert (failure.fault, failure.at_s, waits(played)) == ("rate_limit", 0.0, [None])
    assert "3600 s" in failure.message


async def test_a_call_that_does_not_end_is_cut_off_and_tried_again(stage: "Stage") -> None:
    plan = ONE.replace("{ prompt", "{ timeout: 5s  retry: 1  prompt")
    played = await stage.play(plan, lambda _: "x", delay_s=1e9, q="why")
    failure = played.outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node, len(played.prompts)) == ("timeout", "a", 2)
    assert 10.0 <= failure.at_s <= 10.5


async def test_a_pending_retry_is_given_up_when_the_run_fails(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      solve a from q { prompt: "a {{ q }}" }
      solve b from q { prompt: "b {{ q }}" }
      return a + b
    }
    """
    replies = {"a": [BackendFault("rate_limit", "429", retry_after_s=60.0)], "b": [BackendFault("auth", "no key")]}
    played = await stage.play(plan, nodes=replies, delay_s=lambda request: float(request.node == "b"), q="why")
    assert played.outcome.failure is not None
    assert (played.outcome.failure.fault, played.outcome.failure.at_s, len(played.prompts)) == ("auth", 1.0, 2)


async def test_a_backend_that_never_waits_does_not_keep_the_loop_from_others(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<int>) -> int {
      solve ys for x in xs { prompt: "{{ x }}" }
      return ys | count
    }
    """

    class Instant:
        async def call(self, request: Request, emit: Emit | None = None) -> Reply:
            return Reply(text="x")

    turns: list[int] = []
    instant: Any = Instant()

    async def other() -> None:
        while True:
            turns.append(len(stage.events))
            await checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(other)
        played = await stage.play(plan, model=instant, width=1, xs=list(range(640)))
        group.cancel_scope.cancel()
        assert played.value == 640
    assert len(turns) >= 10


TWO = """
plan p(q: text) -> text {
  solve a from q { prompt: "a {{ q }}" }
  solve b from q { prompt: "b {{ q }}" }
  return a + b
}
"""


async def test_a_fault_after_the_run_has_failed_is_not_waited_for(stage: "Stage") -> None:
    replies = {"a": [BackendFault("auth", "no key")], "b": [BackendFault("rate_limit", "429", retry_after_s=60.0)]}
    played = await stage.play(TWO, nodes=replies, delay_s=lambda request: 1.0 + (request.node == "b"), q="why")
    failure = played.outcome.failure
    assert failure is not None
    assert (failure.fault, failure.at_s, waits(played)) == ("auth", 2.0, [None, None])


async def test_a_call_that_is_being_journaled_when_the_run_fails_is_not_made(stage: "Stage") -> None:
    class Slow(MemoryJournal):
        async def intend(self, intent: Intent) -> Done | None:
            await anyio.sleep(5.0 if intent.key.node == "b" else 0.0)
            return None

    played = await stage.play(TWO, nodes={"a": [BackendFault("auth", "no key")], "b": ["x"]}, journal=Slow(), q="why")
    assert played.prompts == ["a why"]
    assert played.outcome.calls == 1


async def test_items_that_come_after_the_run_has_failed_start_nothing(stage: "Stage") -> None:
    plan = """
    plan p(q: text) -> text {
      solve a from q { prompt: "a {{ q }}" }
      decompose parts from q
      solve ys for part in parts { prompt: "{{ part }}" }
      return a + (ys | join(","))
    }
    """
    replies: dict[str, list[Answer]] = {
        "a": [BackendFault("auth", "no key")],
        "parts": [Streamed(['["a",', '"b",', '"c"]'], delay_s=1.0)],
    }
    delays = {"a": 2.5}
    played = await stage.play(
        plan, nodes=replies | {"ys": ["A", "B"]}, delay_s=lambda request: delays.get(request.node, 0.0), q="why"
    )
    assert [each.item for each in played.all(ItemProduced)] == ["a", "b", "c"]
    assert sorted(request.node for request in played.model.requests) == ["a", "parts", "ys[0]", "ys[1]"]
    assert played.events[-1].at_s == 3.0
