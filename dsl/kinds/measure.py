"""The tables of `evaluate`, figures and what they must reach, and of `batch`, a plan over the rows of a dataset."""

from collections.abc import Mapping

from msrun.dsl.kinds.data import DATA
from msrun.dsl.kinds.spec import (
    MODEL,
    MONEY,
    RULE,
    TEXT,
    KindSpec,
    Maker,
    SettingSpec,
    listed,
    made,
    mapped,
    named,
    option,
    whole,
)

HEADS_OF: Mapping[str, tuple[str, ...]] = {
    "accuracy": ("classify",),
    "macro_f1": ("classify",),
    "confusion": ("classify",),
    "exact_match": ("generate",),
    "token_f1": ("generate",),
    "perplexity": ("generate", "fill"),
    "mean_squared_error": ("regress",),
    "pearson": ("regress",),
}
"""Every figure of `metrics(…)`, and the heads of the models that it can be measured of."""

TABLES = ("confusion",)
"""What is reported and is no single number, so that no rule can read it."""

DEFAULT_FIGURES: Mapping[str, str] = {
    "classify": "accuracy",
    "generate": "exact_match",
    "fill": "perplexity",
    "regress": "mean_squared_error",
}
"""The figure of a head where `report` names none."""

TRAINED = Maker(name="trained", args=(named("train"),), help="what a `train` statement made")
ARM = mapped(*MODEL, *made(TRAINED))
AGREE = tuple(
    Maker(name=name, args=(RULE,), optional=1, help=what)
    for name, what in (
        ("exact_match", "the answer, or a field of it, is the row's"),
        ("token_f1", "words that answer and row share"),
    )
)

EVALUATE = KindSpec(
    name="evaluate",
    family="training",
    at="file",
    help="figures of a model on data, and what they must reach",
    parts=frozenset({"value"}),
    needs=("value",),
    settings=(
        SettingSpec(name="report", takes=listed(*option(*HEADS_OF)), help="the figures", only=("metrics",)),
        SettingSpec(name="require", takes=RULE, help="what the figures must reach: .exact_match >= 0.99"),
        SettingSpec(name="by", takes=RULE, help="a column whose values get figures of their own", only=("metrics",)),
        SettingSpec(name="batch", takes=whole(), default="64", help="rows at a time", only=("metrics",)),
        SettingSpec(name="metric", takes=made(*AGREE), help="what is compared", only=("compare",)),
        SettingSpec(
            name="arms",
            takes=mapped(*ARM),
            help="the models of each arm: {small: {worker: trained(tiny)}}",
            only=("compare",),
        ),
        SettingSpec(name="parallel", takes=whole(), help="rows at the same time", only=("compare",)),
        SettingSpec(name="budget", takes=MONEY, help="money it may spend", only=("compare",)),
    ),
    makers=(
        Maker(name="metrics", args=(named("train", "model"), DATA), help="figures of one model"),
        Maker(
            name="compare",
            args=(named("plan"), named("dataset")),
            needs=("arms", "metric"),
            help="a plan with some models and with others",
        ),
    ),
    example="evaluate report = metrics(m, rows.test)",
)

BATCH = KindSpec(
    name="batch",
    family="training",
    at="file",
    help="a plan over the rows of a dataset",
    parts=frozenset({"value"}),
    clauses=frozenset({"for"}),
    needs=("value", "for"),
    settings=(
        SettingSpec(name="models", takes=ARM, help="other models for the plan: {worker: teacher}"),
        SettingSpec(name="parallel", takes=whole(), help="rows at the same time"),
        SettingSpec(name="budget", takes=MONEY, help="money that all rows may spend together"),
        SettingSpec(name="journal", takes=TEXT, help="folder under the plan's that gets the journal"),
        SettingSpec(name="limit", takes=whole(), help="the most rows"),
    ),
    example="batch runs = answer(question: row.question) for row in questions.train",
)
