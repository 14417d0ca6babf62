"""When a session was last used, so that its age can be told in another process, and after a clock was set."""

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment: of the wall clock, and as seconds since this machine was started (`boot` names that start).

    Within one start of the machine ages are told by the second, which nobody can set; `boot` is empty where the
    system does not tell, and then the wall clock decides.
    """

    wall_s: float
    boot: str = ""
    up_s: float = 0.0


def instant() -> Instant:
    """Return the present moment."""
    boot = _boot()
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # goes on while the machine sleeps; Linux has it
    if not boot or clock is None:
        return Instant(time.time())
    return Instant(time.time(), boot, time.clock_gettime(clock))


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
