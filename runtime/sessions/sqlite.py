"""Sessions in an SQLite file: for every process of a machine, one turn of a session at a time, none ever lost.

A turn holds its session by a lease. Its process shows that it lives by a counter that a thread moves on; whoever waits
takes over when the counter has stood still for `lease_s` of its own clock, so that no clock of another process, and
no clock that was set, can hand a session to two turns. A turn whose session was taken over cannot keep anything.
"""

import secrets
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from anyio import CancelScope, current_time, sleep, to_thread

from msrun.runtime.sessions.instant import Instant, instant
from msrun.runtime.sessions.port import LONGEST_WAIT_S, Kept, SessionFault, Turn
from msrun.runtime.sessions.table import Held, Table
from msrun.runtime.sessions.tickets import FIRST_PAUSE_S, LONGEST_PAUSE_S, Tickets, busy

LEASE_S = 10.0
"""How long a process may show no life before its turn is taken over."""

BEATS = 5
"""Signs of life in the time of a lease."""

T = TypeVar("T")


@dataclass(slots=True)
class _Lease:
    """A turn's hold of its session. The thread beats until it is told to stop."""

    table: Table
    key: tuple[str, str]
    expires_s: float
    now: Callable[[], Instant]
    owner: str = field(default_factory=partial(secrets.token_hex, 16))
    kept: Kept = field(default_factory=Kept)
    done: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    async def keep(self, kept: Kept) -> None:
        """See Turn."""
        with CancelScope(shield=True):
            await _blocking(partial(self.table.keep, self.key, self.owner, kept, self.expires_s, self.now()))
        self.done = True

    def beat(self, every_s: float) -> None:
        """Show signs of life until told to stop; in a thread, for a busy event loop is no dead process."""
        while not self._stop.wait(every_s):
            try:
                self.table.beat(self.key, self.owner)
            except SessionFault:
                continue  # a file that is locked for long: where the lease was lost, `keep` says so

    def stop(self) -> None:
        """Tell the thread to end."""
        self._stop.set()


class SqliteSessions:
    """Keeps sessions in the file at `path`, which is made where it is not there, for its owner to read alone."""

    def __init__(
        self,
        path: Path,
        *,
        lease_s: float = LEASE_S,
        wait_s: float = LONGEST_WAIT_S,
        now: Callable[[], Instant] = instant,
    ) -> None:
        self.path = path
        self._lease_s, self._wait_s, self._now = lease_s, wait_s, now
        self._tickets = Tickets()

    @asynccontextmanager
    async def turn(self, name: str, id_: str, *, expires_s: float) -> AsyncGenerator[Turn]:
        """See SessionStore."""
        async with self._tickets.turn((name, id_), wait_s=self._wait_s):
            table = await _blocking(partial(Table, self.path))
            try:
                lease = _Lease(table, (name, id_), expires_s, self._now)
                async with self._held(lease):
                    yield lease
            finally:
                with CancelScope(shield=True):
                    await _blocking(table.close)

    @asynccontextmanager
    async def _held(self, lease: _Lease) -> AsyncGenerator[None]:
        try:
            lease.kept = await self._take(lease)
            threading.Thread(target=lease.beat, args=(self._lease_s / BEATS,), daemon=True).start()
            yield
        finally:
            lease.stop()
            with CancelScope(shield=True):  # also where it was cancelled in the middle of taking it
                if not lease.done:
                    await _blocking(partial(lease.table.release, lease.key, lease.owner))

    async def _take(self, lease: _Lease) -> Kept:
        """Wait until the session is free, or its holder has shown no life for the time of a lease."""
        seen: Held | None = None
        since_s = deadline_s = current_time()
        deadline_s += self._wait_s
        pause_s = FIRST_PAUSE_S
        while True:
            dead = seen if current_time() - since_s >= self._lease_s else None
            take = partial(lease.table.take, lease.key, lease.owner, dead, lease.expires_s, self._now())
            found = await _blocking(take)
            if isinstance(found, Kept):
                return found
            if found != seen:
                seen, since_s = found, current_time()
            if current_time() >= deadline_s:
                raise busy(self._wait_s)
            await sleep(pause_s)
            pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)


async def _blocking(call: Callable[[], T]) -> T:
    """Run what waits for the disk in a thread of the event loop's default limiter; it always ends by itself."""
    return await to_thread.run_sync(call)
