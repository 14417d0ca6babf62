"""Words of the findings about names."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {}
