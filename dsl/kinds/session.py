"""`session`: what a conversation keeps from turn to turn; `update`: a slot's next value."""

from msrun.dsl.infer.where import wants
from msrun.dsl.kinds.spec import KindSpec, SettingSpec, Takes, whole
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.plan import SESSION as NAME
from msrun.dsl.plan import Update
from msrun.dsl.shapes import Maybe, Shape

SESSION = KindSpec(
    name="session",
    family="declaration",
    at="file",
    help="what a conversation keeps from one turn to the next",
    settings=(
        SettingSpec(name="history", takes=whole(0, 1000), default="8", help="turns that are kept"),
        SettingSpec(
            name="expires",
            takes=(Takes(form="duration", low=1),),
            default="1d",
            help="after so long without a turn it begins anew",
        ),
    ),
    example="session chat { state: Order  history: 8  expires: 30min }",
)
"""Every other name between the braces is a slot, and stands before its type."""

UPDATE = KindSpec(
    name="update",
    family="reasoning",
    help="give a slot of the session its next value, kept when the run has succeeded",
    parts=frozenset({"value"}),
    clauses=frozenset({"when"}),
    needs=("value",),
    example=f"update state = {NAME}.state | merge(found)",
)


def lower(draft: Draft) -> Lowered | None:
    """Compute the slot's next value, which must fit the slot."""
    statement, session = draft.statement, draft.bench.session
    if statement.value is None or statement.name is None:
        return None
    shape = _slot(draft)
    if shape is None:
        draft.where.shape(statement.value)
        return None
    given = wants(draft.where, statement.value, shape, "E0202/slot", name=draft.name, session=session or "")
    if isinstance(shape, Maybe) and not isinstance(given, Maybe):
        shape = shape.item
    action = Update(slot=draft.name, value=rewrite(statement.value, draft.where.rewrites))
    return Lowered(action, shape, shape)


def _slot(draft: Draft) -> Shape | None:
    """The shape of the slot that is updated; a plan without a session, or one without the slot, is reported."""
    if draft.bench.session is None:
        draft.file.say("E0311", draft.statement.kind.span, name=draft.name)
        return None
    slots = dict(draft.file.sessions[draft.bench.session].slots) if draft.bench.session else {}
    name = draft.statement.name
    if name is not None and name.text not in slots and draft.bench.session:
        draft.file.miss("E0105/slot", name.text, name.span, list(slots), session=draft.bench.session)
    return None if name is None else slots.get(name.text)
