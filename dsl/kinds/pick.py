"""`pick`: the item of a list that has the best mark."""

from msrun.dsl.kinds.rank import ORDER, ordering
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.draft import Draft, Lowered

SPEC = KindSpec(
    name="pick",
    family="reasoning",
    help="take the item of a list that has the best mark",
    clauses=frozenset({"from", "for", "by", "when"}),
    needs=("from",),
    settings=(ORDER,),
    example="pick best from drafts by marks",
)


def lower(draft: Draft) -> Lowered | None:
    """Take the best of the list after `from`."""
    action, item = ordering(draft, one=True)
    return None if action is None else Lowered(action, item, item)
