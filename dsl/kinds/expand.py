"""`expand`: the steps that a `search` may take next, each a call to a model."""

from msrun.dsl.kinds.common import ASKING
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.ask import ask
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.shapes import TEXT

SPEC = KindSpec(
    name="expand",
    family="reasoning",
    at="search",
    help="propose next steps of a search",
    parts=frozenset({"type"}),
    clauses=frozenset({"samples", "using"}),
    settings=ASKING,
    example="expand step samples 3",
)


def lower(draft: Draft) -> Lowered | None:
    """Ask for one step; `samples` says how many are proposed, each by a call of its own."""
    shape = draft.type or TEXT
    action = ask(draft)
    return None if action is None else Lowered(action, shape, shape)
