"""Words of the findings about flow."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {}
