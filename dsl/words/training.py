"""Words of the findings about training: data, objectives, heads, sizes, lineage and gates."""

from msrun.dsl.words.entry import Entry

_MEANT = "did you mean `{near}`?"
_NO_LABEL = "row {row} of {source} (line {line}) has the label `{name}`, which `{enum}` has not"
_PLACES = "{places} positions"

ENTRIES: dict[str, Entry] = {
    "E0101/arm": Entry("there is no model `{name}` to put another in place of", ("no model",), _MEANT),
    "E0101/arm/alone": Entry(
        "there is no model `{name}` to put another in place of", ("no model",), "the models are: {known}"
    ),
    "E0102/either": Entry(
        "`{name}` and `{other}` both say how long it is trained",
        ("a second length", "the first one"),
        "remove one of the two",
    ),
    "E0104/maker": Entry("`{name}` is of no use to `{owner}`", ("not for `{owner}`",), "it belongs to {known}"),
    "E0105/figure": Entry("`{owner}` measures no `{name}`", ("not measured",), _MEANT),
    "E0105/figure/alone": Entry("`{owner}` measures no `{name}`", ("not measured",), "its figures: {known}"),
    "E0105/part": Entry("`{owner}` has no part `{name}`", ("not a part",), _MEANT),
    "E0105/part/alone": Entry("`{owner}` has no part `{name}`", ("not a part",), "its parts: {known}"),
    "E0105/unsplit": Entry(
        "`{owner}` is not split, so it has no part `{name}`",
        ("no part", "not split"),
        "split: {train: 90%, test: 10%}",
    ),
    "E0202/heads": Entry(
        "a width of {hidden} cannot be divided among {heads} heads", ("does not divide {hidden}",), "heads: 4"
    ),
    "E0202/even": Entry(
        "each of {heads} heads would be an odd part of a width of {hidden}, and rotary positions turn pairs",
        ("an odd width each",),
        "heads: 4",
    ),
    "E0206/either": Entry(
        "`{owner}` needs the setting `{name}` or `{other}`: how long it is trained", ("is missing here",), "steps: 10k"
    ),
    "E0206/part": Entry(
        "`{name}` is split, and it is not said which part is meant",
        ("which part?", "split here"),
        "write one of {known}",
    ),
    "E0508/data": Entry(
        "there is no file `{name}` below the folder of the plan", ("not there",), "put it there, or mend the path"
    ),
    "E0508/broken": Entry("`{name}` cannot be read: {why}", ("not readable",)),
    "E0701": Entry(_NO_LABEL, ("must hold every label", "its labels"), _MEANT),
    "E0701/alone": Entry(_NO_LABEL, ("must hold every label", "its labels"), "its labels: {known}"),
    "E0701/more": Entry(
        "{source} has {count} further labels that `{enum}` has not", ("must hold every label", "its labels")
    ),
    "E0702": Entry(
        "no row of {source} has the label `{name}`, so it cannot be learnt",
        ("a label without rows", "its labels"),
        "add rows with it, or take it out of the enum",
    ),
    "E0703": Entry(
        "the model is to choose among `{enum}`, and `{name}` has labels of `{labels}`",
        ("{enum}", "{labels}"),
        "head: classify({labels})",
    ),
    "E0703/none": Entry(
        "the model is to choose among `{enum}`, and `{name}` does not say that its labels are that",
        ("learns labels", "has none"),
        "labels: {enum}",
    ),
    "E0703/labels": Entry(
        "a head `{head}` learns no labels, and the data has labels of `{enum}`",
        ("no labels", "{enum}"),
        "head: classify({enum})",
    ),
    "E0703/corpus": Entry(
        "a head `{head}` learns from rows, and `{name}` is raw text",
        ("no rows", "raw text"),
        'dataset rows = jsonl("data/rows.jsonl")',
    ),
    "E0703/figure": Entry(
        "`{name}` cannot be measured of `{model}`, whose answers are of another kind",
        ("another kind", "what it is made for"),
        "report: [{near}]",
    ),
    "E0704": Entry(
        "`{name}` needs a model that reads both ways, and `{arch}` reads left to right",
        ("reads both ways", "reads left to right"),
        "objective: clm()",
    ),
    "E0704/clm": Entry(
        "`clm` would show the model the token it is to foretell: `{arch}` reads both ways",
        ("reads left to right", "reads both ways"),
        "objective: mlm(mask: 15%)",
    ),
    "E0704/generate": Entry(
        "`{arch}` reads both ways, and such a model writes no text",
        ("writes text", "reads both ways"),
        "head: classify(Topic)",
    ),
    "E0704/head": Entry(
        "a head `{head}` has its own objective, `{name}` is another",
        ("another objective", "has its own"),
        "remove `objective`",
    ),
    "E0704/roberta": Entry(
        "`roberta` has no place for the answer of `nsp`", ("needs a pair head", "has none"), "objective: mlm(mask: 15%)"
    ),
    "E0704/rows": Entry(
        "`nsp` learns which sentence follows, and rows of `{name}` are single texts",
        ("needs documents", "rows"),
        'corpus news = files("data/*.txt") { sentences: split(".!?") }',
    ),
    "E0704/sentences": Entry(
        "`nsp` learns which sentence follows, and `{name}` does not say where sentences end",
        ("needs sentences", "no sentences"),
        'sentences: split(".!?")',
    ),
    "E0705": Entry(
        "`{name}` is not the tokenizer that `{base}` was trained with",
        ("another tokenizer", "the base's own"),
        "tokenizer: {near}",
    ),
    "E0706": Entry(
        "`mlm` hides tokens behind a mask token, and `{name}` has none",
        ("needs a mask token", "{kind} has none"),
        "tokenizer {name} = wordpiece(news) { vocab: 8k }",
    ),
    "E0707": Entry(
        "`{name}` may have {tokens} tokens, and the embedding has {rows} rows",
        ("{rows} rows", "{tokens} tokens"),
        "vocab: {tokens}",
    ),
    "E0708": Entry(
        "sequences of {length} tokens do not fit into `{name}`", ("{length} tokens", _PLACES), "length: {places}"
    ),
    "E0708/tokenizer": Entry(
        "sequences of {length} tokens do not fit into `{name}`", ("{length} tokens", _PLACES), "positions: {places}"
    ),
    "E0709": Entry("the parts overlap: their shares add up to {total}", ("more than all rows",), "{example}"),
    "E0709/empty": Entry("the part `{name}` gets no row", ("no rows",), "give it a share above 0%"),
    "E0709/short": Entry(
        "some rows are in no part: the shares add up to {total}", ("less than all rows",), "{example}"
    ),
    "E0710": Entry("{source} has no column `{name}`", ("not a column",), "did you mean `.{near}`?"),
    "E0710/alone": Entry("{source} has no column `{name}`", ("not a column",), "its columns: {known}"),
    "E0710/role": Entry(
        "nothing of {source} is called `{name}`, which is learnt from here",
        ("needs `{name}`", "names no column for it"),
        "say which column it is, `{name}: .column`, out of {known}",
    ),
    "E0710/row": Entry(
        "row {row} of {source} (line {line}) has no column `{name}`", ("not in every row",), "give the row that column"
    ),
    "E0711": Entry(
        "`{model}` has learnt from the rows it is measured on",
        ("measured on {data}", "learnt from {learnt} here"),
        "measure it on {near}",
    ),
    "E0711/alone": Entry(
        "`{model}` has learnt from the rows it is measured on",
        ("measured on {data}", "learnt from {learnt} here"),
        "split: {train: 90%, test: 10%}",
    ),
    "E0711/source": Entry(
        "`{data}` and `{learnt}`, which `{model}` has learnt from, are cut from the same source in different ways",
        ("may hold the same rows", "learnt from here"),
        "declare it once, and name its parts",
    ),
    "E0712": Entry('`{arch}` has no matrix "{name}"', ("not a matrix",), 'did you mean "{near}"?'),
    "E0712/alone": Entry('`{arch}` has no matrix "{name}"', ("not a matrix",), "its matrices: {known}"),
    "E0713": Entry(
        "two stages would write to `{name}`", ("written again here", "written here"), "give each a folder of its own"
    ),
    "E0714": Entry(
        "training `{name}`, {count} billion numbers, takes at least {least} GiB, and there are {there} GiB here",
        ("too large for this device",),
        "make it smaller, or train it elsewhere",
    ),
    "E0715": Entry(
        "`{name}` has no seed, so nobody can make the same model again", ("every draw is another",), "seed: 7"
    ),
    "E0716": Entry(
        "`{name}` is used whatever `{gate}` says of it", ("may not have passed", "what it must pass"), "{example}"
    ),
    "E0716/itself": Entry(
        "`{name}` asks `{model}`, which waits for `{name}` to pass",
        ("waits for it", "asks the model"),
        "measure what was trained, not the model made of it",
    ),
    "E0716/open": Entry(
        "`{name}` requires nothing, so it is no gate", ("not a gate", "without a rule"), "require: .accuracy >= 0.9"
    ),
    "E0716/other": Entry(
        "`{name}` says nothing about `{model}`",
        ("measures another model", "made of {model}"),
        "name an evaluation of it",
    ),
}
