"""`vote`: the item that most of a list agree on."""

from typing import Literal, cast

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.fit import inner, item_of, plain
from msrun.dsl.infer.where import default, path
from msrun.dsl.kinds.spec import FRACTION, KindSpec, SettingSpec, Takes, listed, option
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import Name, Tally, Value
from msrun.dsl.shapes import ListOf, Maybe, Shape, spell
from msrun.dsl.tree import Expr

Fold = Literal["number", "casefold", "strip", "punctuation"]
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


def lower(draft: Draft) -> Lowered | None:
    """Count the ballots of the list after `from`; `by` reads a ballot from an item."""
    clause, by = draft.clause("from"), draft.clause("by")
    if clause is None or draft.source_shape is None:
        return None
    item = _item(draft, clause.value, draft.source_shape)
    if by is not None:
        draft.where.at(item).shape(by.value)
    settings = {name: _setting(draft, name) for name in draft.settings}
    rewrites = draft.where.rewrites
    action = Tally(
        source=rewrite(clause.value, rewrites),
        by=rewrite(by.value, rewrites) if by else None,
        normalise=_folds(settings.get("normalise")),
        weight=cast("Literal['count', 'logprob', 'score']", _name(settings.get("weight"), "count")),
        quorum=_share(settings.get("quorum")),
    )
    value = plain(item)
    return Lowered(action, value, value)


def _item(draft: Draft, source: Expr, shape: Shape) -> Shape:
    item = item_of(inner(shape))
    if isinstance(plain(shape), Maybe) and item is not None and item != UNKNOWN:
        draft.file.say(
            "E0205",
            source.span,
            got=spell(plain(shape)),
            wanted="a list",
            example=default(draft.where, source.span, ListOf(UNKNOWN)),
        )
    if item is None:
        draft.file.say("E0203/vote", source.span, name=path(source) or "this", got=spell(plain(shape)))
        return UNKNOWN
    return item


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
