"""What can be wrong with a journal, as data: a kind, a sentence, and what to do."""

from typing import Literal, TypeAlias

FaultKind: TypeAlias = Literal["full", "damaged", "newer", "busy", "taken", "unsafe", "unreadable", "absent"]
"""`busy`: another process runs it; `taken`: another process has taken it over; `unsafe`: this file system or SQLite
cannot keep the promise; `newer`: a later version of msrun wrote it; `absent`: there is no such run."""

HELP: dict[FaultKind, str] = {
    "full": "make room on the disk, then: msrun resume RUN",
    "damaged": "restore the file from a backup, or run the plan again with another --journal",
    "newer": "update msrun, or use another --journal",
    "busy": "wait until it ends; a process that hangs loses it after 30 s",
    "taken": "this process was thought dead and another one went on with the run: msrun runs",
    "unsafe": "put the journal on a local disk: --journal FILE",
    "unreadable": "choose another file: --journal FILE",
    "absent": "msrun runs",
}


class JournalFault(Exception):  # noqa: N818 - a fault is data of the journal
    """The journal cannot do what it promises, so nothing more may be paid for."""

    def __init__(self, kind: FaultKind, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the word shown
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.help = HELP[kind] if help is None else help
