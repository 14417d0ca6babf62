"""The file of sessions: several processes, one that dies, one that sleeps, and files that cannot be used."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from msrun.runtime.sessions.instant import instant
from msrun.runtime.sessions.port import Kept, SessionFault
from msrun.runtime.sessions.sqlite import SqliteSessions
from msrun.runtime.sessions.table import MOST_BYTES, VERSION, WAL_SINCE, Table

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[3]
HOUR = 3600.0

COUNTING = """
import sys, anyio
from pathlib import Path
from msrun.runtime.sessions.port import Kept
from msrun.runtime.sessions.sqlite import SqliteSessions

async def main():
    store = SqliteSessions(Path(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        async with store.turn("chat", "ana", expires_s=3600) as turn:
            n = turn.kept.slots.get("n", 0)
            await anyio.sleep(0.001)
            await turn.keep(Kept(slots={"n": n + 1}, turns=turn.kept.turns + 1))

anyio.run(main, backend=sys.argv[3])
"""

HOLDING = """
import sys, time, anyio
from pathlib import Path
from msrun.runtime.sessions.port import Kept, SessionFault
from msrun.runtime.sessions.sqlite import SqliteSessions

async def main():
    store = SqliteSessions(Path(sys.argv[1]), lease_s=float(sys.argv[2]))
    try:
        async with store.turn("chat", "ana", expires_s=3600) as turn:
            print("taken", flush=True)
            if sys.argv[3] == "block":
                time.sleep(float(sys.argv[4]))  # an event loop that is busy is not dead
            else:
                await anyio.sleep(float(sys.argv[4]))
            await turn.keep(Kept(slots={"by": "other"}, turns=turn.kept.turns + 1))
        print("kept", flush=True)
    except SessionFault as fault:
        print(fault.kind, flush=True)

anyio.run(main)
"""


def start(code: str, *args: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-c", code, *map(str, args)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)


def says(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def turn(store: SqliteSessions) -> Kept:
    """Take a turn and return what was kept before it."""
    async with store.turn("chat", "ana", expires_s=HOUR) as held:
        before = held.kept
        await held.keep(Kept(slots={"by": "me"}, turns=before.turns + 1))
    return before


async def test_no_update_of_two_processes_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    workers = [start(COUNTING, path, 25, loop) for loop in ("asyncio", "trio")]
    for worker in workers:
        assert worker.wait(timeout=100) == 0
        assert worker.stdout is not None
        worker.stdout.close()
    table = Table(path)
    assert table.read("chat", "ana") == Kept(slots={"n": 50}, turns=50)
    table.close()


async def test_the_turn_of_a_process_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    with start(HOLDING, path, 0.3, "sleep", 100) as other:
        assert says(other) == "taken"
        other.kill()
    with anyio.fail_after(60):
        assert await turn(SqliteSessions(path, lease_s=0.3)) == Kept()


async def test_a_turn_that_was_stopped_and_taken_over_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    with start(HOLDING, path, 0.3, "sleep", 0.5) as other:
        assert says(other) == "taken"
        other.send_signal(signal.SIGSTOP)
        with anyio.fail_after(60):
            assert await turn(SqliteSessions(path, lease_s=0.3)) == Kept()
        other.send_signal(signal.SIGCONT)
        assert says(other) == "lost"
    with anyio.fail_after(60):
        assert (await turn(SqliteSessions(path))).slots == {"by": "me"}


async def test_a_turn_whose_event_loop_is_busy_keeps_its_session(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    with start(HOLDING, path, 3, "block", 8) as other:
        assert says(other) == "taken"
        with anyio.fail_after(100):
            assert (await turn(SqliteSessions(path, lease_s=3))).slots == {"by": "other"}
        assert says(other) == "kept"


async def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "chat.db"
    await turn(SqliteSessions(path))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


async def test_the_log_is_written_ahead_only_where_that_is_safe(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    await turn(SqliteSessions(path))
    base = sqlite3.connect(path)
    mode = base.execute("PRAGMA journal_mode").fetchone()[0]
    base.close()
    assert (mode == "wal") == (sqlite3.sqlite_version_info >= WAL_SINCE)


def later(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute(f"PRAGMA user_version = {VERSION + 1}")
    base.close()


def damaged(path: Path) -> None:
    table = Table(path)
    table.take(("chat", "ana"), "me", None, HOUR, instant())
    table.keep(("chat", "ana"), "me", Kept(slots={"n": 1}, turns=1), HOUR, instant())
    table.close()
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("UPDATE sessions SET slots = '{'")
    base.close()


def foreign(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 100)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(later, "later version"), (damaged, "is damaged"), (foreign, "cannot be used"), (Path.mkdir, "cannot be used")],
)
async def test_a_file_that_cannot_be_used_is_said(tmp_path: Path, spoil: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "chat.db"
    spoil(path)
    with pytest.raises(SessionFault) as fault:
        await turn(SqliteSessions(path))
    assert fault.value.kind == "unusable"
    assert words in fault.value.message


async def test_a_session_has_a_largest_size(tmp_path: Path) -> None:
    store = SqliteSessions(tmp_path / "chat.db")
    async with store.turn("chat", "ana", expires_s=HOUR) as held:
        with pytest.raises(SessionFault, match="more than"):
            await held.keep(Kept(slots={"n": "x" * MOST_BYTES}, turns=1))
    assert await turn(store) == Kept()


async def test_a_first_turn_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    store = SqliteSessions(path)
    async with store.turn("chat", "ana", expires_s=HOUR):
        pass
    table = Table(path)
    assert table.rows(instant()) == []
    table.close()


async def test_what_was_forgotten_is_not_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    async with SqliteSessions(path).turn("chat", "ana", expires_s=HOUR) as held:
        await held.keep(Kept(slots={"word": "xylophone"}, turns=1))
    assert b"xylophone" in b"".join(each.read_bytes() for each in tmp_path.iterdir())
    table = Table(path)
    assert table.delete("chat", "ana")
    table.close()
    assert b"xylophone" not in path.read_bytes()
