"""Words of the findings about names that look alike, defaults twice, and draws that are all the same."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0113": Entry(
        "`{name}` has letters of several alphabets that look the same",
        ("`{letter}` is {script}, {code}",),
        "write it in one alphabet: {latin}",
    ),
    "E0113/other": Entry(
        "`{name}` has letters of several alphabets that look the same",
        ("`{letter}` is {script}, {code}",),
        "give it a name in one alphabet",
    ),
    "E0113/same": Entry(
        "`{name}` and `{other}` look the same and are two names",
        ("in other letters than the first", "the first one"),
        "write both in the same alphabet, or give one of them another name",
    ),
    "E0314": Entry(
        "all samples of `{name}` would be the same: nothing is drawn at temperature 0",
        ("several draws", "temperature 0 is said here"),
        "temperature: 0.8",
    ),
    "E0804": Entry(
        "a file has one `defaults`", ("said again here", "first said here"), "put all settings into the first one"
    ),
}
