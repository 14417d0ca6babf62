"""Runs in one SQLite file. Used by one thread; several processes may share the file.

Every write is BEGIN IMMEDIATE … COMMIT with synchronous=FULL: a transaction that reads first and writes later fails at
once under load (sqlite.org/rescode.html#busy_snapshot), and below FULL a commit may be lost with the power.
"""

import os
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import time
from typing import Any, Literal, TypeAlias

from msrun.runtime.durable.entry import FIRST_LINK, KINDS, Entry
from msrun.runtime.durable.fault import JournalFault
from msrun.runtime.durable.place import dead, owner, refuse_remote, uptime_s
from msrun.runtime.durable.sqlite_fault import named
from msrun.runtime.durable.store import LEASE_S, STATES, Batch, Claim, RunInfo, RunState

Mode: TypeAlias = Literal["wal", "truncate"]

VERSION = 1
APPLICATION_ID = 0x6D73726E
BUSY_S = 30.0
INLINE_BYTES = 16 * 1024
"""A longer body is kept once for all entries that have it."""

SAFE_WAL = (3, 51, 3)
"""Before this release two connections could lose a WAL file's content (the WAL-reset bug, sqlite.org/releaselog)."""

_SCHEMA = """
CREATE TABLE run (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, plan TEXT NOT NULL, file TEXT NOT NULL, state INTEGER NOT NULL,
  fence INTEGER NOT NULL, owner TEXT NOT NULL, lease_s REAL NOT NULL, began_s REAL NOT NULL, ended_s REAL
) STRICT;
CREATE TABLE entry (
  run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE, seq INTEGER NOT NULL, kind INTEGER NOT NULL,
  node TEXT NOT NULL, cell INTEGER, sample INTEGER, attempt INTEGER NOT NULL, content BLOB NOT NULL,
  body TEXT, payload BLOB REFERENCES payload (hash), link BLOB NOT NULL, PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE payload (hash BLOB PRIMARY KEY, body TEXT NOT NULL) STRICT;
"""

_NEW_RUN = """
INSERT INTO run (id, plan, file, state, fence, owner, lease_s, began_s) VALUES (?, ?, ?, 0, 1, ?, ?, ?)
"""


def default_mode(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Mode:
    """Return the mode that this SQLite keeps a shared file safe in."""
    return "wal" if version >= SAFE_WAL else "truncate"


@dataclass(slots=True)
class SqliteStore:
    """See Store. `open_sqlite` makes one, in the thread that uses it."""

    path: Path
    connection: sqlite3.Connection
    pid: int
    clock: Callable[[], float] = uptime_s

    def claim(self, run: str, plan: str, file: str, *, new: bool) -> Claim:
        """See Store."""
        with self._writing() as db:
            row = db.execute("SELECT number, fence, owner, lease_s FROM run WHERE id = ?", (run,)).fetchone()
            if (row is None) != new:
                raise JournalFault("absent", f"there is {'already a' if new else 'no'} run {run} in {self.path}")
            if row is None:
                values = (run, plan, file, owner(), self.clock() + LEASE_S, time())
                number = db.execute(_NEW_RUN, values).lastrowid or 0
                return Claim(run=run, number=number, fence=1, last_seq=-1, link=FIRST_LINK)
            number, fence, holder, lease_s = row
            if self._held(holder, lease_s):
                raise JournalFault("busy", f"another process is running {run}")
            sql = "UPDATE run SET state = 0, fence = ?, owner = ?, lease_s = ?, ended_s = NULL WHERE number = ?"
            db.execute(sql, (fence + 1, owner(), self.clock() + LEASE_S, number))
            sql = "SELECT seq, link FROM entry WHERE run = ? ORDER BY seq DESC LIMIT 1"
            last = db.execute(sql, (number,)).fetchone() or (-1, FIRST_LINK)
            return Claim(run=run, number=number, fence=fence + 1, last_seq=last[0], link=last[1])

    def append(self, batches: Sequence[Batch]) -> None:
        """See Store."""
        with self._writing() as db:
            for batch in batches:
                self._own(batch.claim)
                rows = [self._row(batch, at, *entry) for at, entry in enumerate(batch.entries)]
                db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def renew(self, claims: Sequence[Claim]) -> None:
        """See Store."""
        with self._writing() as db:
            for claim in claims:
                self._own(claim)
                db.execute("UPDATE run SET lease_s = ? WHERE number = ?", (self.clock() + LEASE_S, claim.number))

    def release(self, claim: Claim, state: RunState) -> None:
        """See Store."""
        with self._writing() as db:
            sql = "UPDATE run SET state = ?, owner = '', lease_s = 0, ended_s = ? WHERE number = ? AND fence = ?"
            db.execute(sql, (STATES.index(state), time(), claim.number, claim.fence))

    def entries(self, run: str) -> list[tuple[Entry, bytes]]:
        """See Store."""
        with self._naming():
            found = self.connection.execute("SELECT number FROM run WHERE id = ?", (run,)).fetchone()
            if found is None:
                raise JournalFault("absent", f"there is no run {run} in {self.path}")
            sql = (
                "SELECT kind, node, cell, sample, attempt, content, coalesce(entry.body, payload.body), payload, link "
                "FROM entry LEFT JOIN payload ON payload.hash = entry.payload WHERE run = ? ORDER BY seq"
            )
            return [_entry(run, row) for row in self.connection.execute(sql, found)]

    def runs(self, limit: int) -> list[RunInfo]:
        """See Store."""
        with self._naming():
            sql = (
                "SELECT id, plan, file, state, began_s, ended_s, owner, lease_s, "
                "(SELECT count(*) FROM entry WHERE entry.run = run.number) FROM run ORDER BY number DESC LIMIT ?"
            )
            return [self._info(row) for row in self.connection.execute(sql, (limit,))]

    def close(self) -> None:
        """See Store."""
        self.connection.close()

    def _info(self, row: tuple[Any, ...]) -> RunInfo:
        id_, plan, file, state, began_s, ended_s, holder, lease_s, entries = row
        return RunInfo(
            run=id_,
            plan=plan,
            file=file,
            state=STATES[int(state)],
            began_s=began_s,
            ended_s=ended_s,
            entries=entries,
            owned=self._held(holder, lease_s),
        )

    def _held(self, holder: str, lease_s: float) -> bool:
        return lease_s > self.clock() and not dead(holder)

    def _own(self, claim: Claim) -> None:
        """Refuse what comes from a process that another one has taken the run over from."""
        row = self.connection.execute("SELECT fence FROM run WHERE number = ?", (claim.number,)).fetchone()
        if row is None or row[0] != claim.fence:
            raise JournalFault("taken", f"another process has taken over run {claim.run}")

    def _row(self, batch: Batch, at: int, entry: Entry, link: bytes) -> tuple[Any, ...]:
        body: str | None = entry.body
        payload: bytes | None = None
        if (
            len(entry.body) > INLINE_BYTES // 4
            and len(data := entry.body.encode("utf-8", "surrogatepass")) > INLINE_BYTES
        ):
            body, payload = None, blake2b(data, digest_size=32).digest()
            self.connection.execute("INSERT OR IGNORE INTO payload VALUES (?, ?)", (payload, entry.body))
        place = (batch.claim.number, batch.seq + at, KINDS.index(entry.kind))
        key = (entry.node, entry.cell, entry.sample, entry.attempt, bytes.fromhex(entry.content))
        return (*place, *key, body, payload, link)

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        with self._naming():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _naming(self) -> Generator[None]:
        """Turn what SQLite says into a fault; refuse a connection that came here through a fork."""
        if os.getpid() != self.pid:
            raise JournalFault("unsafe", f"{self.path} was opened before this process was forked", help="open it again")
        try:
            yield
        except (sqlite3.Error, UnicodeError) as error:
            raise named(error, self.path) from error


def open_sqlite(path: Path, *, mode: Mode | None = None, clock: Callable[[], float] = uptime_s) -> SqliteStore:
    """Open a file, made where there is none. Raises JournalFault: `unsafe`, `newer`, `damaged`, `unreadable`."""
    refuse_remote(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalFault("unreadable", f"{path.parent} cannot be made: {error.strerror}") from error
    try:
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        try:
            _prepare(connection, mode or default_mode())
            store = SqliteStore(path=path, connection=connection, pid=os.getpid(), clock=clock)
            _adopt(store)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, UnicodeError) as error:
        raise named(error, path) from error
    return store


def _prepare(connection: sqlite3.Connection, mode: Mode) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute(f"PRAGMA journal_mode = {mode}")  # a word of our own: a pragma takes no parameter
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_size_limit = 67108864")


def _adopt(store: SqliteStore) -> None:
    """Make the tables of a new file; refuse a file of another program or of a later version."""
    db = store.connection
    if _marks(db) == (VERSION, APPLICATION_ID):
        return
    db.execute("BEGIN IMMEDIATE")  # two processes may make the same file
    try:
        version, application = _marks(db)
        if application != (APPLICATION_ID if _tables(db) else 0):
            raise JournalFault("unreadable", f"{store.path} is a database of another program")
        if version > VERSION:
            raise JournalFault("newer", f"{store.path} was written by a later version of msrun (schema {version})")
        if not application:
            for statement in _SCHEMA.split(";\n"):
                if statement.strip():
                    db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {VERSION}")
    finally:
        db.execute("COMMIT")


def _marks(db: sqlite3.Connection) -> tuple[int, int]:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    return int(version), int(application)


def _tables(db: sqlite3.Connection) -> int:
    (count,) = db.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").fetchone()
    return int(count)


def _entry(run: str, row: tuple[Any, ...]) -> tuple[Entry, bytes]:
    kind, node, cell, sample, attempt, content, body, payload, link = row
    if not 0 <= kind < len(KINDS) or body is None:
        raise JournalFault("damaged", f"an entry of run {run} is not what was written")
    if payload is not None and blake2b(body.encode("utf-8", "surrogatepass"), digest_size=32).digest() != payload:
        raise JournalFault("damaged", f"a long result of `{node}` in run {run} is not what was written")
    entry = Entry(
        kind=KINDS[int(kind)], node=node, cell=cell, sample=sample, attempt=attempt, content=content.hex(), body=body
    )
    return entry, link
