"""Words of the findings about what a run may use up: its money, calls, tokens and time."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0101/limits": Entry(
        "`limits` bounds the run, a plan or a model, and there is no `{name}`",
        ("nothing of this name",),
        "did you mean `{near}`?",
    ),
    "E0101/limits/alone": Entry(
        "`limits` bounds the run, a plan or a model, and there is no `{name}`",
        ("nothing of this name",),
        "it bounds one of {known}",
    ),
}
