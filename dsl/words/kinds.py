"""Words of the findings about types, arguments and the values of settings."""

from msrun.dsl.words.entry import Entry

_MEANT = "did you mean `{near}`?"
_NULL = "`{got}` may be null here"

ENTRIES: dict[str, Entry] = {
    "E0201": Entry("there is no type `{name}`", ("not known",), _MEANT),
    "E0201/alone": Entry("there is no type `{name}`", ("not known",), "type {name} { text: text }"),
    "E0201/other": Entry("`{name}` is {what}, no type", ("a type belongs here", "defined here"), "write a type: text"),
    "E0201/parts": Entry("`{name}` needs the type of what it holds", ("of what?",), "{name}<text>"),
    "E0201/no_parts": Entry("`{name}` takes no other type in `<…>`", ("not taken",), "{name}"),
    "E0202": Entry("{wanted} is needed here, this is {got}", ("{got}",)),
    "E0202/argument": Entry("`{name}` of `{owner}` takes {wanted}, this is {got}", ("gives {got}",)),
    "E0202/backend": Entry("a model is made by its backend", ("no backend",), 'model small = ollama("qwen3:8b")'),
    "E0202/call": Entry(
        "`{name}` is {what}, and an expression calls only fragments",
        ("called here", "defined here"),
        "{how} result from {name}(…)",
    ),
    "E0202/compare": Entry("{left} and {right} can never be compared", ("{left} on one side, {right} on the other",)),
    "E0202/condition": Entry("a condition is true or false, this is {got}", ("{got}",), 'answer == "yes"'),
    "E0202/constant": Entry("{wanted} is needed here, written out", ("not that",)),
    "E0202/count": Entry("`{word}` takes a whole number, this is {got}", ("{got}",), "{word} 4"),
    "E0202/enum": Entry(
        "`classify` chooses among the labels of an enum, this is {got}", ("{got}",), "enum Topic { sport  other }"
    ),
    "E0202/filter": Entry("`{filter}` needs {wanted}", ("{got}",), "value | {example}"),
    "E0202/fragment": Entry(
        "`each` takes the name of a fragment",
        ("no fragment", "defined here"),
        'fragment line(item: text) = "- {{ item }}"',
    ),
    "E0202/index": Entry("{got} has no places to read by number or key", ("{got}",)),
    "E0202/model": Entry(
        "`using` takes the name of a model, this is {what}", ("no model", "defined here"), "using small"
    ),
    "E0202/name": Entry("{slot} takes {wanted}, `{name}` is {what}", ("{what}", "defined here")),
    "E0202/needs": Entry(
        "`given` takes `earlier` or a field of the item that names other items by their keys",
        ("{got}; the items are {item}",),
        "given earlier as known",
    ),
    "E0202/no_value": Entry("`{name}` is {what}, no value", ("a value belongs here", "defined here")),
    "E0202/number": Entry("`{op}` joins numbers, this is {got}", ("{got}",)),
    "E0202/ref": Entry("`ref` names a record by its key, `{shape}` is none", ("no record",), "type Step { id: key }"),
    "E0202/setting": Entry("{slot} takes {wanted}", ("not that",)),
    "E0202/text": Entry("a fragment is a text", ("no text",), 'fragment {name}(item: text) = "- {{ item }}"'),
    "E0202/tool": Entry(
        "`call` takes a tool, `{name}` is {what}",
        ("no tool", "defined here"),
        "call result from web(query: question)",
    ),
    "E0203": Entry(
        "`for` needs a list, `{name}` is {got}", ("{got}", "defined here"), "remove `for … in`, or use `samples 3`"
    ),
    "E0203/vote": Entry("`{kind}` needs a list, `{name}` is {got}", ("{got}",), "solve drafts from question samples 5"),
    "E0204": Entry(
        "{wanted} has fields that {got} has not", ("without {absent} of that type", "{wanted} needs {absent}")
    ),
    "E0205": Entry("{wanted} is needed here, and " + _NULL, ("may be null", "{wanted} is promised here"), "{example}"),
    "E0205/field": Entry(
        "`.{name}` is read, and " + _NULL, ("may be null",), "a condition on the node: when {example} != null"
    ),
    "E0205/filter": Entry("`{filter}` reads it, and " + _NULL, ("may be null",), "{example}"),
    "E0205/hole": Entry("a hole prints this, and " + _NULL, ("may be null",), "{{ {example} }}"),
    "E0206": Entry("`{owner}` needs {name}", ("is missing here",)),
    "E0206/filter": Entry("`{owner}` needs its argument `{name}`", ("is missing here",), "value | {example}"),
    "E0206/header": Entry("`{kind}` needs `{needed}`", ("is missing here",), "{example}"),
    "E0206/name": Entry("`{kind}` needs a name", ("is missing after this",), "{example}"),
    "E0206/prompt": Entry(
        "`{name}` gives the model nothing to work on: no prompt, no `from`, no `for`",
        ("asks nothing",),
        "{kind} {name} from question",
    ),
    "E0206/secret": Entry("a secret is called by its name", ("no name",), 'secret("OPENAI_API_KEY")'),
    "E0206/setting": Entry("`{owner}` needs the setting `{name}`", ("is missing here",)),
    "E0207": Entry("`{owner}` takes {count}, this is one more", ("one too many",), "remove it"),
    "E0207/name": Entry("`{owner}` has no parameter `{name}`", ("not known",), _MEANT),
    "E0207/name/alone": Entry("`{owner}` has no parameter `{name}`", ("not known",), "its parameters: {known}"),
    "E0207/twice": Entry("`{name}` of `{owner}` is given twice", ("given again here",), "remove one of the two"),
    "E0208": Entry(
        "nothing fills `{name}` of the fragment `{owner}`",
        ("the items are {got}", "defined here"),
        "a cell fills item, value, index and status; a record fills its fields",
    ),
    "E0209": Entry("the plan gives {wanted}, and this is {got}", ("{got}", "{wanted} is promised here")),
    "E0211": Entry("`{enum}` has no label `{name}`", ("not a label",), _MEANT),
    "E0211/alone": Entry("`{enum}` has no label `{name}`", ("not a label",), "its labels: {known}"),
    "E0213": Entry("no value lies between {low} and {high}", ("an empty range",), "[{high}..{low}]"),
    "E0213/count": Entry("`{word}` must be at least 1", ("none at all",), "{word} 1"),
    "E0213/nowhere": Entry("`{name}` takes no range", ("no range here",), "{name}"),
    "E0214": Entry(
        "`ref<{record}>` names records by their key, and `{record}` has none",
        ("refers to {record}", "has no field of type key"),
        "type {record} { id: key }",
    ),
    "E0215": Entry("this default is outside of {shape}", ("not within {shape}",)),
    "E0216": Entry("a hole prints text, and this is {got}", ("{got}",), "images: [photo]"),
    "E0217": Entry(
        "a `{name}` would have to hold a `{name}` without end: {path}",
        ("holds itself",),
        "make one field optional, or a list",
    ),
    "E0219": Entry("{slot} takes {wanted}", ("another unit",), "{key}: {example}"),
}
