"""Words of the findings about tests in the file: mocks, runs and what is expected of them."""

from msrun.dsl.words.entry import Entry

_MEANT = "did you mean `{near}`?"

ENTRIES: dict[str, Entry] = {
    "E0101/plan": Entry("there is no plan `{name}`", ("a plan belongs here",), _MEANT),
    "E0101/plan/alone": Entry("there is no plan `{name}`", ("a plan belongs here",), "its plans: {known}"),
    "E0103/in_test": Entry("`{name}` stands inside a test", ("outside of any test",), "test it { {example} }"),
    "E0103/test": Entry("a test has no `{name}`", ("not known in a test",), _MEANT),
    "E0103/test/alone": Entry("a test has no `{name}`", ("cannot stand here",), "a test has {known} and `expect`"),
    "E0202/mock": Entry("a mock is made of `replies`", ("no replies",), 'mock {name} = replies("a text", {a: 1})'),
    "E0202/of_node": Entry("the replies for one node are a list", ("no list",), 'replies({name}: ["first", "second"])'),
    "E0202/run": Entry("a test runs a plan with its arguments", ("no call of a plan",), "run out from {example}"),
    "E0805": Entry("there is no model `{name}` to stand in for", ("no model",), _MEANT),
    "E0805/alone": Entry("there is no model `{name}` to stand in for", ("no model",), "the models are: {known}"),
    "E0805/asked": Entry("`{owner}` takes a model, and there is no model `{name}`", ("no model",), _MEANT),
    "E0805/asked/alone": Entry(
        "`{owner}` takes a model, and there is no model `{name}`", ("no model",), "the models are: {known}"
    ),
    "E0805/node": Entry("no plan of this test has a node `{name}` that asks `{model}`", ("no such node",), _MEANT),
    "E0805/node/alone": Entry(
        "no plan of this test has a node `{name}` that asks `{model}`", ("no such node",), "nodes that do: {known}"
    ),
    "E0805/other": Entry(
        "`{name}` is {what}, and a mock stands in for a model", ("no model", "defined here"), "mock small = replies(…)"
    ),
    "E0806": Entry(
        "calls to `{model}` that are certain here: {calls}; replies in its mock: {count}",
        ("too few", "first asks it here"),
        'add a reply at the end: replies(…, "…")',
    ),
    "W0406": Entry(
        "the test `{name}` expects nothing, so it can only fail where a run does", ("no `expect`",), "expect {example}"
    ),
    "W0407": Entry(
        "no run of this test asks `{name}`", ("unused mock",), "remove it, or write above it: # allow W0407: reason"
    ),
}
