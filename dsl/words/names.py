"""Words of the findings about names: what is not defined, defined twice, or no kind, setting, field or filter."""

from msrun.dsl.words.entry import Entry

_MEANT = "did you mean `{near}`?"

ENTRIES: dict[str, Entry] = {
    "E0101": Entry("`{name}` is not defined", ("nothing here has this name",), _MEANT),
    "E0101/alone": Entry("`{name}` is not defined", ("nothing here has this name",), "known here: {known}"),
    "E0101/call": Entry("there is no fragment `{name}`", ("called here",), _MEANT),
    "E0101/call/alone": Entry(
        "there is no fragment `{name}`", ("called here",), 'fragment {name}(item: text) = "- {{ item }}"'
    ),
    "E0101/fragment": Entry("there is no fragment `{name}`", ("a fragment belongs here",), _MEANT),
    "E0101/fragment/alone": Entry(
        "there is no fragment `{name}`", ("a fragment belongs here",), 'fragment {name}(item: text) = "- {{ item }}"'
    ),
    "E0101/maker": Entry("`{name}` is none of the constructors known here", ("not known",), _MEANT),
    "E0101/maker/alone": Entry(
        "`{name}` is none of the constructors known here", ("not known",), "known here: {known}"
    ),
    "E0101/model": Entry("there is no model `{name}`", ("a model belongs here",), _MEANT),
    "E0101/model/alone": Entry(
        "there is no model `{name}`", ("a model belongs here",), 'model {name} = ollama("qwen3:8b")'
    ),
    "E0101/no_model": Entry(
        "`{kind}` asks a model, and this file declares none", ("needs a model",), 'model small = ollama("qwen3:8b")'
    ),
    "E0101/setting": Entry("`{name}` is not defined", ("{slot} takes {wanted}",), _MEANT),
    "E0101/setting/alone": Entry("`{name}` is not defined", ("{slot} takes {wanted}",), "known here: {known}"),
    "E0101/tool": Entry("there is no tool `{name}`", ("a tool belongs here",), _MEANT),
    "E0101/tool/alone": Entry(
        "there is no tool `{name}`",
        ("a tool belongs here",),
        'tool {name}(query: text) -> text = python("tools:{name}")',
    ),
    "E0101/which_model": Entry(
        "the file has several models, and nothing says which one `{name}` asks",
        ("needs `using`",),
        "{kind} {name} using {model}",
    ),
    "E0102": Entry(
        "`{name}` is defined twice", ("defined again here", "first defined here"), "give one of the two another name"
    ),
    "E0102/built_in": Entry(
        "`{name}` is a type of the language", ("cannot be defined again",), "give it another name: my_{name}"
    ),
    "E0103": Entry("`{name}` is no kind of statement", ("not known",), _MEANT),
    "E0103/alone": Entry("`{name}` is no kind of statement", ("not known",), "known here: {known}"),
    "E0103/later": Entry(
        "this version of msrun reads `{name}` and cannot run it yet",
        ("not yet",),
        "leave it out, or wait for the next version",
    ),
    "E0103/in_file": Entry(
        "`{name}` stands inside a plan", ("outside of any plan",), "plan ask(question: text) -> text { {name} … }"
    ),
    "E0103/in_plan": Entry(
        "`{name}` stands at the top of a file, not inside a plan", ("inside a plan",), "move it above the plan"
    ),
    "E0103/in_profile": Entry(
        "`{name}` cannot stand in a profile",
        ("not in a profile",),
        'profile prod { model small = openai("gpt-5-mini") }',
    ),
    "E0104": Entry("`{owner}` has no setting `{name}`", ("not known",), _MEANT),
    "E0104/alone": Entry("`{owner}` has no setting `{name}`", ("not known",), "its settings: {known}"),
    "E0104/later": Entry(
        "this version of msrun cannot keep `{name}` of `{owner}` yet, and ignores no setting",
        ("not yet",),
        "leave it out, or wait for the next version",
    ),
    "E0104/clause": Entry("`{kind}` takes no `{word}`", ("cannot stand here",), "it takes {known}"),
    "E0104/part": Entry("`{kind}` takes no `{part}`", ("cannot stand here",), "{example}"),
    "E0105": Entry("`{shape}` has no field `{name}`", ("not a field of `{shape}`",), _MEANT),
    "E0105/alone": Entry("`{shape}` has no field `{name}`", ("not a field of `{shape}`",), "its fields: {known}"),
    "E0105/list": Entry(
        "a list has no field `{name}`; its items may have", ("the value is {got}",), "{base} | map(.{name})"
    ),
    "E0105/none": Entry("`{got}` has no fields, so no `{name}`", ("the value is {got}",), "remove `.{name}`"),
    "E0106": Entry("there is no filter `{name}`", ("not known",), _MEANT),
    "E0106/alone": Entry("there is no filter `{name}`", ("not known",), "filters: {known}"),
    "E0107": Entry("`{name}` is no option of {slot}", ("not known",), _MEANT),
    "E0107/alone": Entry("`{name}` is no option of {slot}", ("not known",), "its options: {known}"),
    "E0108": Entry("there is no file `{name}`", ("nothing at this path",), _MEANT),
    "E0108/alone": Entry("there is no file `{name}`", ("nothing at this path",), "plan files here: {known}"),
    "E0108/path": Entry(
        "an import names a plan file by its path from here, and `{name}` is no such path",
        ("no relative path of a .plan file",),
        'import check from "lib/fact.plan"',
    ),
    "E0108/outside": Entry(
        "`{name}` leads out of the folder that imports are read from",
        ("outside of it",),
        "move the file into the folder of the plan",
    ),
    "E0108/unreadable": Entry(
        "`{name}` cannot be read: {why}", ("not readable",), "put the file itself into the folder of the plan"
    ),
    "E0109": Entry(
        "files that import each other in a circle have no beginning: {path}",
        ("the circle is entered here",),
        "move what both need into a third file",
    ),
    "E0110": Entry("`{path}` has no `{name}` to import", ("not declared there",), _MEANT),
    "E0110/alone": Entry("`{path}` has no `{name}` to import", ("not declared there",), "it declares {known}"),
    "E0110/kind": Entry(
        "`{name}` of `{path}` is {what}, which cannot be imported",
        ("{what}",),
        "types, enums, fragments, tools, models, plans and params can",
    ),
    "E0111": Entry(
        "`.{name}` reads the item at hand, and here is none",
        ("no item here",),
        "write the value in front: `answer.{name}`",
    ),
    "E0112": Entry(
        "`{name}` is already the name of {what} of this plan",
        ("hides it within this node", "first defined here"),
        "give it another name",
    ),
    "E0803": Entry("the profile `{profile}` replaces the {what} `{name}`, and there is none", ("not known",), _MEANT),
    "E0803/alone": Entry(
        "the profile `{profile}` replaces the {what} `{name}`, and there is none",
        ("not known",),
        "it may replace {known}",
    ),
}
