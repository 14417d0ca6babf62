"""The words of the language by what they are, for highlighters: all of them are made from this one list."""

from dataclasses import dataclass

from msrun.dsl.infer.types import GENERICS, SCALARS
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.syntax.tokens import RESERVED
from msrun.dsl.values.filters import FILTERS

CONSTANTS = frozenset({"true", "false", "null"})


@dataclass(frozen=True, slots=True)
class Words:
    """Each group in alphabetical order."""

    kinds: tuple[str, ...]
    keywords: tuple[str, ...]
    constants: tuple[str, ...]
    types: tuple[str, ...]
    filters: tuple[str, ...]


def wordlist() -> Words:
    """Return the words of this version of the language."""
    return Words(
        kinds=tuple(sorted(KINDS)),
        keywords=tuple(sorted(RESERVED - CONSTANTS)),
        constants=tuple(sorted(CONSTANTS)),
        types=tuple(sorted((*SCALARS, *GENERICS))),
        filters=tuple(sorted(FILTERS)),
    )
