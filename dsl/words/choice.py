"""Words of the findings about choosing among items: what `vote`, `pick` and `rank` compare, and what they weigh by."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0218": Entry(
        "`{kind}` compares numbers or texts, and this is {got}",
        ("{got}",),
        "by .mark, where the type says: type Draft { text: text  mark: float }",
    ),
    "E0218/same": Entry(
        "`by` reads nothing of an item, so none is better than another",
        ("one {got} for all of them",),
        "by .mark, or a list of marks: score marks for draft in drafts",
    ),
    "E0218/marks": Entry(
        "`{marks}` has a mark for every item of `{other}`, and `{source}` is another list",
        ("marks of another list", "made here"),
        "score marks for item in {source}",
    ),
    "E0218/ballot": Entry("`vote` counts values that print as text, and this is {got}", ("{got}",), "by .final"),
    "E0218/score": Entry(
        "`weight: score` adds up numbers, and `.score` of an item is {got}",
        ("{got}",),
        "type Draft { final: text  score: float[0..1] }",
    ),
    "E0218/logprob": Entry(
        "`weight: logprob` needs the draws of a node that asks a model, and `{name}` is none",
        ("no probability is known", "no node that asks a model"),
        "solve drafts from question samples 5",
    ),
}
