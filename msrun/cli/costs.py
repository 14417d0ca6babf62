"""What the plans of checked files will take: tables for a person, values for a program."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msrun.cli.output import write

if TYPE_CHECKING:
    from msrun.dsl.cost.share import Cost
    from msrun.dsl.plan import Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How costs are asked for: the profile, what a text without a bound counts as, the file of prices."""

    profile: str | None = None
    texts: int | None = None
    prices: str | None = None


def tell(modules: "Sequence[Module]", wanted: Wanted) -> None:
    """Write a table for every plan."""
    from msrun.dsl.cost.table import table

    write("\n\n".join(table(cost) for _, cost in _costs(modules, wanted)))


def objects(modules: "Sequence[Module]", wanted: Wanted) -> list[dict[str, Any]]:
    """Return every plan's cost as plain values."""
    from msrun.dsl.cost.table import objects as of

    return [{"file": file, **of(cost)} for file, cost in _costs(modules, wanted)]


def _costs(modules: "Sequence[Module]", wanted: Wanted) -> "Iterator[tuple[str, Cost]]":
    from msrun.config import read_config
    from msrun.dsl.cost.estimate import estimate
    from msrun.overrides import use_profile
    from msrun.prices import prices_here

    catalogue, width = prices_here(wanted.prices), read_config(Path.cwd()).width
    for module in modules:
        chosen = module if wanted.profile is None else use_profile(module, wanted.profile)
        for plan in chosen.plans:
            yield module.file, estimate(plan, catalogue, text_tokens=wanted.texts, width=width)
