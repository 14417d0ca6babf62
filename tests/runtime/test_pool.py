"""The pool: as few tasks as the work needs, the most urgent unit first."""

from dataclasses import dataclass, field

import anyio
import pytest

from msrun.runtime.pool import Pool

pytestmark = pytest.mark.anyio


@dataclass(slots=True)
class Log:
    now: int = 0
    most: int = 0
    done: list[int] = field(default_factory=list[int])
    tasks: set[int] = field(default_factory=set[int])


@dataclass(slots=True)
class Chore:
    log: Log
    rank: tuple[int, int, int]
    pool: Pool
    follow: "Chore | None" = None
    wait: bool = True

    async def run(self) -> None:
        self.log.now += 1
        self.log.most = max(self.log.most, self.log.now)
        self.log.tasks.add(anyio.get_current_task().id)
        if self.wait:
            await anyio.sleep(0)
        self.log.now -= 1
        self.log.done.append(self.rank[0])

    def conclude(self) -> None:
        if self.follow is not None:
            self.pool.put(self.follow)


async def test_width_bounds_the_workers_and_every_unit_is_done_once() -> None:
    log, pool = Log(), Pool(4)
    async with anyio.create_task_group() as group:
        pool.open(group)
        for at in range(100):
            pool.put(Chore(log, (at, 0, 0), pool))
    assert (sorted(log.done), log.most, len(log.tasks)) == (list(range(100)), 4, 4)


async def test_a_chain_is_done_by_one_worker() -> None:
    log, pool = Log(), Pool(64)
    chore = Chore(log, (99, 0, 0), pool)
    for at in reversed(range(99)):
        chore = Chore(log, (at, 0, 0), pool, follow=chore)
    async with anyio.create_task_group() as group:
        pool.open(group)
        pool.put(chore)
    assert (log.done, len(log.tasks)) == (list(range(100)), 1)


async def test_the_smallest_rank_goes_first_and_equals_in_their_order() -> None:
    log, pool = Log(), Pool(1)
    async with anyio.create_task_group() as group:
        pool.open(group)
        for at in (3, 1, 2, 1):
            pool.put(Chore(log, (at, 0, 0), pool, wait=False))
    assert log.done == [1, 1, 2, 3]


async def test_workers_that_ended_are_replaced_when_work_comes_later() -> None:
    log, pool = Log(), Pool(2)
    async with anyio.create_task_group() as group:
        pool.open(group)
        pool.put(Chore(log, (0, 0, 0), pool))
        await anyio.sleep(0.01)
        assert log.done == [0]
        pool.put(Chore(log, (1, 0, 0), pool))
    assert log.done == [0, 1]


async def test_what_is_cleared_is_not_begun_and_abort_ends_what_has() -> None:
    log, pool = Log(), Pool(1)
    async with anyio.create_task_group() as group:
        pool.open(group)
        pool.put(Chore(log, (0, 0, 0), pool))
        pool.put(Chore(log, (1, 0, 0), pool))
        pool.clear()
        pool.put(Chore(log, (2, 0, 0), pool))
        await anyio.sleep(0.01)
        pool.abort()
    assert log.done == [2]
