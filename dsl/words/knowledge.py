"""Words of the findings about sessions, and about knowledge bases and what is retrieved from them."""

from msrun.dsl.words.entry import Entry

_MEANT = "did you mean `{near}`?"
_SESSION = "session {name} { state: State  history: 8  expires: 30min }"
_KNOWLEDGE = 'knowledge {name} = folder("docs/*.md")'

ENTRIES: dict[str, Entry] = {
    "E0101/knowledge": Entry("there is no knowledge base `{name}`", ("a knowledge base belongs here",), _MEANT),
    "E0101/knowledge/alone": Entry(
        "there is no knowledge base `{name}`", ("a knowledge base belongs here",), _KNOWLEDGE
    ),
    "E0101/session": Entry("there is no session `{name}`", ("a session belongs here",), _MEANT),
    "E0101/session/alone": Entry("there is no session `{name}`", ("a session belongs here",), _SESSION),
    "E0105/slot": Entry("the session `{session}` has no slot `{name}`", ("no such slot",), _MEANT),
    "E0105/slot/alone": Entry("the session `{session}` has no slot `{name}`", ("no such slot",), "its slots: {known}"),
    "E0202/knowledge": Entry(
        "`retrieve` searches a knowledge base, `{name}` is {what}",
        ("no knowledge base", "defined here"),
        "retrieve found from rules { query: question }",
    ),
    "E0202/query": Entry("`{name}` is looked for by a text, this is {got}", ("{got}",), "query: question"),
    "E0202/session": Entry(
        "`within` takes the name of a session, this is {what}", ("no session", "defined here"), "within chat"
    ),
    "E0202/slot": Entry("the slot `{name}` of `{session}` takes {wanted}, this is {got}", ("gives {got}",)),
    "E0202/slot_type": Entry(
        "the slot `{name}` stands before the name of its type", ("no type's name",), "{name}: State"
    ),
    "E0311": Entry(
        "`update` keeps a value for the next turn, and this plan is within no session",
        ("nothing keeps `{name}`",),
        "plan chat(message: text) -> text within support { … }",
    ),
    "E0311/read": Entry(
        "`session` is read, and this plan is within none",
        ("of which session?",),
        "plan chat(message: text) -> text within {session} { … }",
    ),
    "E0311/run": Entry(
        "`{name}` is within a session: a turn is a run of its own, not a part of one",
        ("run inside another plan", "within a session"),
        "let both run a plan that is within none",
    ),
    "E0312": Entry(
        "two nodes update the slot `{name}` in one turn",
        ("updated again here", "updated here"),
        "update it once, or in different arms of one `choose`",
    ),
    "E0312/again": Entry(
        "the slot `{name}` would be updated in every round",
        ("inside a loop",),
        "update it once, outside of the loop, with the loop's value",
    ),
    "E0508/files": Entry(
        "no file matches `{name}`", ("nothing to search in",), 'knowledge rules = folder("docs/**/*.md")'
    ),
    "E0508/folder": Entry("there is no folder `{folder}`", ("looked for here",), "folders there: {known}"),
    "E0508/outside": Entry(
        "the texts of a knowledge base lie in the plan's folder or below it",
        ("leads elsewhere",),
        'knowledge rules = folder("docs/*.md")',
    ),
}
