"""`extract`: one call to a model that reads the fields of a record out of a text."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.kinds.common import ASK_CLAUSES, ASKING
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.ask import ask
from msrun.dsl.lower.draft import Draft, Lowered

SPEC = KindSpec(
    name="extract",
    family="reasoning",
    help="ask a model for the fields of a record that stand in a text",
    parts=frozenset({"type"}),
    clauses=ASK_CLAUSES,
    needs=("type",),
    settings=ASKING,
    example="extract order: Order from message",
)


def lower(draft: Draft) -> Lowered | None:
    """Ask for a value of the written type."""
    shape = draft.type or UNKNOWN
    action = ask(draft)
    return None if action is None else Lowered(action, shape, shape)
