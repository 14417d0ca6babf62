"""A run and its journal: opened before the first call, closed with how the run ended, and found again by its id."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from msrun.errors import JournalUnusable
from msrun.runtime.durable.fault import JournalFault
from msrun.runtime.durable.journal import Assume, DurableJournal, History, Journals, open_journals
from msrun.runtime.durable.store import RunInfo, RunState
from msrun.runtime.engine import new_run_id

if TYPE_CHECKING:
    from msrun.runtime.engine import Outcome

T = TypeVar("T")

FILE = Path(".msrun") / "journal.sqlite"
"""Where the command line keeps its runs, below the folder it is called from."""

MOST_RUNS = 1000
"""Runs that an id's first digits are looked up among."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A run under way with its journal."""

    run: str
    journal: DurableJournal

    async def end(self, outcome: "Outcome") -> None:
        """Write how the run ended. Raises JournalUnusable: an answer that could not be kept is said to be lost."""
        failure = outcome.failure
        state: RunState = "ok" if failure is None else _state(failure.fault)
        body: dict[str, Any] = {"calls": outcome.calls, "cost_usd": outcome.usage.cost_usd}
        body |= {"value": outcome.value} if failure is None else {"fault": failure.fault, "message": failure.message}
        try:
            await self.journal.end(state, body)
        except JournalFault as fault:
            if failure is None:
                raise JournalUnusable(fault.message, help=fault.help) from fault


def _state(fault: str) -> RunState:
    match fault:
        case "cancelled":
            return "cancelled"
        case "journal" | "journal_full" | "unknown":
            return "stopped"
        case _:
            return "failed"


@asynccontextmanager
async def kept(
    path: Path, plan: str, file: str, begin: Mapping[str, Any], *, resume: str | None, assume: Assume | None
) -> AsyncGenerator[Kept]:
    """Open a journal for one run, a new one or one that goes on. Raises JournalUnusable.

    A run that leaves the block by an exception, a cancellation among them, is written down as cancelled.
    """
    async with open_journals(path) as journals:
        run = resume or new_run_id()
        try:
            if resume is None:
                journal = await journals.begin(run, plan, file, begin)
            else:
                journal = await journals.resume(run, assume=assume)
        except JournalFault as fault:
            raise JournalUnusable(fault.message, help=fault.help) from fault
        try:
            yield Kept(run=run, journal=journal)
        except BaseException:
            with suppress(JournalFault):  # the error that ended the run says more
                await journal.end("cancelled", {})
            raise


def find(path: Path, start: str) -> tuple[RunInfo, History]:
    """Return the run whose id begins so (`last`: the latest) and what is known of it. Raises JournalUnusable."""
    if not path.exists():
        raise JournalUnusable(f"there is no journal {path}", help="name it: --journal FILE")

    async def read(journals: Journals) -> tuple[RunInfo, History]:
        known = await journals.runs(MOST_RUNS)
        matching = known[:1] if start == "last" else [each for each in known if each.run.startswith(start)]
        if len(matching) != 1:
            many = "several runs begin" if matching else "no run begins"
            raise JournalUnusable(f"{many} with `{start}` in {path}", help="msrun runs")
        return matching[0], await journals.history(matching[0].run)

    return anyio.run(_opened, path, read)


def listed(path: Path, limit: int) -> list[RunInfo]:
    """Return the latest runs of a journal; none where there is no such file. Raises JournalUnusable."""

    async def read(journals: Journals) -> list[RunInfo]:
        return await journals.runs(limit)

    return anyio.run(_opened, path, read) if path.exists() else []


async def _opened(path: Path, read: Callable[[Journals], Awaitable[T]]) -> T:
    try:
        async with open_journals(path) as journals:
            return await read(journals)
    except JournalFault as fault:
        raise JournalUnusable(fault.message, help=fault.help) from fault
