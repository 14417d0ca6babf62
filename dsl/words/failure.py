"""Words of the findings about what a node gives where its calls fail."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {}
