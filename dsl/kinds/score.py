"""`score`: one call to a model that judges; from 0 to 1 where no type is written."""

from msrun.dsl.kinds.common import ASK_CLAUSES, ASKING
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.ask import ask
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.prompts import SCORE

SPEC = KindSpec(
    name="score",
    family="reasoning",
    help="ask a model for a mark",
    parts=frozenset({"type"}),
    clauses=ASK_CLAUSES,
    settings=ASKING,
    example="score mark for draft in drafts",
)


def lower(draft: Draft) -> Lowered | None:
    """Ask for a mark of the written type."""
    shape = draft.type or SCORE
    action = ask(draft)
    return None if action is None else Lowered(action, shape, shape)
