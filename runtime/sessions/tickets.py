"""Turns in one process queue in the order in which they came, whatever threads and event loops they run in."""

from collections import deque
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from threading import Lock

from anyio import current_time, sleep

from msrun.runtime.sessions.port import SessionFault

FIRST_PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.1


class Tickets:
    """A queue for every key. Waiting is a sleep and a look: an event would belong to one loop only."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queues: dict[Hashable, deque[object]] = {}

    @asynccontextmanager
    async def turn(self, key: Hashable, *, wait_s: float) -> AsyncGenerator[None]:
        """Wait until it is one's turn; the next one's comes when the block is left. Raises SessionFault `busy`."""
        ticket = object()
        with self._lock:
            queue = self._queues.setdefault(key, deque())
            queue.append(ticket)
        try:
            deadline, pause_s = current_time() + wait_s, FIRST_PAUSE_S
            while queue[0] is not ticket:
                if current_time() >= deadline:
                    raise busy(wait_s)
                await sleep(pause_s)
                pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
            yield
        finally:
            with self._lock:
                queue.remove(ticket)
                if not queue and self._queues.get(key) is queue:
                    del self._queues[key]


def busy(wait_s: float) -> SessionFault:
    """Make the fault of a turn that waited too long."""
    message = f"another turn of this session has not ended within {wait_s:g} s"
    return SessionFault("busy", message, help="send the message again once it has been answered")
