"""The tables of the training stages: what makes each, its settings, and the declarations it may name."""

from collections.abc import Mapping

from msrun.dsl.kinds.spec import (
    EXPR,
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
    number,
    option,
    whole,
)

PLAIN = (Takes(form="plain"),)
FILE = (TEXT,)
DATA = named("dataset", "corpus")
PEAK = SettingSpec(name="peak", takes=number(0, 1), required=True, help="the highest learning rate")
WARMUP = SettingSpec(name="warmup", takes=whole(0), default="100", help="steps until the peak is reached")
FLOOR = SettingSpec(name="floor", takes=number(0, 1), default="0", help="the last rate, as a share of the peak")
SCHEDULES = made(
    Maker(name="cosine", named=(PEAK, WARMUP, FLOOR), help="down along a cosine"),
    Maker(name="linear", named=(PEAK, WARMUP, FLOOR), help="down along a line"),
    Maker(name="constant", named=(PEAK, WARMUP, FLOOR), help="the peak throughout"),
    Maker(
        name="warmup",
        named=(PEAK, SettingSpec(name="steps", takes=whole(0), help="steps until the peak is reached")),
        help="up along a line, then constant",
    ),
)
HASH = made(Maker(name="hash", args=(RULE,), help="a row's part is decided by the hash of a column"))
EXACT = made(Maker(name="exact", args=(RULE,), optional=1, help="rows that are equal, or equal in a column"))

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
    ),
    makers=(
        Maker(name="files", args=FILE, help="text files that a pattern names"),
        Maker(name="hub", args=FILE, named=(SettingSpec(name="name", takes=TEXT, help="its configuration"),)),
    ),
    example='corpus news = files("data/*.txt")',
)

DATASET = KindSpec(
    name="dataset",
    family="training",
    at="file",
    help="rows to learn from or to be measured on",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        *(
            SettingSpec(name=role, takes=RULE, help=f"the column that holds {what}")
            for role, what in (
                ("input", "what goes in"),
                ("output", "what must come out"),
                ("text", "a text"),
                ("label", "its label"),
                ("id", "a key of the row"),
            )
        ),
        SettingSpec(name="labels", takes=named("enum"), help="the enum that labels must belong to"),
        SettingSpec(name="split", takes=mapped(*FRACTION, *HASH), help="parts by share: {train: 90%, test: 10%}"),
        SettingSpec(name="where", takes=RULE, help="rows to keep"),
        SettingSpec(name="dedup", takes=(*option("exact"), *EXACT), help="equal rows are kept once"),
        SettingSpec(name="limit", takes=whole(), help="the most rows to read"),
    ),
    makers=(
        Maker(name="python", args=FILE, open_named=PLAIN, help='a generator: python("module:function", rows: 400k)'),
        *(Maker(name=name, args=FILE, help=f"a {name} file") for name in ("jsonl", "csv", "text", "parquet")),
        Maker(name="hub", args=FILE, named=(SettingSpec(name="name", takes=TEXT, help="its configuration"),)),
        Maker(name="journal", help="the calls of runs", later=True),
    ),
    example='dataset rows = jsonl("data/rows.jsonl")',
)

TOKENIZER = KindSpec(
    name="tokenizer",
    family="training",
    at="file",
    help="how text becomes tokens",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        SettingSpec(name="pieces", takes=listed(*TEXT), help="texts that are one token each"),
        SettingSpec(name="min_count", takes=whole(), default="1", help="characters seen less often are unknown"),
        SettingSpec(name="positions", takes=whole(2), help="the longest sequence, in tokens"),
        SettingSpec(name="vocab", takes=whole(), help="size of the vocabulary"),
    ),
    makers=tuple(Maker(name=name, args=(DATA,)) for name in ("chars", "wordpiece", "bpe", "unigram")),
    example="tokenizer letters = chars(rows)",
)

SIZES = tuple(
    SettingSpec(name=name, takes=takes, help=what)
    for name, takes, what in (
        ("layers", whole(), "blocks"),
        ("hidden", whole(), "width of a block"),
        ("heads", whole(), "attention heads"),
        ("inner", whole(), "width inside a block's feed-forward part"),
        ("positions", whole(2), "the longest sequence, in tokens"),
    )
)
THETA = SettingSpec(name="theta", takes=number(1), help="base of the rotary positions")
ARCHITECTURES = made(
    *(Maker(name=name, named=SIZES) for name in ("bert", "roberta", "gpt2")),
    Maker(name="llama", named=(*SIZES, THETA)),
)
OBJECTIVES = made(
    Maker(
        name="clm",
        named=(SettingSpec(name="loss_on", takes=option("output", "all"), help="the tokens that count"),),
        help="the next token",
    ),
    Maker(
        name="mlm",
        named=(SettingSpec(name="mask", takes=FRACTION, help="share of masked tokens"),),
        help="masked tokens",
    ),
    Maker(name="nsp", help="whether one sentence follows the other"),
)
HEADS = (
    *made(Maker(name="classify", args=(named("enum"),), help="one label of an enum")),
    *option("generate"),
)
BASE = named("train", "model")

TRAIN = KindSpec(
    name="train",
    family="training",
    at="file",
    help="a model made from data",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        SettingSpec(name="data", takes=DATA, required=True, help="what is learnt from"),
        SettingSpec(name="tokenizer", takes=named("tokenizer"), help="the tokenizer of a model from scratch"),
        SettingSpec(name="objective", takes=(*OBJECTIVES, *listed(*OBJECTIVES)), help="what is minimised"),
        SettingSpec(name="steps", takes=whole(), help="updates"),
        SettingSpec(name="epochs", takes=number(), help="passes over the data"),
        SettingSpec(name="batch", takes=whole(), help="rows of one update"),
        SettingSpec(name="lr", takes=SCHEDULES, help="the learning rate over the steps"),
        SettingSpec(name="seed", takes=whole(0), help="fixes every draw"),
        SettingSpec(name="optimizer", takes=option("adamw", "muon"), default="adamw", help="how updates are made"),
        SettingSpec(name="weight_decay", takes=number(0), default="0.1", help="pull of the weights towards zero"),
        SettingSpec(name="betas", takes=listed(*number(0, 1)), default="[0.9, 0.98]", help="memory of the optimizer"),
        SettingSpec(name="clip", takes=number(0), default="1", help="the largest norm of a gradient"),
        SettingSpec(
            name="dtype", takes=option("float32", "bfloat16"), default="float32", help="numbers of the arithmetic"
        ),
        SettingSpec(
            name="store", takes=option("float32", "bfloat16", "float16"), default="float32", help="numbers in the file"
        ),
        SettingSpec(name="micro_tokens", takes=whole(), help="tokens of one forward pass"),
        SettingSpec(name="threads", takes=whole(), help="processor threads"),
        SettingSpec(name="report_every", takes=whole(), help="steps between two reports"),
        SettingSpec(name="save_every", takes=whole(), help="steps between two checkpoints"),
        SettingSpec(name="save", takes=TEXT, help="folder under the plan's that gets the model"),
    ),
    makers=(
        Maker(name="pretrain", args=(ARCHITECTURES,), help="from scratch"),
        Maker(
            name="finetune",
            args=(BASE,),
            named=(SettingSpec(name="head", takes=HEADS, help="what it is tuned for"),),
            help="all weights of a base",
        ),
        Maker(
            name="lora",
            args=(BASE,),
            named=(
                SettingSpec(name="rank", takes=whole(), required=True, help="rank of the added matrices"),
                SettingSpec(name="alpha", takes=number(), help="their scale"),
            ),
            help="small matrices beside the weights of a base",
        ),
        Maker(name="prefer", args=(BASE,), help="chosen over rejected replies"),
    ),
    example="train m = pretrain(llama(layers: 4, hidden: 128, heads: 4)) { … }",
)

EVALUATE = KindSpec(
    name="evaluate",
    family="training",
    at="file",
    help="figures of a model on data, and what they must reach",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        SettingSpec(
            name="report",
            takes=listed(
                *option("exact_match", "accuracy", "macro_f1", "confusion", "perplexity", "token_f1"),
            ),
            help="the figures",
        ),
        SettingSpec(name="require", takes=RULE, help="what the figures must reach: .exact_match >= 0.99"),
        SettingSpec(name="by", takes=RULE, help="a column whose values get figures of their own"),
        SettingSpec(name="batch", takes=whole(), default="64", help="rows at a time"),
        SettingSpec(name="metric", takes=EXPR, help="what is compared", later=True),
        SettingSpec(name="arms", takes=EXPR, help="the models that are compared", later=True),
    ),
    makers=(
        Maker(name="metrics", args=(named("train", "model"), DATA), help="figures of one model"),
        Maker(name="compare", help="a plan with one model and with another", later=True),
    ),
    example="evaluate report = metrics(m, rows.test)",
)

STAGES: Mapping[str, KindSpec] = {spec.name: spec for spec in (CORPUS, DATASET, TOKENIZER, TRAIN, EVALUATE)}
"""Every kind of stage by its name."""
