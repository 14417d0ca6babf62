"""One thing that may be written at a cursor, and where such things come from: the tables of the language."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from msrun.dsl.infer.types import GENERICS, SCALARS
from msrun.dsl.kinds.spec import KindSpec, Maker, SettingSpec, Takes
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.kinds.testing import IN_TESTS
from msrun.dsl.values.filters import FILTERS

OfferKind: TypeAlias = Literal[
    "kind", "keyword", "setting", "value", "variable", "function", "model", "type", "field", "label", "filter",
    "module", "file", "constant",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """A word that may be written. `insert` is what is put in, where that is more than the word itself.

    `rank` orders offers before their names do: what fits best comes first.
    """

    label: str
    kind: OfferKind
    detail: str = ""
    about: str = ""
    insert: str = ""
    rank: int = 5


def kinds(place: Literal["file", "plan", "test"], *only: str) -> Iterator[Offer]:
    """Yield the kinds of statements that may stand at a place, all or these."""
    if place == "test":
        yield from (_kind(spec) for spec in IN_TESTS.values())
        return
    for spec in KINDS.values():
        if spec.at == place and not spec.later and (not only or spec.name in only):
            yield _kind(spec)


def _kind(spec: KindSpec) -> Offer:
    return Offer(spec.name, "kind", spec.help, f"```plan\n{spec.example}\n```" if spec.example else "", rank=4)


def words(*chosen: str, rank: int = 6) -> Iterator[Offer]:
    """Yield reserved words."""
    from msrun.dsl.assist.tables import CLAUSES

    return (Offer(word, "keyword", CLAUSES.get(word, ""), rank=rank) for word in chosen)


def settings(table: Iterable[SettingSpec], written: Iterable[str], rank: int = 5) -> Iterator[Offer]:
    """Yield the settings of a table that are not written yet."""
    from msrun.dsl.assist.hover import about_setting

    present = set(written)
    for spec in table:
        if spec.name not in present and not spec.later:
            takes = ", or ".join(each.words for each in spec.takes)
            first = 3 if spec.required else rank
            yield Offer(spec.name, "setting", takes, about_setting(spec), f"{spec.name}: ", first)


def taken(takes: Sequence[Takes], default: str = "") -> Iterator[Offer]:
    """Yield the options, constructors and constants that a value may be."""
    for each in takes:
        for option in each.options:
            yield Offer(option, "label", "default" if option == default else "", rank=1)
        if each.form == "bool":
            yield from (
                Offer(word, "constant", "default" if word == default else "", rank=1) for word in ("true", "false")
            )
        if each.form == "secret":
            yield Offer("secret", "function", "a secret by its name in the environment", insert='secret("', rank=1)
        yield from makers(each.makers)
        yield from taken(each.items)


def makers(table: Iterable[Maker]) -> Iterator[Offer]:
    """Yield constructors."""
    for maker in table:
        if not maker.later:
            yield Offer(maker.name, "function", maker.help, insert=f"{maker.name}(", rank=2)


def filters() -> Iterator[Offer]:
    """Yield the filters."""
    for entry in FILTERS.values():
        insert = f"{entry.name}(" if any(param.required for param in entry.params) else ""
        yield Offer(entry.name, "filter", entry.help, f"```plan\n… | {entry.example}\n```", insert)


def types() -> Iterator[Offer]:
    """Yield the built-in types."""
    yield from (Offer(name, "type", "built in", rank=6) for name in SCALARS)
    yield from (Offer(name, "type", "built in", insert=f"{name}<", rank=6) for name in GENERICS)
