"""One thread that writes for all runs of a process: what is asked for while it commits goes into the next commit."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, TypeAlias, TypeVar

from anyio import Event
from anyio.lowlevel import current_token

from msrun.runtime.durable.entry import Entry
from msrun.runtime.durable.fault import JournalFault
from msrun.runtime.durable.store import LEASE_S, Batch, Claim, Store

T = TypeVar("T")

MOST_IN_A_COMMIT = 1024


@dataclass(slots=True, eq=False)
class Ticket:
    """Something that the thread does for a waiter. `made` or `fault` is set before `ready`."""

    wake: Callable[[Callable[[], None]], object]
    ready: Event
    made: Any = None
    fault: BaseException | None = None

    async def wait(self) -> Any:
        """Return what was made, once it is safe. Raises the fault."""
        await self.ready.wait()
        if self.fault is not None:
            raise self.fault
        return self.made


@dataclass(frozen=True, slots=True)
class _Write:
    claim: Claim
    entries: tuple[Entry, ...]
    ticket: Ticket | None


@dataclass(frozen=True, slots=True)
class _Do:
    action: Callable[[Store], Any]
    ticket: Ticket


_Job: TypeAlias = _Write | _Do | None
"""None ends the thread."""


@dataclass(slots=True, eq=False)
class Writer:
    """The thread and its queue. `open_store` is called in the thread, which alone uses what it returns."""

    open_store: Callable[[], Store]
    renew_every_s: float = LEASE_S / 3
    _queue: "SimpleQueue[_Job]" = field(default_factory=lambda: SimpleQueue[_Job]())
    _thread: threading.Thread | None = None
    _claims: dict[Claim, tuple[int, bytes]] = field(default_factory=dict[Claim, tuple[int, bytes]])
    _broken: dict[Claim, JournalFault] = field(default_factory=dict[Claim, JournalFault])
    _renewed_s: float = field(default_factory=monotonic)

    def start(self) -> None:
        """Start the thread. Daemonic: a process that ends does not wait for it, for what counts was waited for."""
        self._thread = threading.Thread(target=self._work, name="msrun journal", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end the thread."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    async def do(self, action: Callable[[Store], T]) -> T:
        """Have the thread do something with the store, between two commits."""
        ticket = _ticket()
        self._queue.put(_Do(action, ticket))
        made: T = await ticket.wait()
        return made

    async def claim(self, action: Callable[[Store], Claim]) -> Claim:
        """Have the thread claim a run, which it then keeps alive until `forget`."""

        def claimed(store: Store) -> Claim:
            made = action(store)
            self._claims[made] = (made.last_seq + 1, made.link)
            return made

        return await self.do(claimed)

    def forget(self, claim: Claim) -> None:
        """Stop keeping a run alive; called in the thread, from within an action."""
        self._claims.pop(claim, None)
        self._broken.pop(claim, None)

    def note(self, claim: Claim, entry: Entry) -> None:
        """Write an entry with the next commit, whenever that is. A fault shows at the next `write`."""
        self._queue.put(_Write(claim, (entry,), None))

    async def write(self, claim: Claim, entry: Entry) -> None:
        """Return once an entry, and all that was noted before it, is safe. Raises JournalFault."""
        ticket = _ticket()
        self._queue.put(_Write(claim, (entry,), ticket))
        await ticket.wait()

    # --- in the thread -----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        store: Store | None = None
        try:
            going = True
            while going:
                jobs, going = self._take()
                store = self._serve(store, jobs)
                if store is not None and monotonic() - self._renewed_s >= self.renew_every_s:
                    self._renew(store)
        finally:
            if store is not None:
                store.close()

    def _take(self) -> tuple[list[_Write | _Do], bool]:
        """Wait for a job and take all others that are there; nothing where it is time to renew. False: the last."""
        jobs: list[_Write | _Do] = []
        try:
            job = self._queue.get(timeout=self.renew_every_s)
            while True:
                if job is None:
                    return jobs, False
                jobs.append(job)
                if len(jobs) == MOST_IN_A_COMMIT:
                    return jobs, True
                job = self._queue.get_nowait()
        except Empty:
            return jobs, True

    def _serve(self, store: Store | None, jobs: list[_Write | _Do]) -> Store | None:
        writes: list[_Write] = []
        for job in jobs:
            if isinstance(job, _Write):
                writes.append(job)
                continue
            if store is not None:
                self._commit(store, writes)
            writes = []
            store = self._act(store, job)
        if store is not None:
            self._commit(store, writes)
        return store

    def _act(self, store: Store | None, job: _Do) -> Store | None:
        try:
            store = self.open_store() if store is None else store
            job.ticket.made = job.action(store)
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            job.ticket.fault = error
        _announce([job.ticket])
        return store

    def _commit(self, store: Store, writes: list[_Write]) -> None:
        """Write all in one commit; where that fails each run alone, so that one run's fault is not another's."""
        runs: dict[Claim, list[_Write]] = {}
        for write in writes:
            runs.setdefault(write.claim, []).append(write)
        for claim in [claim for claim in runs if claim in self._broken]:
            _fail(runs.pop(claim), self._broken[claim])
        if not runs:
            return
        fault = self._try(store, runs)
        if fault is None:
            return
        for claim, mine in runs.items():
            alone = fault if len(runs) == 1 else self._try(store, {claim: mine})
            if alone is not None:
                self._broken[claim] = alone
                _fail(mine, alone)

    def _try(self, store: Store, runs: dict[Claim, list[_Write]]) -> JournalFault | None:
        batches: list[Batch] = []
        ends: dict[Claim, tuple[int, bytes]] = {}
        for claim, writes in runs.items():
            seq, link = self._claims.get(claim, (claim.last_seq + 1, claim.link))
            linked: list[tuple[Entry, bytes]] = []
            for entry in (entry for write in writes for entry in write.entries):
                link = entry.link(link)
                linked.append((entry, link))
            batches.append(Batch(claim, seq, tuple(linked)))
            ends[claim] = (seq + len(linked), link)
        try:
            store.append(batches)
        except JournalFault as fault:
            return fault
        self._claims.update(ends)
        _announce([write.ticket for writes in runs.values() for write in writes if write.ticket is not None])
        return None

    def _renew(self, store: Store) -> None:
        self._renewed_s = monotonic()
        for claim in [claim for claim in self._claims if claim not in self._broken]:
            try:
                store.renew([claim])
            except JournalFault as fault:
                if fault.kind == "taken":
                    self._broken[claim] = fault


def _ticket() -> Ticket:
    """Return a ticket that wakes the event loop at hand, asyncio's or trio's."""
    native: Any = current_token().native_token
    wake = getattr(native, "call_soon_threadsafe", None) or native.run_sync_soon
    return Ticket(wake, Event())


def _fail(writes: list[_Write], fault: JournalFault) -> None:
    tickets = [write.ticket for write in writes if write.ticket is not None]
    for ticket in tickets:
        ticket.fault = fault
    _announce(tickets)


def _announce(tickets: list[Ticket]) -> None:
    """Wake all waiters, of each event loop with one call."""
    loops: dict[Any, list[Ticket]] = {}
    for ticket in tickets:
        loops.setdefault(ticket.wake, []).append(ticket)
    for wake, those in loops.items():

        def ready(those: list[Ticket] = those) -> None:
            for ticket in those:
                ticket.ready.set()

        try:
            wake(ready)
        except RuntimeError:
            continue  # the loop has ended, and whoever waited in it with it
