"""`solve`: one call to a model, or one for every item of a list; the reply has the type after the name."""

from msrun.dsl.kinds.common import ASK_CLAUSES, ASKING
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.ask import ask
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.shapes import TEXT

SPEC = KindSpec(
    name="solve",
    family="reasoning",
    help="ask a model for one result, or for one per item of a list",
    parts=frozenset({"type"}),
    clauses=ASK_CLAUSES,
    settings=ASKING,
    example="solve answer from question",
)


def lower(draft: Draft) -> Lowered | None:
    """Ask for a value of the written type, a text where none is written."""
    shape = draft.type or TEXT
    action = ask(draft)
    return None if action is None else Lowered(action, shape, shape)
