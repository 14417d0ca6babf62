"""Facts for the checks of test plans: the rows beside them, and a device whose memory is the same everywhere."""

from dataclasses import dataclass
from pathlib import Path

from msrun.dsl.facts import Asked, RowsSeen
from msrun.trainers.facts import look


@dataclass(frozen=True, slots=True)
class FactsOfTests:
    """Reads rows below `root`, as `msrun check` does."""

    root: Path

    def rows(self, asked: Asked) -> RowsSeen | None:
        return look(asked, self.root)

    def memory_bytes(self) -> int | None:
        return 64 * 1024**3
