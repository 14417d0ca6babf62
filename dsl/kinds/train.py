"""The table of `train`: architectures, objectives, heads, learning rates, and what each of its makers needs."""

from collections.abc import Mapping

from msrun.dsl.kinds.data import DATA
from msrun.dsl.kinds.spec import (
    BOOL,
    FRACTION,
    TEXT,
    KindSpec,
    Maker,
    SettingSpec,
    listed,
    made,
    named,
    number,
    option,
    whole,
)

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

SIZES = tuple(
    SettingSpec(name=name, takes=takes, default=default, help=what)
    for name, takes, default, what in (
        ("layers", whole(), "4", "blocks"),
        ("hidden", whole(), "128", "width of a block"),
        ("heads", whole(), "4", "attention heads"),
        ("inner", whole(), "", "width inside a block's feed-forward part"),
        ("positions", whole(2), "512", "the longest sequence, in tokens"),
        ("vocab", whole(), "", "rows of the embedding; as many as the tokenizer has tokens where nothing is said"),
    )
)
THETA = SettingSpec(name="theta", takes=number(1), help="base of the rotary positions")
DROPOUT = SettingSpec(name="dropout", takes=FRACTION, default="10%", help="share of values left out while it learns")
ARCHITECTURES = made(
    Maker(name="bert", named=(*SIZES, DROPOUT), help="reads both ways (Devlin 2019)"),
    Maker(name="roberta", named=(*SIZES, DROPOUT), help="bert without sentence pairs (Liu 2019)"),
    Maker(name="gpt2", named=SIZES, help="reads left to right (Radford 2019)"),
    Maker(name="llama", named=(*SIZES, THETA), help="reads left to right, rotary positions (Touvron 2023)"),
)
CAUSAL = ("gpt2", "llama")
"""Architectures that read left to right."""

MATRICES: Mapping[str, tuple[str, ...]] = {
    "bert": ("query", "key", "value", "dense"),
    "roberta": ("query", "key", "value", "dense"),
    "gpt2": ("c_attn", "c_proj", "c_fc"),
    "llama": ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
}
"""The matrices of each architecture that `lora` may stand beside, by their names in transformers."""

OBJECTIVES = made(
    Maker(
        name="clm",
        named=(
            SettingSpec(name="loss_on", takes=option("output", "all"), default="all", help="the tokens that count"),
        ),
        help="the next token",
    ),
    Maker(
        name="mlm",
        named=(
            SettingSpec(name="mask", takes=FRACTION, default="15%", help="share of masked tokens"),
            SettingSpec(name="whole_words", takes=BOOL, default="false", help="mask all pieces of a word together"),
        ),
        help="masked tokens",
    ),
    Maker(name="nsp", help="whether one sentence follows the other"),
)
HEADS = (
    *made(
        Maker(
            name="classify",
            args=(named("enum"),),
            named=(SettingSpec(name="several", takes=BOOL, default="false", help="a text may have several labels"),),
            help="labels of an enum",
        )
    ),
    *option("generate", "regress"),
)
HEAD = SettingSpec(name="head", takes=HEADS, default="generate", help="what it is tuned for")
BASE = named("train", "model")
TUNED = ("finetune", "lora", "prefer")
"""Makers that start from a base."""

TRAIN = KindSpec(
    name="train",
    family="training",
    at="file",
    help="a model made from data",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        SettingSpec(name="data", takes=DATA, required=True, help="what is learnt from"),
        SettingSpec(name="tokenizer", takes=named("tokenizer"), help="the tokenizer; of a base, the base's own"),
        SettingSpec(
            name="objective",
            takes=(*OBJECTIVES, *listed(*OBJECTIVES)),
            help="what is minimised",
            only=("pretrain", "finetune", "lora"),
        ),
        SettingSpec(name="steps", takes=whole(), help="updates"),
        SettingSpec(name="epochs", takes=number(), help="passes over the data"),
        SettingSpec(name="batch", takes=whole(), required=True, help="rows of one update"),
        SettingSpec(name="length", takes=whole(2), help="the longest sequence it is trained on, in tokens"),
        SettingSpec(name="lr", takes=SCHEDULES, required=True, help="the learning rate over the steps"),
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
        SettingSpec(name="keep", takes=whole(), default="2", help="the newest checkpoints that are kept"),
        SettingSpec(name="save", takes=TEXT, help="folder under the plan's that gets the model"),
    ),
    makers=(
        Maker(name="pretrain", args=(ARCHITECTURES,), needs=("tokenizer", "objective"), help="from scratch"),
        Maker(name="finetune", args=(BASE,), named=(HEAD,), help="all weights of a base"),
        Maker(
            name="lora",
            args=(BASE,),
            named=(
                SettingSpec(name="rank", takes=whole(), required=True, help="rank of the added matrices"),
                SettingSpec(name="alpha", takes=number(), help="their scale"),
                SettingSpec(name="targets", takes=listed(*TEXT), help="the matrices that they stand beside"),
                HEAD,
            ),
            help="small matrices beside the weights of a base (Hu 2021)",
        ),
        Maker(
            name="prefer",
            args=(BASE,),
            named=(SettingSpec(name="beta", takes=number(0), default="0.1", help="pull towards the base"),),
            help="chosen over rejected replies (Rafailov 2023)",
        ),
    ),
    example="train m = pretrain(llama(layers: 4, hidden: 128, heads: 4)) { … }",
)
