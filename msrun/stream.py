"""A run as an async iterator of its events: the run is a task that lives as long as someone may still read it."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any

from msrun.errors import RunFailed
from msrun.runtime.events import CallDelta, Event

if TYPE_CHECKING:
    from msrun.api import Result

MAX_DELTAS = 1024
"""Pieces of replies kept for a slow reader; older ones are dropped first. Other events are never dropped."""


class Buffer:
    """Events that happened and were not read yet. Known to the run's task, which therefore need not know the stream."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque()
        self.arrived = asyncio.Event()
        self._deltas = 0

    def take(self, event: Event) -> None:
        """Keep one event; where too many pieces of replies wait, the oldest is dropped."""
        if isinstance(event, CallDelta):
            if self._deltas == MAX_DELTAS:
                self._drop_a_delta()
            self._deltas += 1
        self.events.append(event)
        self.arrived.set()

    def hand_out(self) -> Event:
        """Return the oldest event."""
        event = self.events.popleft()
        self._deltas -= isinstance(event, CallDelta)
        return event

    def end(self, task: "asyncio.Task[Result]") -> None:
        """Wake the reader; the run's exception counts as seen, for `result` raises it."""
        if not task.cancelled():
            task.exception()
        self.arrived.set()

    def _drop_a_delta(self) -> None:
        at = next(at for at, event in enumerate(self.events) if isinstance(event, CallDelta))
        del self.events[at]
        self._deltas -= 1


class EventStream:
    """Iterates over the events of one run and then holds its `result`. Needs asyncio.

    The run starts with the first event asked for. Leaving `async with`, `aclose()`, or dropping the stream after a
    `break` cancels it; a run that failed ends the iteration too, and `result` raises its RunFailed.
    """

    def __init__(self, start: "Callable[[Callable[[Event], None]], Coroutine[Any, Any, Result]]") -> None:
        self._start = start
        self._buffer: Buffer | None = None
        self._task: asyncio.Task[Result] | None = None
        self._closed = False

    @property
    def result(self) -> "Result":
        """The run's result, once the iteration has ended. Raises RunFailed where it failed."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            raise RuntimeError("the run has not ended; read all of its events first")
        return self._task.result()

    def __aiter__(self) -> "EventStream":
        return self

    async def __anext__(self) -> Event:
        if self._closed:
            raise StopAsyncIteration
        buffer, task = self._running()
        while not buffer.events:
            if task.done():
                _raise_unexpected(task)
                raise StopAsyncIteration
            buffer.arrived.clear()
            await buffer.arrived.wait()
        return buffer.hand_out()

    async def aclose(self) -> None:
        """Cancel the run if it is still going, and wait until nothing of it is left."""
        self._closed = True
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def __aenter__(self) -> "EventStream":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        task = self._task
        if task is not None and not task.done() and not task.get_loop().is_closed():
            task.cancel()

    def _running(self) -> "tuple[Buffer, asyncio.Task[Result]]":
        if self._buffer is None or self._task is None:
            self._buffer = Buffer()
            self._task = asyncio.create_task(self._start(self._buffer.take), name="msrun events")
            self._task.add_done_callback(self._buffer.end)
        return self._buffer, self._task


def _raise_unexpected(task: "asyncio.Task[Result]") -> None:
    """A failed run is an event; anything else that ended the task is raised where the reader waits."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, RunFailed):
        raise error
