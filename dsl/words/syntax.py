"""Words of the findings about syntax."""

from msrun.dsl.words.entry import Entry

ENTRIES: dict[str, Entry] = {
    "E0001": Entry("{found} cannot stand here", ("expected {expected}",)),
    "E0001/instead": Entry("{found} stands where `{wanted}` is needed", ("write `{wanted}` here",)),
    "E0001/missing": Entry("`{sign}` is missing after {before}", ("`{sign}` belongs here",), "`{line}`"),
    "E0001/extra": Entry("{found} is one too many", ("remove this",), "`{line}`"),
    "E0001/closes_nothing": Entry(
        "this `{sign}` closes nothing", ("no `{` is open here",), "remove it, or open the block it was meant to end"
    ),
    "E0001/character": Entry("`{char}` means nothing in a plan", ("remove this",), 'text stands in quotes: "{char}"'),
    "E0001/semicolon": Entry(
        "nothing ends with `;` in a plan", ("remove this",), "begin each setting and statement on its own line"
    ),
    "E0001/comparison": Entry("comparisons cannot be chained", ("a second comparison",), "`low < n and n < high`"),
    "E0001/escape": Entry(
        "`{escape}` is no escape",
        ("unknown after `\\`",),
        r"""use \n \t \" \\ or \u{1F600}; for `\` itself write `\\`, or use raw"…" """.strip(),
    ),
    "E0001/number": Entry("this number is too large", ("over 40 digits or past the largest float",), "`1e9`"),
    "E0001/hole_here": Entry(
        "this text must be known before the run, so it cannot have a hole",
        ("hole in a fixed text",),
        'put raw before the quotes to keep the braces: raw"{{ … }}"',
    ),
    "E0001/deep": Entry(
        "brackets nest more than {limit} deep", ("one too deep",), "give the inner part a name of its own with `let`"
    ),
    "E0001/long": Entry(
        "this expression has more than {limit} operators", ("one too many",), "give parts of it names with `let`"
    ),
    "E0001/text_size": Entry(
        "this text is longer than {limit} characters", ("begins here",), 'read it from a file: file("prompts/x.md")'
    ),
    "E0001/file_size": Entry(
        "this file has {size} characters; a plan may have {limit}", (), 'split it, and use `import "part.plan" as part`'
    ),
    "E0001/many": Entry("more than {limit} mistakes", ("the next one is here",), "mend those above first"),
    "E0002": Entry("this `{sign}` is never closed", ("opened here", "`{closer}` belongs here")),
    "E0003": Entry(
        "this text is never closed",
        ("the quotes open here",),
        'end it with `"` on the same line; a text over several lines stands in `"""`',
    ),
    "E0003/block": Entry(
        "this text is never closed", ("the quotes open here",), 'put `"""` alone on the line after its last line'
    ),
    "E0004": Entry(
        "`{word}` is a word of the language and cannot be a name",
        ("this needs another name",),
        "`my_{word}`",
    ),
    "E0005": Entry("`{word}` stands twice in this header", ("again here", "first here"), "remove one of the two"),
    "E0006": Entry("`{word}` has no value", ("a value is missing after this",), "write a value, or remove `{word}`"),
    "E0006/type": Entry("`{word}` has no type", ("a type is missing after this",), "`text`"),
    "E0006/name": Entry("a name is missing after `{word}`", ("a name belongs after this",), "`{word} answer`"),
    "E0010": Entry(
        "this hole is never closed", ("opens here",), "close it with `}}`; a single `{` is just a brace in a text"
    ),
    "E0011": Entry("this hole is empty", ("nothing between the braces",), "write a name in it, or remove it"),
    "E0012": Entry(
        "this hole is not an expression: {found} cannot stand here",
        ("expected {expected}",),
        "a hole holds one name or expression, and filters",
    ),
    "E0012/record": Entry(
        "this hole is not an expression",
        ("doubled braces make a hole",),
        "single braces are plain text in a plan: `{single}`",
    ),
    "E0013": Entry('the closing `"""` does not stand alone', ("put it on a line of its own",)),
    "E0013/open": Entry('text stands on the line of the opening `"""`', ("begin the text on the next line",)),
    "E0013/line": Entry(
        'a text in `"""` has lines of its own', ("opens and closes on one line",), 'for one line use `"…"`'
    ),
    "E0014": Entry(
        "this line stands left of the text's margin",
        ("left of the margin", 'the column of the closing `"""` is the margin'),
        'move the line to the right, or the closing `"""` to the left',
    ),
    "E0014/mixed": Entry(
        "this line is indented by other characters than the text's margin",
        ("tabs here, spaces there, or the reverse", "the margin is measured here"),
        "indent both with spaces",
    ),
    "E0015": Entry(
        "an invisible character ({char}) stands here",
        ("you cannot see it, but it is read",),
        'remove it; where a text needs it, write it as an escape: "\\u{{hex}}"',
    ),
    "E0016": Entry("`{char}` looks like `{sign}`, but is another character", ("write `{sign}`",)),
    "E0016/quote": Entry("texts stand in straight double quotes, not in `{char}`", ('write `"`',)),
    "E0017": Entry("this file is not UTF-8", ("the first byte that does not fit: {byte}",), "save it again as UTF-8"),
    "E0006/for": Entry("`for` has nothing to go over", ("a value is missing after this",), "`for step in steps`"),
    "E0006/in": Entry("`in` has no list after it", ("a value is missing after this",), "`for step in steps`"),
    "E0006/from": Entry("`from` has no value", ("a value is missing after this",), "`from question`"),
    "E0006/given": Entry("`given` has no value", ("a value is missing after this",), "`given earlier as known`"),
    "E0006/using": Entry("`using` has no model", ("a model is missing after this",), "`using small`"),
    "E0006/when": Entry("`when` has no condition", ("a condition is missing after this",), "`when count(items) > 1`"),
    "E0006/on": Entry("`on` has no value", ("a value is missing after this",), "`on intent`"),
    "E0006/by": Entry("`by` has no key", ("a key is missing after this",), "`by .score`"),
    "E0006/keep": Entry("`keep` has no number", ("a number is missing after this",), "`keep 3`"),
    "E0006/limit": Entry("`limit` has no number", ("a number is missing after this",), "`limit 4`"),
    "E0006/samples": Entry("`samples` has no number", ("a number is missing after this",), "`samples 5`"),
    "E0006/within": Entry("`within` has no session", ("a session is missing after this",), "`within chat`"),
    "E0006/as": Entry("`as` has no name", ("a name is missing after this",), "`as known`"),
}
