"""`let`: a name for the value of an expression."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.where import wants
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.plan import Compute

SPEC = KindSpec(
    name="let",
    family="reasoning",
    help="name the value of an expression; no model is called",
    parts=frozenset({"type", "value"}),
    clauses=frozenset({"when"}),
    needs=("value",),
    example="let first = answers | first",
)


def lower(draft: Draft) -> Lowered | None:
    """Compute the value; a written type must fit it."""
    value = draft.statement.value
    if value is None:
        return None
    shape = draft.where.shape(value) if draft.type is None else draft.type
    if draft.type is not None:
        wants(draft.where, value, draft.type)
    if shape == UNKNOWN:
        return None
    return Lowered(Compute(value=rewrite(value, draft.where.rewrites)), shape, shape)
