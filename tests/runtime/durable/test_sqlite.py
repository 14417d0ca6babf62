"""What is SQLite's own: files that are not ours, damage, file systems that cannot be relied upon, forks."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from msrun.runtime.durable.entry import verify
from msrun.runtime.durable.fault import JournalFault
from msrun.runtime.durable.place import dead, file_system, owner, refuse_remote
from msrun.runtime.durable.sqlite import VERSION, default_mode, open_sqlite
from tests.runtime.durable.conftest import batch, entry

ROOT = Path(__file__).resolve().parents[3]


def filled(path: Path, count: int = 40) -> None:
    store = open_sqlite(path)
    claim = store.claim("r1", "ask", "x.plan", new=True)
    store.append([batch(claim, *(entry(at, body=f'{{"o":"answer {at}"}}') for at in range(count)))])
    store.release(claim, "ok")
    store.close()


def test_versions_with_the_wal_reset_bug_do_without_a_wal() -> None:
    assert default_mode((3, 40, 1)) == "truncate"
    assert default_mode((3, 51, 2)) == "truncate"
    assert default_mode((3, 51, 3)) == "wal"
    assert default_mode((3, 53, 0)) == "wal"


@pytest.mark.parametrize("mode", ["wal", "truncate"])
def test_commits_are_synchronous(tmp_path: Path, mode: str) -> None:
    store = open_sqlite(tmp_path / "j", mode=mode)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert store.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store.connection.execute("PRAGMA journal_mode").fetchone() == (mode,)
    store.close()


def test_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "j"
    filled(path)
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = path.read_bytes()
    with pytest.raises(JournalFault, match="later version") as caught:
        open_sqlite(path)
    assert caught.value.kind == "newer"
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE customers (name TEXT)")
    db.close()
    with pytest.raises(JournalFault, match="another program"):
        open_sqlite(path)


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be read as one" * 100, b"\x80\x02pickle"]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "j"
    path.write_bytes(content)
    with pytest.raises(JournalFault):
        open_sqlite(path)
    assert path.read_bytes() == content


def test_a_folder_cannot_be_a_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalFault, match="cannot be used") as caught:
        open_sqlite(tmp_path)
    assert caught.value.kind == "unreadable"


def test_a_flipped_byte_is_noticed_or_changes_nothing(tmp_path: Path) -> None:
    """A4: 500 random positions, no silent change of what is read and no other exception."""
    path = tmp_path / "j"
    filled(path)
    good = path.read_bytes()
    store = open_sqlite(path)
    truth = [each for each, _ in store.entries("r1")]
    store.close()
    random, named, same, kinds = Random(7), 0, 0, set[str]()
    for _ in range(500):
        at = random.randrange(len(good))
        path.write_bytes(good[:at] + bytes([good[at] ^ (1 << random.randrange(8))]) + good[at + 1 :])
        try:
            store = open_sqlite(path)
            try:
                found = store.entries("r1")
                verify(found, "r1")
            finally:
                store.close()
        except JournalFault as fault:
            kinds.add(fault.kind)
            named += 1
        else:
            assert [each for each, _ in found] == truth[: len(found)]
            same += 1
    assert kinds <= {"damaged", "newer", "absent", "unreadable"}
    assert named > 50
    assert same > 50


def test_a_network_file_system_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        f"40 22 0:50 / {tmp_path}/team\\040share rw,relatime shared:1 - nfs4 server:/x rw\n",
        encoding="utf-8",
    )
    (tmp_path / "team share").mkdir()
    assert file_system(tmp_path / "team share" / "j", mounts) == "nfs4"
    assert file_system(tmp_path / "j", mounts) == "ext4"
    refuse_remote(tmp_path / "j", mounts)
    with pytest.raises(JournalFault, match="network file system") as caught:
        refuse_remote(tmp_path / "team share" / "j", mounts)
    assert caught.value.kind == "unsafe"


def test_a_connection_is_not_used_across_a_fork(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "j")
    pid = os.fork()
    if pid == 0:
        try:
            store.runs(1)
        except JournalFault as fault:
            os._exit(7 if fault.kind == "unsafe" else 1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert store.runs(1) == []
    store.close()


def test_a_run_whose_process_was_killed_can_be_claimed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "j"
    code = (
        "import os, sys; from pathlib import Path; from msrun.runtime.durable.sqlite import open_sqlite\n"
        "open_sqlite(Path(sys.argv[1])).claim('r1', 'ask', 'x.plan', new=True); print('claimed', flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"claimed\n"
        store = open_sqlite(path)
        with pytest.raises(JournalFault, match="another process is running"):
            store.claim("r1", "", "", new=False)
        process.kill()
    assert store.claim("r1", "", "", new=False).fence == 2
    store.close()


@pytest.mark.parametrize("name", ["", "nonsense", "other-boot pid:[1] 1 1"])
def test_a_holder_of_another_boot_is_gone(name: str) -> None:
    assert dead(name)


def test_a_holder_that_cannot_be_seen_is_left_to_its_lease() -> None:
    boot_id, _, pid, start = owner().split(" ")
    assert not dead(owner())
    assert not dead(f"{boot_id} pid:[1] {pid} 1")
    assert dead(owner().removesuffix(start) + "1")
