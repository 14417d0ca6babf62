"""Words of the findings about what stands between the braces of a statement."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0001/colon": Entry("`:` is missing after `{name}`", ("a setting of `{owner}`", "`:` belongs here"), "{name}: …"),
    "E0103/block": Entry(
        "`{name}` does not stand in the braces of `{owner}`, which hold settings only",
        ("cannot stand here",),
        "move it out of the braces",
    ),
}
