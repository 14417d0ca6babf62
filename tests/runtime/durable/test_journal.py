"""The journal of a run: what is safe before it is told, what is known when the run goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from msrun.backends.port import Usage
from msrun.backends.scripted import Answer
from msrun.runtime.durable.entry import Entry
from msrun.runtime.durable.fault import JournalFault
from msrun.runtime.durable.journal import Journals, open_journals
from msrun.runtime.durable.sqlite import SqliteStore, open_sqlite
from msrun.runtime.durable.store import Batch
from msrun.runtime.journal import CallKey, Done, Intent, UnknownOutcome

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

PLAN = """
plan p(question: text) -> text {
  decompose parts from question limit 4
  solve answers for part in parts
  combine answer from answers
  return answer
}
"""
REPLIES: Mapping[str, Sequence[Answer]] = {"parts": ['["a", "b", "c"]'], "answers": ["1", "2", "3"], "answer": ["six"]}


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """Trio with a real clock: a thread is waited for, which a clock that jumps does not see."""
    return request.param


def intent(cell: int = 0, run: str = "r1", content: str | None = None, *, repeatable: bool = True) -> Intent:
    key = CallKey(run=run, node="facts", cell=cell)
    return Intent(key=key, target="m", content=content or f"{cell:064x}", seed=1, repeatable=repeatable)


def done(cell: int = 0, run: str = "r1", **more: Any) -> Done:
    return Done(key=CallKey(run=run, node="facts", cell=cell), content=f"{cell:064x}", output=f"out {cell}", **more)


@dataclass
class Gated(SqliteStore):
    """A store whose commits wait for the test."""

    gate: Event = field(default_factory=Event)
    commits: list[int] = field(default_factory=list[int])

    def append(self, batches: Sequence[Batch]) -> None:
        assert current_thread() is not main_thread()
        self.gate.wait(20)
        super().append(batches)
        self.commits.append(sum(len(batch.entries) for batch in batches))


def gated(path: Path, gate: Event, kept: list[Gated]) -> Gated:
    plain = open_sqlite(path)
    kept.append(Gated(path=path, connection=plain.connection, pid=plain.pid, gate=gate))
    return kept[-1]


async def test_an_acked_call_is_known_when_the_run_goes_on(tmp_path: Path) -> None:
    usage = Usage(prompt_tokens=3, completion_tokens=4, cost_usd=0.25, estimated=True)
    async with open_journals(tmp_path / "j") as journals:
        journal = await journals.begin("r1", "p", "x.plan", {"seed": 7})
        assert await journal.intend(intent()) is None
        await journal.done(done(usage=usage, logprob=-1.5))
        await journal.end("failed", {})
    async with open_journals(tmp_path / "j") as journals:
        journal = await journals.resume("r1")
        assert journal.history.begin == {"seed": 7}
        assert await journal.intend(intent()) == done(usage=usage, logprob=-1.5)
        assert await journal.intend(intent(1)) is None
        assert journal.reused == 1
        await journal.end("ok", {"value": 1})


async def test_a_call_whose_content_changed_is_made_again(tmp_path: Path) -> None:
    async with open_journals(tmp_path / "j") as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        await journal.intend(intent())
        await journal.done(done())
        await journal.end("failed", {})
        journal = await journals.resume("r1")
        assert await journal.intend(intent(content="ab" * 32)) is None
        await journal.end("ok", {})


async def test_a_call_that_failed_is_made_again(tmp_path: Path) -> None:
    async with open_journals(tmp_path / "j") as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        await journal.intend(intent())
        await journal.done(done(error="timeout"))
        await journal.end("failed", {})
        journal = await journals.resume("r1")
        assert await journal.intend(intent()) is None
        await journal.end("ok", {})


async def test_done_returns_after_the_commit(tmp_path: Path) -> None:
    """A3: nobody is told of a result before the commit returned."""
    gate, kept, told = Event(), list[Gated](), list[str]()
    gate.set()
    async with open_journals(lambda: gated(tmp_path / "j", gate, kept)) as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        gate.clear()
        async with anyio.create_task_group() as group:

            async def one() -> None:
                await journal.done(done())
                told.append("done")

            group.start_soon(one)
            await anyio.sleep(0.1)
            assert told == []
            gate.set()
        assert told == ["done"]
        await journal.end("ok", {})


async def test_calls_that_end_together_are_committed_together(tmp_path: Path) -> None:
    gate, kept = Event(), list[Gated]()
    gate.set()
    async with open_journals(lambda: gated(tmp_path / "j", gate, kept)) as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        gate.clear()
        async with anyio.create_task_group() as group:
            for cell in range(200):
                group.start_soon(journal.done, done(cell))
            await anyio.sleep(0.1)
            gate.set()
        assert len(kept[0].commits) <= 1 + 3  # the beginning, the first alone, all others
        await journal.end("ok", {})
        assert len((await journals.history("r1")).calls) == 200


async def test_an_intent_that_may_not_be_repeated_is_safe_before_the_call(tmp_path: Path) -> None:
    async with open_journals(tmp_path / "j") as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        await journal.intend(intent(repeatable=False))
        other = open_sqlite(tmp_path / "j")
        assert other.entries("r1")[-1][0].kind == "intent"
        other.close()


@pytest.mark.parametrize("assume", [None, "retry", "done"])
async def test_an_unknown_outcome_stops_the_run_until_someone_decides(tmp_path: Path, assume: Any) -> None:
    async with open_journals(tmp_path / "j") as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        await journal.intend(intent(repeatable=False))
        await journal.end("stopped", {})
        journal = await journals.resume("r1", assume=assume)
        if assume is None:
            with pytest.raises(UnknownOutcome, match="`m`"):
                await journal.intend(intent(repeatable=False))
        else:
            known = await journal.intend(intent(repeatable=False))
            assert (known is not None) == (assume == "done")
        await journal.end("ok", {})


async def test_a_journal_that_fails_says_so_to_all_who_wait_and_from_then_on(tmp_path: Path) -> None:
    class Full(SqliteStore):
        def append(self, batches: Sequence[Batch]) -> None:
            if any(entry.kind == "done" for batch in batches for entry, _ in batch.entries):
                raise JournalFault("full", "no room")
            super().append(batches)

    def opened() -> SqliteStore:
        plain = open_sqlite(tmp_path / "j")
        return Full(path=plain.path, connection=plain.connection, pid=plain.pid)

    async with open_journals(opened) as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        faults: list[str] = []

        async def one(cell: int) -> None:
            try:
                await journal.done(done(cell))
            except JournalFault as fault:
                faults.append(fault.kind)

        async with anyio.create_task_group() as group:
            for cell in range(5):
                group.start_soon(one, cell)
        assert faults == ["full"] * 5
        with pytest.raises(JournalFault):
            await journal.intend(intent(9, repeatable=False))


async def test_one_run_that_lost_its_claim_does_not_spoil_another(tmp_path: Path) -> None:
    async with open_journals(tmp_path / "j") as journals:
        lost = await journals.begin("r1", "p", "x.plan", {})
        mine = await journals.begin("r2", "p", "x.plan", {})
        other = open_sqlite(tmp_path / "j")
        other.connection.execute("UPDATE run SET fence = 9 WHERE id = 'r1'")
        other.close()
        told: dict[str, str] = {}

        async def one(name: str, journal: Any) -> None:
            try:
                await journal.done(done(run=name))
                told[name] = "ok"
            except JournalFault as fault:
                told[name] = fault.kind

        async with anyio.create_task_group() as group:
            group.start_soon(one, "r1", lost)
            group.start_soon(one, "r2", mine)
        assert told == {"r1": "taken", "r2": "ok"}


async def test_a_lease_is_renewed_while_the_event_loop_is_blocked(tmp_path: Path) -> None:
    """A9 in small: the thread that writes renews, whatever the event loop does."""
    from time import sleep

    async with open_journals(tmp_path / "j", renew_every_s=0.05) as journals:
        await journals.begin("r1", "p", "x.plan", {})
        reader = open_sqlite(tmp_path / "j")
        query = "SELECT lease_s FROM run"
        before = reader.connection.execute(query).fetchone()[0]
        sleep(0.5)
        assert reader.connection.execute(query).fetchone()[0] > before
        reader.close()


async def test_a_failed_run_goes_on_without_paying_twice(stage: "Stage", tmp_path: Path) -> None:
    from msrun.backends.port import BackendFault

    async with open_journals(tmp_path / "j") as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        broken: Mapping[str, Sequence[Answer]] = {**REPLIES, "answer": [BackendFault("auth", "no key")]}
        failed = await stage.play(PLAN, nodes=broken, journal=journal, run="r1", question="q")
        assert failed.outcome.status == "failed"
        await journal.end("failed", {})
        journal = await journals.resume("r1")
        played = await stage.play(PLAN, nodes={"answer": ["six"]}, journal=journal, run="r1", question="q")
        assert played.value == "six"
        assert (played.outcome.calls, journal.reused) == (1, 4)
        await journal.end("ok", {})


async def test_a_renamed_node_keeps_what_does_not_hang_on_its_name(tmp_path: Path) -> None:
    async with open_journals(tmp_path / "j") as journals:
        journal = await journals.begin("r1", "p", "x.plan", {})
        await journal.done(done())
        await journal.end("failed", {})
        journal = await journals.resume("r1")
        renamed = Intent(key=CallKey(run="r1", node="found", cell=4), target="m", content=f"{0:064x}", seed=1)
        known = await journal.intend(renamed)
        assert known is not None
        assert known.output == "out 0"
        await journal.end("ok", {})


async def test_a_body_of_foreign_make_is_damage(tmp_path: Path) -> None:
    async with open_journals(tmp_path / "j") as journals:
        await _write(journals, Entry(kind="done", node="facts", attempt=1, content="00", body='{"x": 1}'))
        with pytest.raises(JournalFault, match="cannot be read"):
            await journals.history("r1")


async def _write(journals: Journals, entry: Entry) -> None:
    journal = await journals.begin("r1", "p", "x.plan", {})
    await journals.writer.write(journal.claim, entry)
    await journal.end("ok", {})
