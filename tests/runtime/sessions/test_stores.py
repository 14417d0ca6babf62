"""What every store promises: one turn at a time, in order, all of a state or nothing, and an end."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from msrun.runtime.sessions.instant import Instant
from msrun.runtime.sessions.memory import MemorySessions
from msrun.runtime.sessions.port import Kept, SessionFault, SessionStore
from msrun.runtime.sessions.sqlite import SqliteSessions

if TYPE_CHECKING:
    from tests.runtime.sessions.conftest import Store

pytestmark = pytest.mark.anyio
HOUR = 3600.0


async def count(store: SessionStore, id_: str = "ana", times: int = 1) -> None:
    """Read, wait and write, as a turn does: any update lost is a number missing at the end."""
    for _ in range(times):
        async with store.turn("chat", id_, expires_s=HOUR) as turn:
            n = turn.kept.slots.get("n", 0)
            await anyio.sleep(0)
            await turn.keep(Kept(slots={"n": n + 1}, turns=turn.kept.turns + 1))


async def kept(store: SessionStore, id_: str = "ana") -> Kept:
    async with store.turn("chat", id_, expires_s=HOUR) as turn:
        return turn.kept


async def test_a_turn_sees_what_the_one_before_it_kept(store: "Store") -> None:
    state = Kept(slots={"order": {"number": "17", "size": None}}, history=({"user": "你好", "answer": "hi"},), turns=1)
    async with store.turn("chat", "ana", expires_s=HOUR) as turn:
        assert turn.kept == Kept()
        await turn.keep(state)
    assert await kept(store) == state
    assert await kept(store, "bob") == Kept()


async def test_a_turn_that_keeps_nothing_changes_nothing(store: "Store") -> None:
    await count(store)
    with pytest.raises(ValueError, match="no"):
        async with store.turn("chat", "ana", expires_s=HOUR):
            raise ValueError("no")
    assert (await kept(store)).slots == {"n": 1}


async def test_no_update_of_turns_at_the_same_time_is_lost(store: "Store") -> None:
    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(count, store, "ana", 3)
    assert await kept(store) == Kept(slots={"n": 24}, turns=24)


async def test_turns_come_in_the_order_in_which_they_were_asked_for(store: "Store") -> None:
    order: list[int] = []
    entered = anyio.Event()

    async def turn(at: int) -> None:
        async with store.turn("chat", "ana", expires_s=HOUR):
            order.append(at)
            entered.set()
            await anyio.sleep(0.01)

    async with anyio.create_task_group() as group:
        group.start_soon(turn, 0)
        await entered.wait()
        for at in range(1, 6):
            group.start_soon(turn, at)
            await anyio.sleep(0.001)
    assert order == [0, 1, 2, 3, 4, 5]


async def test_sessions_do_not_wait_for_each_other(store: "Store") -> None:
    async with store.turn("chat", "ana", expires_s=HOUR), store.turn("chat", "bob", expires_s=HOUR) as turn:
        assert turn.kept == Kept()
    async with store.turn("chat", "ana", expires_s=HOUR), store.turn("other", "ana", expires_s=HOUR) as turn:
        assert turn.kept == Kept()


async def test_a_cancelled_turn_lets_the_next_one_in(store: "Store") -> None:
    await count(store)
    async with anyio.create_task_group() as group:

        async def hang() -> None:
            async with store.turn("chat", "ana", expires_s=HOUR):
                await anyio.sleep_forever()

        group.start_soon(hang)
        group.start_soon(hang)
        await anyio.sleep(0.05)
        group.cancel_scope.cancel()
    with anyio.fail_after(30):
        assert (await kept(store)).turns == 1


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_a_turn_that_waits_too_long_is_told(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    store = MemorySessions(wait_s=0.02) if kind == "memory" else SqliteSessions(path, wait_s=0.02)
    other = store if kind == "memory" else SqliteSessions(path, wait_s=0.02)
    async with store.turn("chat", "ana", expires_s=HOUR):
        with pytest.raises(SessionFault) as fault:
            await kept(other)
    assert fault.value.kind == "busy"


async def test_threads_with_loops_of_their_own_share_a_store(store: "Store") -> None:
    threads = [threading.Thread(target=anyio.run, args=(count, store, "ana", 4)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await anyio.to_thread.run_sync(thread.join)
    assert (await kept(store)).slots == {"n": 16}


async def test_a_session_in_memory_ends_when_nobody_used_it_for_long() -> None:
    now = [0.0]
    store = MemorySessions(now=lambda: now[0])
    await count(store)
    now[0] = HOUR - 1
    await count(store)
    now[0] = 2 * HOUR - 2
    assert (await kept(store)).turns == 2
    now[0] = 2 * HOUR
    assert await kept(store) == Kept()


@pytest.mark.parametrize(
    ("later", "lives"),
    [
        (Instant(1000 + HOUR - 1, "a", 50 + HOUR - 1), True),
        (Instant(1000 + HOUR, "a", 50 + HOUR), False),
        (Instant(1000 + 10 * 365 * 86400, "a", 60), True),  # the clock was set ten years on
        (Instant(0, "a", 50 + HOUR), False),  # the clock was set back
        (Instant(1000 + HOUR - 1, "b", 5), True),  # the machine was started again
        (Instant(1000 + HOUR, "b", 5), False),
        (Instant(0, "b", 5), True),  # nobody can know
        (Instant(1000 + HOUR - 1), True),  # a system that tells of no start
        (Instant(1000 + HOUR), False),
    ],
)
async def test_a_session_in_a_file_ends_whatever_the_clock_does(tmp_path: Path, later: Instant, lives: bool) -> None:
    now = [Instant(1000, "a", 50)]
    store = SqliteSessions(tmp_path / "chat.db", now=lambda: now[0])
    await count(store)
    now[0] = later
    assert (await kept(store)).turns == (1 if lives else 0)


async def test_a_session_of_the_future_ends_once_it_has_been_seen(tmp_path: Path) -> None:
    now = [Instant(10**10, "a", 50)]
    store = SqliteSessions(tmp_path / "chat.db", now=lambda: now[0])
    await count(store)
    now[0] = Instant(1000, "b", 5)
    assert (await kept(store)).turns == 1
    now[0] = Instant(1000 + HOUR, "b", 5 + HOUR)
    assert await kept(store) == Kept()
