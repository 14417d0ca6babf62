"""`combine`: one call to a model that makes one result of many."""

from msrun.dsl.kinds.common import ASK_CLAUSES, ASKING
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.ask import ask
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.shapes import TEXT

SPEC = KindSpec(
    name="combine",
    family="reasoning",
    help="ask a model to make one result of several",
    parts=frozenset({"type"}),
    clauses=ASK_CLAUSES,
    settings=ASKING,
    example="combine answer from answers",
)


def lower(draft: Draft) -> Lowered | None:
    """Ask for a value of the written type, a text where none is written."""
    shape = draft.type or TEXT
    action = ask(draft)
    return None if action is None else Lowered(action, shape, shape)
