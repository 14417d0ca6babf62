"""`rank`: the items of a list by their marks, the best first."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.fit import inner, item_of, plain
from msrun.dsl.infer.where import wants
from msrun.dsl.kinds.ballot import check_beside, check_order, item_shape, reads_items
from msrun.dsl.kinds.spec import KindSpec, SettingSpec, option
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import Name, Rank
from msrun.dsl.shapes import INT, ListOf, Shape, spell
from msrun.dsl.tree import Clause, Constant, Expr

ORDER = SettingSpec(
    name="order",
    takes=option("highest", "lowest"),
    default="highest",
    goes="action",
    help="whether the highest mark is the best, or the lowest",
)

SPEC = KindSpec(
    name="rank",
    family="reasoning",
    help="order a list by marks, the best first",
    clauses=frozenset({"from", "for", "by", "keep", "when"}),
    needs=("from",),
    settings=(ORDER,),
    example="rank top from drafts by marks keep 3",
)


def lower(draft: Draft) -> Lowered | None:
    """Order the list after `from`; its items lose their cells, and those without a mark are left out."""
    action, item = ordering(draft)
    if action is None:
        return None
    shape = ListOf(item)
    return Lowered(action, shape, shape)


def ordering(draft: Draft, *, one: bool = False) -> tuple[Rank | None, Shape]:
    """Return the order that `from` and `by` describe, and what its items are."""
    clause, by = draft.clause("from"), draft.clause("by")
    if clause is None or draft.source_shape is None:
        return None, UNKNOWN
    item = item_shape(draft, clause)
    beside = by is not None and not reads_items(by.value)
    if by is None:
        check_order(draft, clause.value.span, item)
    elif beside:
        _check_marks(draft, clause, by.value)
    else:
        check_order(draft, by.value.span, draft.where.at(item).shape(by.value))
    keep = _keep(draft)
    rewrites = draft.where.rewrites
    key = rewrite(by.value, rewrites) if by is not None else None
    action = Rank(
        source=rewrite(clause.value, rewrites),
        by=None if beside else key,
        marks=key if beside else None,
        lowest=_lowest(draft),
        keep=keep,
        one=one,
    )
    return action, plain(item)


def _check_marks(draft: Draft, clause: Clause, marks: Expr) -> None:
    """Marks are a list that stands beside the source: one number for every item."""
    shape = draft.where.shape(marks)
    mark = item_of(inner(shape))
    if mark is None:
        draft.file.say("E0218/same", marks.span, kind=draft.spec.name, got=spell(plain(shape)))
        return
    check_order(draft, marks.span, mark)
    check_beside(draft, clause.value, marks)


def _keep(draft: Draft) -> Expr | None:
    clause = draft.clause("keep")
    if clause is None:
        return None
    if isinstance(clause.value, Constant) and isinstance(clause.value.value, int) and clause.value.value < 1:
        draft.file.say("E0213/count", clause.value.span, word="keep")
        return None
    wants(draft.where, clause.value, INT, "E0202/count", word="keep")
    return rewrite(clause.value, draft.where.rewrites)


def _lowest(draft: Draft) -> bool:
    setting = draft.settings.get(ORDER.name)
    value = read(Slot(draft.file, ORDER.name, draft.spec.name), setting.value, ORDER.takes) if setting else None
    return isinstance(value, Name) and value.path == "lowest"
