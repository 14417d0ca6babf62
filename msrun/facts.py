"""What a check may know of the world: the rows beside a plan, read when it asks for them, and this machine's memory."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msrun.dsl.cost.catalogue import Catalogue
    from msrun.dsl.facts import Asked, Checkpoint, Machine, RowsSeen


@dataclass(frozen=True, slots=True)
class FactsBeside:
    """The facts of the plans of one folder.

    data: whether rows are read. online: whether the machine is looked at: its environment, what is installed, models on
    its disk. profile: the one whose models will be opened. prices: a file of what models cost and can do.
    """

    root: Path
    data: bool = True
    online: bool = False
    profile: str | None = None
    prices: str | None = None
    environment: "Mapping[str, str]" = field(default_factory=lambda: os.environ)

    def rows(self, asked: "Asked") -> "RowsSeen | None":
        """Read what is asked for; see `msrun.dsl.facts.Facts`."""
        if not self.data:
            return None
        from msrun.trainers.facts import look

        return look(asked, self.root)

    def memory_bytes(self) -> int | None:
        """Return the machine's memory: training runs on its processors."""
        try:
            return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        except (OSError, ValueError):
            return None

    def machine(self) -> "Machine | None":
        """Return this machine, None where it is not to be looked at."""
        if not self.online:
            return None
        from msrun.backends.registry import backend_names
        from msrun.dsl.facts import Machine

        return Machine(
            secret=lambda name: bool(self.environment.get(name, "").strip()),
            backends=backend_names(),
            lacking=_lacking,
            checkpoint=self._checkpoint,
            profile=self.profile,
        )

    def catalogue(self) -> "Catalogue":
        """Return the catalogue that holds in this folder."""
        from msrun.prices import prices_here

        return prices_here(self.prices)

    def _checkpoint(self, name: str) -> "Checkpoint | None":
        from msrun.backends.model_files import described

        return described(name, self.root)


def _lacking(backend: str) -> "tuple[str, str] | None":
    from msrun.backends.registry import install_command, missing_packages

    absent = missing_packages(backend)
    return (", ".join(absent), install_command(backend)) if absent else None
