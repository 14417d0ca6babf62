"""The findings in Chinese: the same entries with the same slots; what has no Chinese words yet is said in English."""

from msrun.dsl.words import entries
from msrun.dsl.words.entry import Entry
from msrun.dsl.words.zh import (
    alike,
    blocks,
    bodies,
    bounds,
    choice,
    failure,
    flow,
    kinds,
    knowledge,
    names,
    privacy,
    syntax,
    testing,
    training,
)

OWN: dict[str, Entry] = {
    **syntax.ENTRIES,
    **names.ENTRIES,
    **kinds.ENTRIES,
    **choice.ENTRIES,
    **failure.ENTRIES,
    **privacy.ENTRIES,
    **flow.ENTRIES,
    **blocks.ENTRIES,
    **alike.ENTRIES,
    **bodies.ENTRIES,
    **testing.ENTRIES,
    **bounds.ENTRIES,
    **training.ENTRIES,
    **knowledge.ENTRIES,
}

ENTRIES: dict[str, Entry] = {**entries("en"), **OWN}
