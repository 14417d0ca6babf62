"""The table of sessions in an SQLite file: opened with care, read and written in short transactions of its own."""

import json
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from msrun.runtime.sessions.instant import Instant
from msrun.runtime.sessions.port import Kept, SessionFault

VERSION = 1
WAL_SINCE = (3, 51, 3)
"""From 3.7.0 to 3.51.2 a file with several connections can be corrupted when its WAL is reset (sqlite.org/wal.html)."""

MOST_BYTES = 2**20
"""JSON of one session."""

ORPHAN_S = 86400.0
"""After so long even a session that a turn holds may expire: the turn's process is gone."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
  name TEXT NOT NULL, id TEXT NOT NULL, slots TEXT NOT NULL, history TEXT NOT NULL, turns INTEGER NOT NULL,
  wall REAL NOT NULL, boot TEXT NOT NULL, up REAL NOT NULL, expires REAL NOT NULL, owner TEXT, beat INTEGER NOT NULL,
  PRIMARY KEY (name, id)
) WITHOUT ROWID
"""
_AGE = "(CASE WHEN boot != '' AND boot = :boot THEN :up - up ELSE :wall - wall END)"


@dataclass(frozen=True, slots=True)
class Held:
    """A turn has the session. `beat` grows while its process lives."""

    owner: str
    beat: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One session of the file, for a listing. `age_s`: seconds since it was last used."""

    name: str
    id: str
    turns: int
    age_s: float
    held: bool


class Table:
    """One connection. Its methods block, and may be called from any thread: one at a time writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        with self._told():
            _create(path)
            self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            self._prepare()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._base.close()

    def take(self, key: tuple[str, str], owner: str, dead: Held | None, expires_s: float, now: Instant) -> Kept | Held:
        """Take a session that is free, or whose holder is `dead`; return what it keeps, or who has it."""
        with self._write() as base:
            _expire(base, now)
            query = "SELECT slots, history, turns, owner, beat FROM sessions WHERE name = ? AND id = ?"
            row = base.execute(query, key).fetchone()
            if row is not None and row[3] is not None and Held(row[3], row[4]) != dead:
                return Held(row[3], row[4])
            if row is None:
                base.execute(
                    "INSERT INTO sessions VALUES (?, ?, '{}', '[]', 0, ?, ?, ?, ?, ?, 0)",
                    (*key, now.wall_s, now.boot, now.up_s, expires_s, owner),
                )
                return Kept()
            base.execute("UPDATE sessions SET owner = ?, beat = 0 WHERE name = ? AND id = ?", (owner, *key))
            return self._kept(row)

    def beat(self, key: tuple[str, str], owner: str) -> None:
        """Show that the holder lives."""
        with self._write() as base:
            query = "UPDATE sessions SET beat = beat + 1 WHERE name = ? AND id = ? AND owner = ?"
            base.execute(query, (*key, owner))

    def keep(self, key: tuple[str, str], owner: str, kept: Kept, expires_s: float, now: Instant) -> None:
        """Write the next state and let the session go. Raises SessionFault `lost` where another turn took it over."""
        slots, history = _json(dict(kept.slots)), _json([dict(turn) for turn in kept.history])
        if len(slots) + len(history) > MOST_BYTES:
            raise SessionFault("unusable", f"the session would hold more than {MOST_BYTES} bytes", help="history: 4")
        with self._write() as base:
            done = base.execute(
                "UPDATE sessions SET slots = ?, history = ?, turns = ?, wall = ?, boot = ?, up = ?, expires = ?,"
                " owner = NULL WHERE name = ? AND id = ? AND owner = ?",
                (slots, history, kept.turns, now.wall_s, now.boot, now.up_s, expires_s, *key, owner),
            )
        if done.rowcount != 1:
            raise SessionFault("lost", "another turn took the session over meanwhile; this one changed nothing")

    def release(self, key: tuple[str, str], owner: str) -> None:
        """Let a session go as it was; one that has had no turn leaves nothing behind."""
        with self._write() as base:
            base.execute("DELETE FROM sessions WHERE name = ? AND id = ? AND owner = ? AND turns = 0", (*key, owner))
            base.execute("UPDATE sessions SET owner = NULL WHERE name = ? AND id = ? AND owner = ?", (*key, owner))

    def rows(self, now: Instant) -> list[Row]:
        """Return the sessions that have not expired, by name and id."""
        with self._write() as base:
            _expire(base, now)
            query = f"SELECT name, id, turns, {_AGE}, owner FROM sessions ORDER BY name, id"  # noqa: S608 - a constant
            found = base.execute(query, _moment(now)).fetchall()
        return [Row(name=n, id=i, turns=t, age_s=max(0.0, a), held=o is not None) for n, i, t, a, o in found]

    def read(self, name: str, id_: str) -> Kept | None:
        """Return what a session keeps, None where there is no such session."""
        with self._write() as base:
            query = "SELECT slots, history, turns FROM sessions WHERE name = ? AND id = ?"
            row = base.execute(query, (name, id_)).fetchone()
        return None if row is None else self._kept(row)

    def delete(self, name: str, id_: str) -> bool:
        """Forget a session; say whether there was one."""
        with self._write() as base:
            return base.execute("DELETE FROM sessions WHERE name = ? AND id = ?", (name, id_)).rowcount == 1

    def _prepare(self) -> None:
        base = self._base
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise SessionFault("unusable", f"{self._path} was written by a later version of msrun", help="update msrun")
        base.execute(f"PRAGMA journal_mode = {'WAL' if sqlite3.sqlite_version_info >= WAL_SINCE else 'TRUNCATE'}")
        base.execute("PRAGMA synchronous = FULL")
        base.execute("PRAGMA secure_delete = ON")  # what people said is not left in free pages
        if version < VERSION:
            with self._write():
                base.execute(_SCHEMA)
                base.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _write(self) -> Generator[sqlite3.Connection]:
        """One transaction. IMMEDIATE: one that reads first and writes later fails where another one wrote meanwhile."""
        with self._lock, self._told():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
                self._base.execute("COMMIT")
            except BaseException:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            message = f"the sessions in {self._path} cannot be used: {error}"
            raise SessionFault("unusable", message, help="--sessions chat.db keeps them in another file") from error

    def _kept(self, row: tuple[Any, ...]) -> Kept:
        from msrun.dsl.values.jsontext import JsonRefused, parse

        try:
            slots, history = parse(row[0]), parse(row[1])
        except JsonRefused as error:
            raise SessionFault("unusable", f"a session in {self._path} is damaged: {error}") from error
        if not isinstance(slots, dict) or not isinstance(history, list):
            raise SessionFault("unusable", f"a session in {self._path} is damaged")
        turns: list[Any] = [turn for turn in history if isinstance(turn, dict)]  # pyright: ignore[reportUnknownVariableType] - JSON
        return Kept(slots=slots, history=tuple(turns), turns=int(row[2]))  # pyright: ignore[reportUnknownArgumentType] - JSON


def _create(path: Path) -> None:
    """Make the file for its owner alone: it holds what people said."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _moment(now: Instant) -> dict[str, Any]:
    return {"boot": now.boot, "up": now.up_s, "wall": now.wall_s}


def _expire(base: sqlite3.Connection, now: Instant) -> None:
    """Forget what nobody used for long. A moment of the future (the clock was wrong once) counts from now on."""
    moment = _moment(now)
    set_now = "UPDATE sessions SET wall = :wall, boot = :boot, up = :up WHERE owner IS NULL AND boot != :boot"
    base.execute(f"{set_now} AND wall > :wall", moment)
    held = f"expires + {ORPHAN_S}"
    base.execute(
        f"DELETE FROM sessions WHERE {_AGE} >= CASE WHEN owner IS NULL THEN expires ELSE {held} END",  # noqa: S608 - constants
        moment,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
