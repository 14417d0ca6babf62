"""Words of the findings about nodes with graphs inside: `choose`, `repeat`, `search` and plans that are run."""

from msrun.dsl.words.entry import Entry

_MEANT = "did you mean `{near}`?"
_CASE = 'choose reply: text { case urgent { return first }  else { return "later" } }'

ENTRIES: dict[str, Entry] = {
    "E0102/role": Entry(
        "the search `{name}` has one `{kind}`", ("written again here", "first written here"), "remove one of the two"
    ),
    "E0103/in_search": Entry("`{name}` stands inside a `search`", ("outside of any search",), "{example}"),
    "E0103/outcome": Entry("`{name}` does not stand directly in {owner}", ("cannot stand here",), "{example}"),
    "E0103/search": Entry("a search has no `{name}`", ("not known in a search",), _MEANT),
    "E0103/search/alone": Entry(
        "a search has no `{name}`", ("cannot stand here",), "a search has {known}: they propose steps and judge them"
    ),
    "E0104/bound": Entry(
        "`limit` bounds a plan that runs itself again, and `{plan}` does not", ("bounds nothing",), "remove it"
    ),
    "E0202/label": Entry("`case` takes {wanted} here", ("not that",)),
    "E0202/mark": Entry("the `score` of a search is one number, this is {got}", ("{got}",), "score value: float[0..1]"),
    "E0202/next": Entry(
        "`{name}` is {wanted} in every round, and the next one is {got}", ("{got}", "{wanted} is said here")
    ),
    "E0202/on": Entry(
        "`on` takes something that labels tell apart: an enum, texts, numbers, true or false; this is {got}",
        ("{got}",),
        _CASE,
    ),
    "E0202/plan": Entry(
        "`run` takes a plan, `{name}` is {what}", ("no plan", "defined here"), "run verdict from check(claim: answer)"
    ),
    "E0202/start": Entry("`{name}` is {wanted}, and it starts as {got}", ("{got}", "{wanted} is said here")),
    "E0202/step": Entry(
        "a step of `{name}` is {wanted}, and `expand` proposes {got}", ("{got}", "{wanted} is said here")
    ),
    "E0206/arms": Entry("`{name}` has nothing to choose from", ("needs `case` and `else`",), "{example}"),
    "E0206/expand": Entry("nothing proposes the steps of `{name}`", ("needs `expand`",), "expand step samples 3"),
    "E0206/result": Entry(
        "the plan `{name}` runs itself, so it must say what it gives",
        ("of what type?", "says no type"),
        "plan {name}(question: text) -> text { … }",
    ),
    "E0210": Entry(
        "the arms of `{name}` do not give the same: {wanted}, and here {got}",
        ("{got}", "{wanted}"),
        "write the type of all: choose {name}: {wanted}",
    ),
    "E0210/type": Entry("`{name}` is {wanted}, and this arm gives {got}", ("{got}", "{wanted} is said here")),
    "E0212": Entry("`{name}` has no arm for {absent}", ("leaves something out",), "case {labels} { return answer }"),
    "E0212/else": Entry("`{name}` has no arm for the rest", ("leaves something out",), "else { return answer }"),
    "E0302/arm": Entry("this arm of `{name}` gives nothing back", ("has no `return`",), "return {last}"),
    "E0303/again": Entry("{owner} has one `{word}`", ("never reached", "taken here"), "remove one of the two"),
    "E0303/always": Entry(
        "this arm is never reached", ("never reached", "always holds"), "move the arm that always holds to the end"
    ),
    "E0304/run": Entry(
        "nothing says how often `{plan}` may lead back to itself",
        ("needs a `limit`",),
        "run {name} from {plan}(…) limit 10",
    ),
    "E0305/plan": Entry(
        "`{name}` is a plan: it is run with its arguments",
        ("named, not run", "defined here"),
        "run result from {name}(…)",
    ),
    "E0306": Entry("the loop `{name}` has no `{word}`", ("needs `{word}`",), "{example}"),
    "E0307": Entry(
        "nothing in a round of `{name}` can change this: the loop ends at once, or at its `limit`",
        ("reads nothing of the loop", "the loop"),
        'read the value so far, or a node of the round: until {name} != ""',
    ),
}
