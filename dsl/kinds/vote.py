"""`vote`: the item that most of a list agree on."""

from typing import Literal, cast

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.fields import field
from msrun.dsl.infer.fit import plain
from msrun.dsl.infer.where import fits, path
from msrun.dsl.kinds.ballot import item_shape
from msrun.dsl.kinds.spec import FRACTION, KindSpec, SettingSpec, Takes, listed, option
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import Name, Tally, Value
from msrun.dsl.shapes import FLOAT, MapOf, NotedOf, Range, Scalar, Shape, spell
from msrun.dsl.tree import Clause
from msrun.dsl.values.filter_shapes import is_printable

Fold = Literal["number", "casefold", "strip", "punctuation"]
ASKING_KINDS = ("solve", "combine", "classify", "extract", "score")
"""Kinds whose every draw comes with the log-probability of its reply."""

FOLDS = ("number", "casefold", "strip", "punctuation")

SPEC = KindSpec(
    name="vote",
    family="reasoning",
    help="take the item that most of a list agree on",
    clauses=frozenset({"from", "for", "by", "when"}),
    needs=("from",),
    settings=(
        SettingSpec(
            name="normalise",
            takes=listed(Takes(form="option", options=FOLDS)),
            default="[strip, casefold]",
            goes="action",
            help="spellings that count as one ballot",
        ),
        SettingSpec(
            name="weight",
            takes=option("count", "logprob", "score"),
            default="count",
            goes="action",
            help="what a ballot counts",
        ),
        SettingSpec(
            name="quorum", takes=FRACTION, default="0%", goes="action", help="share that the winner must reach"
        ),
    ),
    example="vote winner from drafts by .final",
)


SHARE = Scalar("float", Range(0, 1))
NOTES = (("share", SHARE), ("shares", MapOf(SHARE)))
"""What a vote says about its winner: its share of the weight, and that of every answer as it was counted."""


def lower(draft: Draft) -> Lowered | None:
    """Count the ballots of the list after `from`; `by` reads a ballot from an item."""
    clause, by = draft.clause("from"), draft.clause("by")
    if clause is None or draft.source_shape is None:
        return None
    item = item_shape(draft, clause)
    ballot = item if by is None else draft.where.at(item).shape(by.value)
    if plain(ballot) != UNKNOWN and not is_printable(ballot):
        draft.file.say("E0218/ballot", (by or clause).value.span, got=spell(plain(ballot)))
    settings = {name: _setting(draft, name) for name in draft.settings}
    weight = cast("Literal['count', 'logprob', 'score']", _name(settings.get("weight"), "count"))
    _check_weight(draft, clause, item, weight)
    rewrites = draft.where.rewrites
    action = Tally(
        source=rewrite(clause.value, rewrites),
        by=rewrite(by.value, rewrites) if by else None,
        normalise=_folds(settings.get("normalise")),
        weight=weight,
        quorum=_share(settings.get("quorum")),
    )
    value = plain(item)
    return Lowered(action, value, UNKNOWN if value == UNKNOWN else NotedOf(value, NOTES))


def _check_weight(draft: Draft, clause: Clause, item: Shape, weight: str) -> None:
    """A weight is read from each item, or comes with the draws of a node that asks a model."""
    setting = draft.settings.get("weight")
    if setting is None or plain(item) == UNKNOWN:
        return
    span = setting.value.span
    if weight == "score":
        shape = plain(field(draft.where, item, "score", span, clause.value.span))
        fits(draft.where, span, shape, FLOAT, "E0218/score")
    elif weight == "logprob":
        symbol = draft.bench.names.get(path(clause.value))
        if symbol is None or symbol.kind not in ASKING_KINDS:
            draft.file.say("E0218/logprob", span, clause.value.span, name=path(clause.value) or "this")


def _setting(draft: Draft, name: str) -> Value:
    spec = SPEC.setting(name)
    slot = Slot(draft.file, name, SPEC.name)
    value = read(slot, draft.settings[name].value, spec.takes) if spec else None
    return cast("Value", value)


def _name(value: Value, default: str) -> str:
    return value.path if isinstance(value, Name) else default


def _folds(value: Value) -> tuple[Fold, ...]:
    if not isinstance(value, tuple):
        return ("strip", "casefold")
    return tuple(cast("Fold", _name(part, "strip")) for part in value)


def _share(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
