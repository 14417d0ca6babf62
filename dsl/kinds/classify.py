"""`classify`: one call to a model that chooses a label of an enum."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.fit import enum_of
from msrun.dsl.kinds.common import ASK_CLAUSES, ASKING
from msrun.dsl.kinds.spec import EXPR, KindSpec, SettingSpec
from msrun.dsl.lower.ask import ask
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.shapes import Just, UnionOf, spell

SPEC = KindSpec(
    name="classify",
    family="reasoning",
    help="ask a model for one label of an enum",
    parts=frozenset({"type"}),
    clauses=ASK_CLAUSES,
    needs=("type",),
    settings=(
        *ASKING,
        SettingSpec(name="examples", takes=EXPR, goes="action", help="solved examples shown to the model", later=True),
        SettingSpec(name="min_confidence", takes=EXPR, goes="action", help="below it `otherwise` is taken", later=True),
        SettingSpec(
            name="otherwise", takes=EXPR, goes="action", help="the label where the model is not sure", later=True
        ),
    ),
    example="classify topic: Topic from article",
)


def lower(draft: Draft) -> Lowered | None:
    """Ask for a label; the type must be an enum or literals."""
    shape = draft.type or UNKNOWN
    literals = isinstance(shape, UnionOf) and all(isinstance(option, Just) for option in shape.options)
    written = draft.statement.type
    if written is not None and shape != UNKNOWN and enum_of(draft.file, shape) is None and not literals:
        draft.file.say("E0202/enum", written.span, got=spell(shape))
    action = ask(draft)
    return None if action is None else Lowered(action, shape, shape)
