"""What SQLite says, as a fault of the journal (sqlite.org/rescode.html)."""

import sqlite3
from pathlib import Path

from msrun.runtime.durable.fault import FaultKind, JournalFault

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE)
_PRIMARY: dict[int, FaultKind] = {
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
}
_WORDS: dict[FaultKind, str] = {
    "full": "cannot be written: the disk is full, or a limit on the size of files is reached",
    "damaged": "is damaged",
    "busy": "is held by another process",
    "unreadable": "cannot be used",
}


def named(error: sqlite3.Error | UnicodeError, path: Path) -> JournalFault:
    """Return the fault that an error of SQLite is; both `SQLITE_FULL` and a failing write mean a full disk."""
    code = getattr(error, "sqlite_errorcode", None)
    kind: FaultKind = "unreadable"
    if code in _FULL:
        kind = "full"
    elif code is not None:
        kind = _PRIMARY.get(code & 0xFF, "unreadable")
    elif isinstance(error, sqlite3.DataError | UnicodeError):
        kind = "damaged"
    return JournalFault(kind, f"{path} {_WORDS[kind]} ({error})")
