"""Cancellation: at any point, nothing is left running, what was paid for is journaled, and the end is told."""

import gc
import random
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from msrun.backends.port import Emit, Reply, Request
from msrun.backends.scripted import Streamed
from msrun.runtime.events import RunFailed, RunFinished
from msrun.runtime.journal import Done, MemoryJournal

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

PLAN = """
plan p(q: text) -> text {
  decompose parts from q
  solve ys for part in parts { prompt: "{{ part }}" }
  solve zs for y in ys samples 2 { prompt: "{{ y }}" }
  return zs | json
}
"""


class Watched:
    """Counts the calls that are open."""

    def __init__(self) -> None:
        self.open = 0
        self.calls = 0
        self.requests: list[Request] = []

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        self.open += 1
        self.calls += 1
        try:
            await anyio.sleep(0.001)
            if request.node == "parts" and emit is not None:
                for piece in ('["a', '", "b", ', '"c"', "]"):
                    emit(piece)
                    await anyio.sleep(0.001)
            return Reply(text='["a", "b", "c"]' if request.node == "parts" else "x")
        finally:
            self.open -= 1


@pytest.mark.parametrize("seed", range(25))
async def test_cancelled_anywhere_nothing_is_left(stage: "Stage", seed: int) -> None:
    model: Any = Watched()
    threads = threading.active_count()
    journal = MemoryJournal()
    with anyio.move_on_after(random.Random(seed).random() * 0.008) as scope:
        await stage.play(PLAN, model=model, journal=journal, run="r", q="why")
    assert model.open == 0
    assert threading.active_count() == threads
    last = stage.events[-1] if stage.events else None
    if scope.cancelled_caught:
        assert last is None or (isinstance(last, RunFailed) and last.fault == "cancelled")
    else:
        assert isinstance(last, RunFinished)
    paid = len(journal.calls)
    again: Any = Watched()
    assert (await stage.play(PLAN, model=again, journal=journal, run="r", q="why")).outcome.status == "ok"
    assert again.calls == 10 - paid
    gc.collect()  # a coroutine that was never awaited would warn, and warnings are errors


async def test_a_reply_that_arrived_is_journaled_though_the_run_is_cancelled(stage: "Stage") -> None:
    committed: list[str] = []

    class Slow(MemoryJournal):
        async def done(self, done: Done) -> None:
            group.cancel_scope.cancel()
            await anyio.sleep(0.01)
            committed.append(done.output)

    plan = """
    plan p(q: text) -> text {
      solve a from q { prompt: "{{ q }}" }
      solve b from a { prompt: "{{ a }}" }
      return b
    }
    """
    async with anyio.create_task_group() as group:
        await stage.play(plan, ["x", "y"], journal=Slow(), q="q")
    assert committed == ["x"]
    assert isinstance(stage.events[-1], RunFailed)


async def test_a_timeout_of_the_caller_is_the_callers(stage: "Stage") -> None:
    with pytest.raises(TimeoutError):
        with anyio.fail_after(0.005):
            await stage.play(PLAN, [Streamed(["["], delay_s=3600)], q="why")


CHILD = """
import signal, sys, anyio
from msrun.backends.scripted import Scripted
from msrun.dsl.front import check_text
from msrun.runtime.engine import execute
from msrun.runtime.journal import MemoryJournal

plan = check_text("p.plan", sys.argv[1]).module.plan()
model = Scripted(lambda _: "x", delay_s=60)

def tell(event):
    print(event.kind, getattr(event, "fault", ""), flush=True)

async def main():
    await execute(plan, {"q": "q"}, backends=lambda _: model, tools=None, journal=MemoryJournal(), on_event=tell)

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
try:
    anyio.run(main, backend=sys.argv[2])
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_an_interrupt_ends_the_run_with_its_last_event(loop: str) -> None:
    plan = 'model m = scripted("x")\nplan p(q: text) -> text {\n solve a from q { prompt: "{{ q }}" }\n return a\n}'
    lines: list[str] = []
    with subprocess.Popen([sys.executable, "-c", CHILD, plan, loop], stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout or ():
            lines.append(line.strip())
            if lines[-1].startswith("call_started"):
                child.send_signal(signal.SIGINT)
    assert child.returncode == 0
    assert lines[-2:] == ["run_failed cancelled", "interrupted"]
