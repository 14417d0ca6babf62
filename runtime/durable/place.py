"""Where a journal may lie, and what of this machine a lease is measured by."""

import os
from pathlib import Path
from time import CLOCK_BOOTTIME, clock_gettime

from msrun.runtime.durable.fault import JournalFault

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MOUNTS = Path("/proc/self/mountinfo")

REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.s3fs"})
"""File systems whose locks are not known to hold between machines (sqlite.org/howtocorrupt.html, section 2.1)."""


def boot() -> str:
    """Return what names this boot of this machine; leases of another boot mean nothing. Empty where unknown."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def owner() -> str:
    """Return what names this process among all that ever ran here: boot, PID namespace, PID and its start time."""
    return f"{boot()} {_namespace()} {os.getpid()} {_start(os.getpid())}"


def dead(name: str) -> bool:
    """Whether the process of this name is surely gone. One of another PID namespace cannot be seen: its lease says."""
    parts = name.split(" ")
    if len(parts) != 4 or parts[0] != boot():
        return True
    _, namespace, pid, start = parts
    return namespace == _namespace() != "" and pid.isdecimal() and _start(int(pid)) != start


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _start(pid: int) -> str:
    """Return when a process started, in clock ticks since the boot (proc(5), stat field 22); empty where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(") ")[2].split()
    return "" if fields[:1] == ["Z"] else fields[19]


def uptime_s() -> float:
    """Return seconds that no clock setting moves, the same in every process of the machine, sleep counted."""
    return clock_gettime(CLOCK_BOOTTIME)


def refuse_remote(path: Path, mounts: Path = _MOUNTS) -> None:
    """Raise JournalFault of kind `unsafe` for a path on a network file system. Unknown ones are allowed."""
    kind = file_system(path, mounts)
    if kind in REMOTE:
        raise JournalFault(
            "unsafe", f"{path} lies on a network file system ({kind}), whose locks cannot be relied upon"
        )


def file_system(path: Path, mounts: Path = _MOUNTS) -> str:
    """Return the type of the file system that a path lies on (proc(5), mountinfo), empty where it is not known."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    target = path.resolve()
    best: tuple[int, str] = (-1, "")
    for line in lines:
        front, dash, back = line.partition(" - ")
        fields = front.split()
        if not dash or len(fields) < 5 or not back:
            continue
        point = Path(_unescaped(fields[4]))
        if target.is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), back.split()[0])
    return best[1]


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
