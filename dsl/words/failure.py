"""Words of the findings about what a node gives where its calls fail, or where a guard denies a text."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0313": Entry("nothing says what `{name}` falls back to", ("to what?",), "on_error: fallback  fallback: …"),
    "E0313/idle": Entry(
        "`{name}` has a fallback and never takes it", ("never taken", "takes something else"), "on_error: fallback"
    ),
    "E0313/defaults": Entry(
        "`defaults` cannot know what every node falls back to", ("of every node",), "on_error: skip"
    ),
    "E0313/skips_none": Entry(
        "`max_skipped` counts what was skipped, and `{name}` skips no cell and no draw",
        ("counts nothing",),
        "solve answers for part in parts { on_error: skip  max_skipped: 20% }",
    ),
    "E0313/deny": Entry(
        "nothing says what stands in the place of a text that `{name}` denies",
        ("and then?",),
        'on_deny: "I cannot answer that."',
    ),
    "E0313/denies_nothing": Entry(
        "`{name}` denies nothing, so this text is never taken",
        ("never taken",),
        'deny: moderation("en-default")',
    ),
    "E0313/otherwise": Entry(
        "nothing says which label `{name}` takes where the model is not sure",
        ("and then?",),
        "min_confidence: 0.6  otherwise: other",
    ),
    "E0313/sure": Entry(
        "`{name}` says nothing about how sure the model must be, so this is never taken",
        ("never taken",),
        "min_confidence: 0.6",
    ),
    "E0313/draws": Entry(
        "`{name}` draws replies of its own to be sure, and `samples` would draw each of them again",
        ("draws too", "draws here"),
        "confidence: logprob",
    ),
    "E0202/examples": Entry(
        "an example is a text and its label, written out",
        ("no such example",),
        'examples: [{text: "…", label: {label}}]',
    ),
    "E0206/file": Entry("`file` takes the path of a text", ("which?",), 'prompt: file("prompts/solve.md")'),
    "E0508/text": Entry(
        "there is no text `{name}`", ("looked for from the plan's folder",), "write it there, or correct the path"
    ),
    "E0508/text_path": Entry(
        "a text is a .md or .txt file in the plan's folder or below it",
        ("not such a path",),
        'prompt: file("prompts/solve.md")',
    ),
    "E0508/text_broken": Entry("`{name}` cannot be read: {why}", ("not readable",)),
}
