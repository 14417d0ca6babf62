"""`decompose`: one call to a model that takes something apart; its items are handed on while the model still writes."""

from msrun.dsl.kinds.common import ASKING, SPLIT_CLAUSES, STREAM
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.ask import ask
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.shapes import TEXT, ListOf, Range

SPEC = KindSpec(
    name="decompose",
    family="reasoning",
    help="ask a model to take something apart into a list",
    parts=frozenset({"type"}),
    clauses=SPLIT_CLAUSES,
    settings=(*ASKING, STREAM),
    example="decompose parts from question limit 4",
)


def lower(draft: Draft) -> Lowered | None:
    """Ask for a list of the written type; a limit written as a number bounds the list in the schema too."""
    limit = draft.literal_limit()
    shape = ListOf(draft.type or TEXT, None if limit is None else Range(None, limit))
    stream = draft.settings.get("stream")
    action = ask(draft, stream_items=True, stream=stream)
    return None if action is None else Lowered(action, shape, shape)
