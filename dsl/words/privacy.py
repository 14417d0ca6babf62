"""Words of the findings about what must not leave: secrets and personal data, and the guards that keep them."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {}
