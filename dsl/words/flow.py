"""Words of the findings about flow: circles, returns, bounds, secrets on their way out; and of the warnings."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0301": Entry(
        "`{name}` waits for itself: {path}", ("this circle never starts",), "let one of them read something else"
    ),
    "E0301/fragment": Entry(
        "the fragment `{name}` is made of itself: {path}", ("this circle never ends",), "write its text out once"
    ),
    "E0302": Entry("the plan `{name}` gives nothing back", ("has no `return`",), "return {last}"),
    "E0303": Entry(
        "this arm is never reached: `{name}` stands above", ("never reached", "taken here"), "remove one of the two"
    ),
    "E0303/else": Entry(
        "this arm is never reached", ("never reached", "`else` takes the rest"), "move `else` to the end"
    ),
    "E0303/return": Entry("a plan returns once", ("never reached", "the plan ends here"), "return [first, second]"),
    "E0304": Entry("nothing says where `{name}` ends", ("needs a `limit`",), "{kind} {name} limit 10"),
    "E0305/fragment": Entry(
        "`{name}` is a fragment: it is called, or applied to each item",
        ("named, not called", "defined here"),
        "{name}(…), or items | each({name})",
    ),
    "E0305/tool": Entry(
        "`{name}` is a tool: it is called by a node",
        ("named, not called", "defined here"),
        "call result from {name}(…)",
    ),
    "E0308": Entry(
        "a secret would stand in a prompt, and from there in journals and drawings",
        ("a secret",),
        'secrets belong in the settings of models and tools: key: secret("NAME")',
    ),
    "E0310/no_for": Entry(
        "`given` orders the items of a fan-out, and this node has no `for`",
        ("orders nothing",),
        "solve answers for step in steps given earlier as known",
    ),
    "W0401": Entry("nothing reads `{name}`", ("unused {kind}",), "remove it, or write above it: # allow W0401: reason"),
    "W0402": Entry("nothing uses `{name}`", ("unused {kind}",), "remove it, or write above it: # allow W0402: reason"),
    "W0403": Entry("nothing reads the input `{name}`", ("never read",), "remove it, or read it: {{ {name} }}"),
    "W0403/fragment": Entry(
        "the fragment `{owner}` does not use `{name}`", ("never read",), "remove it, or use it: {{ {name} }}"
    ),
    "W0404": Entry(
        "the prompt of `{name}` does not use what stands after `from`",
        ("only waited for", "the prompt"),
        "{{ {source} }}",
    ),
}
