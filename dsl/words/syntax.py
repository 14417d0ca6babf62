"""Words of the findings about syntax."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {}
