"""A bounded pool of workers: units of work in a heap, and tasks that take the first one until none is left.

Starting a task costs 16 to 35 µs, taking a unit about one: a worker is started only while more work is ready than
workers are free to take it, runs its units back to back, and ends when the heap is empty.
"""

from heapq import heappop, heappush
from typing import Protocol

from anyio import CancelScope, current_time, sleep_forever
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

UNITS_BETWEEN_CHECKPOINTS = 64
"""So that units which never wait (known replies) leave the event loop to others now and then."""


class Work(Protocol):
    """A unit of work. `rank` orders it among those that are ready, the smallest first."""

    rank: tuple[int, int, int]

    async def run(self) -> None:
        """Do the part that may wait; failures are the unit's own business."""
        ...

    def conclude(self) -> None:
        """Do the part that may put more work; its worker counts as free meanwhile."""
        ...


class Alarm(Protocol):
    """Something that has a deadline, but no task and no scope of its own that could be given one."""

    ended: bool

    def expire(self) -> None:
        """The deadline has passed."""
        ...


class Pool:
    """Workers over one heap, at most `width` at the same time."""

    def __init__(self, width: int) -> None:
        self._group: TaskGroup | None = None
        self._width = width
        self._heap: list[tuple[tuple[int, int, int], int, Work]] = []
        self._workers = 0
        self._free = 0
        self._count = 0
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._ringing = False
        self._sleep: CancelScope | None = None

    def open(self, group: TaskGroup) -> None:
        """Let the workers live in this group."""
        self._group = group

    def put(self, work: Work) -> None:
        """Add a unit, and a worker where all others are busy."""
        self._count += 1
        heappush(self._heap, (work.rank, self._count, work))
        if self._group is not None and self._workers < self._width and len(self._heap) > self._free:
            self._workers += 1
            self._free += 1
            self._group.start_soon(self._work)

    def clear(self) -> None:
        """Forget what has not begun."""
        self._heap.clear()

    def abort(self) -> None:
        """Forget what has not begun, and cancel what has."""
        self.clear()
        if self._group is not None:
            self._group.cancel_scope.cancel()

    def watch(self, deadline_s: float, alarm: Alarm) -> None:
        """Let the alarm expire at this time of the event loop, unless it has ended by then."""
        alarms = self._alarms
        while alarms and alarms[0][2].ended:
            heappop(alarms)
        self._count += 1
        heappush(alarms, (deadline_s, self._count, alarm))
        if not self._ringing and self._group is not None:
            self._ringing = True
            self._group.start_soon(self._ring)
        elif self._sleep is not None:
            self._sleep.deadline = alarms[0][0]

    def rest(self) -> None:
        """Wait for no alarm any more where no worker is left: nothing can happen that it would end."""
        if self._workers == 0:
            self._alarms.clear()
            if self._sleep is not None:
                self._sleep.cancel()

    async def _ring(self) -> None:
        """Sleep until the next deadline, again and again; one task for all alarms of a run."""
        while self._alarms:
            with CancelScope(deadline=self._alarms[0][0]) as self._sleep:
                await sleep_forever()
            self._sleep = None
            while self._alarms and (self._alarms[0][0] <= current_time() or self._alarms[0][2].ended):
                alarm = heappop(self._alarms)[2]
                if not alarm.ended:
                    alarm.expire()
        self._ringing = False

    async def _work(self) -> None:
        done = 0
        while self._heap:
            work = heappop(self._heap)[2]
            self._free -= 1
            await work.run()
            self._free += 1
            work.conclude()
            done += 1
            if done % UNITS_BETWEEN_CHECKPOINTS == 0:
                await checkpoint()
        self._workers -= 1
        self._free -= 1
        self.rest()
