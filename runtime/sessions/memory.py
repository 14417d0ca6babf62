"""Sessions in memory: they live as long as the store does."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from msrun.runtime.sessions.port import LONGEST_WAIT_S, Kept, Turn
from msrun.runtime.sessions.tickets import Tickets

Key = tuple[str, str]


@dataclass(slots=True)
class _Entry:
    kept: Kept
    used_s: float
    expires_s: float


@dataclass(slots=True)
class _MemoryTurn:
    """A turn of a session in memory."""

    store: "MemorySessions"
    key: Key
    expires_s: float
    kept: Kept

    async def keep(self, kept: Kept) -> None:
        """See Turn."""
        self.store.put(self.key, kept, self.expires_s)


class MemorySessions:
    """Keeps sessions in a dictionary. `now` gives seconds on a monotonic clock, so that no clock jump expires them."""

    def __init__(self, *, wait_s: float = LONGEST_WAIT_S, now: Callable[[], float] = time.monotonic) -> None:
        self._entries: dict[Key, _Entry] = {}
        self._tickets = Tickets()
        self._wait_s, self._now = wait_s, now

    @asynccontextmanager
    async def turn(self, name: str, id_: str, *, expires_s: float) -> AsyncGenerator[Turn]:
        """See SessionStore."""
        key = (name, id_)
        async with self._tickets.turn(key, wait_s=self._wait_s):
            self._forget_expired()
            entry = self._entries.get(key)
            yield _MemoryTurn(self, key, expires_s, Kept() if entry is None else entry.kept)

    def put(self, key: Key, kept: Kept, expires_s: float) -> None:
        """Keep a session's state."""
        self._entries[key] = _Entry(kept, self._now(), expires_s)

    def _forget_expired(self) -> None:
        now_s = self._now()
        for key, entry in list(self._entries.items()):
            if now_s - entry.used_s >= entry.expires_s:
                self._entries.pop(key, None)
