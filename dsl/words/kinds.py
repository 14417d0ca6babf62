"""Words of the findings about typing_."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {}
