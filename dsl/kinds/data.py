"""The tables of what models learn from: `corpus` (raw text), `dataset` (rows) and `tokenizer` (how text is cut)."""

from msrun.dsl.kinds.spec import (
    BOOL,
    FRACTION,
    RULE,
    TEXT,
    KindSpec,
    Maker,
    SettingSpec,
    Takes,
    listed,
    made,
    mapped,
    named,
    option,
    whole,
)

PLAIN = (Takes(form="plain"),)
FILE = (TEXT,)
DATA = named("dataset", "corpus")
HASH = made(Maker(name="hash", args=(RULE,), help="a row's part is decided by the hash of a column"))
EXACT = made(Maker(name="exact", args=(RULE,), optional=1, help="rows that are equal, or equal in a column"))
HUB = Maker(
    name="hub",
    args=FILE,
    named=(
        SettingSpec(name="name", takes=TEXT, help="its configuration"),
        SettingSpec(name="split", takes=TEXT, default='"train"', help="its part"),
        SettingSpec(name="revision", takes=TEXT, help="the commit that is read, so that it stays the same"),
    ),
    help="a data set of the Hugging Face hub",
)

CORPUS = KindSpec(
    name="corpus",
    family="training",
    at="file",
    help="raw text to learn from",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        SettingSpec(name="sentences", takes=made(Maker(name="split", args=(TEXT,))), help="what ends a sentence"),
        SettingSpec(name="holdout", takes=FRACTION, help="share kept for evaluation"),
        SettingSpec(
            name="documents",
            takes=option("files", "paragraphs"),
            default="files",
            help="whether a file is one document, or every part of it between blank lines",
            only=("files",),
        ),
        SettingSpec(name="column", takes=RULE, help="the column that holds the text", only=("hub",)),
        SettingSpec(name="limit", takes=whole(), help="the most documents to read"),
    ),
    makers=(Maker(name="files", args=FILE, help="text files that a pattern names"), HUB),
    example='corpus news = files("data/*.txt")',
)

ROLES = (
    ("input", "what goes in"),
    ("output", "what must come out"),
    ("text", "a text"),
    ("label", "its label"),
    ("id", "a key of the row"),
    ("chosen", "the better reply"),
    ("rejected", "the worse reply"),
)
"""Settings of a dataset that name the column which a stage reads under this name, and what it holds."""

JOURNAL_COLUMNS = (
    *("run", "plan", "node", "item", "sample", "model", "prompt", "value", "error"),
    *("plan_score", "logprob", "cost", "seconds"),
)
"""What is known of a call that a run made: the columns of `journal(…)`."""

DATASET = KindSpec(
    name="dataset",
    family="training",
    at="file",
    help="rows to learn from or to be measured on",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        *(SettingSpec(name=role, takes=RULE, help=f"the column that holds {what}") for role, what in ROLES),
        SettingSpec(name="labels", takes=named("enum"), help="the enum that labels must belong to"),
        SettingSpec(name="split", takes=mapped(*FRACTION, *HASH), help="parts by share: {train: 90%, test: 10%}"),
        SettingSpec(name="where", takes=RULE, help="rows to keep"),
        SettingSpec(name="dedup", takes=(*option("exact"), *EXACT), help="equal rows are kept once"),
        SettingSpec(name="limit", takes=whole(), help="the most rows to read"),
    ),
    makers=(
        Maker(name="python", args=FILE, open_named=PLAIN, help='a generator: python("module:function", rows: 400k)'),
        *(Maker(name=name, args=FILE, help=f"a {name} file") for name in ("jsonl", "csv", "text", "parquet")),
        HUB,
        Maker(
            name="journal",
            args=((*named("batch"), *TEXT),),
            named=(SettingSpec(name="node", takes=TEXT, help="the node whose calls are the rows"),),
            help="the calls of runs",
        ),
    ),
    example='dataset rows = jsonl("data/rows.jsonl")',
)

LEARNT = ("wordpiece", "bpe", "unigram")
"""Tokenizers whose pieces are learnt from data."""

TOKENIZER = KindSpec(
    name="tokenizer",
    family="training",
    at="file",
    help="how text becomes tokens",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        SettingSpec(name="pieces", takes=listed(*TEXT), help="texts that are one token each"),
        SettingSpec(
            name="min_count",
            takes=whole(),
            default="1",
            help="what is seen less often is no token of its own",
            only=("chars", "wordpiece", "bpe"),
        ),
        SettingSpec(name="positions", takes=whole(2), help="the longest sequence, in tokens"),
        SettingSpec(name="vocab", takes=whole(), help="size of the vocabulary", only=LEARNT),
        SettingSpec(name="lowercase", takes=BOOL, default="false", help="large letters become small", only=LEARNT),
    ),
    makers=(
        Maker(name="chars", args=(DATA,), help="single characters"),
        *(Maker(name=name, args=(DATA,), needs=("vocab",), help=f"pieces as {name} learns them") for name in LEARNT),
    ),
    example="tokenizer letters = chars(rows)",
)
