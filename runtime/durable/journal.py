"""The journal of one run over a store: what is known of it when it goes on, and what is written while it runs."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import anyio

from msrun.runtime.durable.entry import Entry, compact, of_done, of_intent, read_body, to_done, verify
from msrun.runtime.durable.sqlite import open_sqlite
from msrun.runtime.durable.store import Claim, RunInfo, RunState, Store
from msrun.runtime.durable.writer import Writer
from msrun.runtime.journal import CallKey, Done, Intent, UnknownOutcome

Assume: TypeAlias = Literal["done", "retry"]

__all__ = ["Assume", "DurableJournal", "History", "Journals", "open_journals"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call was when it was last intended; `request` is JSON."""

    target: str
    request: str
    content: str


@dataclass(slots=True)
class History:
    """What the entries of a run say: how it began, which calls ended, which may have changed something outside.

    `calls` are finished calls by their key, `contents` the same by content, for a place of the plan that was renamed.
    `asked` is what each call was when it was intended. `open` are calls that are not repeatable and of which nobody
    knows how they ended.
    """

    begin: Mapping[str, Any] = field(default_factory=dict[str, Any])
    end: Mapping[str, Any] | None = None
    calls: dict[CallKey, Done] = field(default_factory=dict[CallKey, Done])
    contents: dict[str, Done] = field(default_factory=dict[str, Done])
    open: dict[CallKey, str] = field(default_factory=dict[CallKey, str])
    asked: dict[CallKey, Asked] = field(default_factory=dict[CallKey, Asked])

    @classmethod
    def read(cls, run: str, entries: list[tuple[Entry, bytes]]) -> "History":
        """Fold the entries of a run, the chain checked first. Raises JournalFault of kind `damaged`."""
        verify(entries, run)
        found = cls()
        for entry, _ in entries:
            found._take(run, entry)
        return found

    def _take(self, run: str, entry: Entry) -> None:
        key = entry.key(run)
        match entry.kind:
            case "begin":
                self.begin = self.begin or read_body(entry)
                self.end = None
            case "intent":
                body = read_body(entry)
                self.asked[key] = Asked(str(body.get("to", "")), compact(body.get("q")), entry.content)
                if body.get("once"):
                    self.open[key] = entry.content
            case "done":
                self.open.pop(key, None)
                self.calls[key] = done = to_done(entry, run)
                self.contents.setdefault(done.content, done)
            case "failed":
                self.open.pop(key, None)
            case "end":
                self.end = read_body(entry)

    def find(self, intent: Intent) -> Done | None:
        """Return the finished call that an intent asks for again."""
        known = self.calls.get(intent.key)
        if known is not None and known.content == intent.content:
            return known
        return self.contents.get(intent.content)


@dataclass(slots=True, eq=False)
class DurableJournal:
    """See Journal. `reused` counts calls that were not paid again.

    `assume` decides about calls of unknown outcome: `retry` makes them again, `done` takes null for what they gave,
    None raises UnknownOutcome.
    """

    writer: Writer
    claim: Claim
    history: History
    assume: Assume | None = None
    reused: int = 0

    async def intend(self, intent: Intent) -> Done | None:
        """See Journal. The intent of a repeatable call is safe no later than its end; any other is safe on return."""
        known = self.history.find(intent)
        if known is not None:
            self.reused += 1
            return known
        if self.history.open.get(intent.key) == intent.content:
            if self.assume is None:
                raise UnknownOutcome(intent.key, intent.target)
            if self.assume == "done":
                return Done(key=intent.key, content=intent.content, output=None)
        if intent.repeatable:
            self.writer.note(self.claim, of_intent(intent))
        else:
            await self.writer.write(self.claim, of_intent(intent))
        return None

    async def dispatch(self, key: CallKey) -> None:
        """See Journal: the intent says it already."""

    async def done(self, done: Done) -> None:
        """See Journal. Nobody waits for the entry of a call that failed: nothing depends on it."""
        if done.error is not None:
            self.writer.note(self.claim, of_done(done))
        else:
            await self.writer.write(self.claim, of_done(done))

    async def end(self, state: RunState, body: Mapping[str, Any]) -> None:
        """Write how the run ended and give it back."""
        entry = Entry(kind="end", body=compact({"state": state, **body}))
        with anyio.CancelScope(shield=True):
            try:
                await self.writer.write(self.claim, entry)
            finally:
                await self.writer.do(lambda store: self.release(store, state))

    def release(self, store: Store, state: RunState) -> None:
        """Give the run back; done by the thread that writes."""
        self.writer.forget(self.claim)
        store.release(self.claim, state)


@dataclass(slots=True, eq=False)
class Journals:
    """An open store of runs: many runs of a process may share it."""

    writer: Writer

    async def begin(self, run: str, plan: str, file: str, body: Mapping[str, Any]) -> DurableJournal:
        """Make a new run and return its journal; `body` is plain JSON that says what is needed to go on with it."""
        claim = await self.writer.claim(lambda store: store.claim(run, plan, file, new=True))
        journal = DurableJournal(self.writer, claim, History(begin=body))
        await self.writer.write(claim, Entry(kind="begin", body=compact(body)))
        return journal

    async def resume(self, run: str, *, assume: Assume | None = None) -> DurableJournal:
        """Claim a run that is there, read what is known of it, and return its journal. Raises JournalFault."""
        claim = await self.writer.claim(lambda store: store.claim(run, "", "", new=False))
        journal = DurableJournal(self.writer, claim, History(), assume)
        try:
            journal.history = await self.history(run)
            await self.writer.write(claim, Entry(kind="begin", body=compact({"again": True})))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self.writer.do(lambda store: journal.release(store, "stopped"))
            raise
        return journal

    async def history(self, run: str) -> History:
        """Return what is known of a run, without claiming it. Raises JournalFault."""
        return await self.writer.do(lambda store: History.read(run, store.entries(run)))

    async def runs(self, limit: int = 100) -> list[RunInfo]:
        """Return the latest runs, the latest first."""
        return await self.writer.do(lambda store: store.runs(limit))


@asynccontextmanager
async def open_journals(where: Path | Callable[[], Store], *, renew_every_s: float = 10.0) -> AsyncGenerator[Journals]:
    """Open a journal file, or any store, for the length of the block."""
    opener = (lambda: open_sqlite(where)) if isinstance(where, Path) else where
    writer = Writer(opener, renew_every_s=renew_every_s)
    writer.start()
    try:
        yield Journals(writer)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(writer.stop)
