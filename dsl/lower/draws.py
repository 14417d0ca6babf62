"""Several draws of one prompt: at temperature 0 they are one reply, paid for again and again."""

from msrun.dsl.lower.draft import Draft
from msrun.dsl.plan import Settings
from msrun.dsl.tree import Constant


def check_draws(draft: Draft, model: str, settings: Settings) -> None:
    """Report `samples` where the node, or else its model, says that nothing is drawn."""
    clause = draft.clause("samples")
    if clause is None or (isinstance(clause.value, Constant) and clause.value.value == 1):
        return
    own = dict(settings).get("temperature")
    spec = draft.file.models.get(model)
    said = own if own is not None or spec is None else spec.setting("temperature")
    if isinstance(said, int | float) and said == 0:
        place = draft.settings["temperature"].span if own is not None else draft.file.span_of(model)
        draft.file.say("E0314", clause.span, place, name=draft.name)
