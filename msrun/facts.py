"""What a check may know of the world: the rows beside a plan, read when it asks for them, and this machine's memory."""

import os
from dataclasses import dataclass
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msrun.dsl.facts import Asked, RowsSeen


@dataclass(frozen=True, slots=True)
class FactsBeside:
    """The facts of the plans of one folder."""

    root: Path

    def rows(self, asked: "Asked") -> "RowsSeen | None":
        """Read what is asked for; see `msrun.dsl.facts.Facts`."""
        from msrun.trainers.facts import look

        return look(asked, self.root)

    def memory_bytes(self) -> int | None:
        """Return the machine's memory: training runs on its processors."""
        try:
            return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        except (OSError, ValueError):
            return None
