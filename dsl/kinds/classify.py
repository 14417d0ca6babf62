"""`classify`: one call to a model that chooses a label of an enum, and another label where it is not sure."""

from dataclasses import replace

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.constants import constant
from msrun.dsl.infer.fit import enum_of
from msrun.dsl.kinds.common import ASK_CLAUSES, ASKING
from msrun.dsl.kinds.spec import EXPR, FRACTION, KindSpec, Maker, SettingSpec, made, option, whole
from msrun.dsl.lower.ask import ask
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.prompts import solved_block
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import Ask, Made, Sure
from msrun.dsl.shapes import Just, NotedOf, Range, Scalar, Shape, UnionOf, spell
from msrun.dsl.tree import Expr, ListExpr, RecordExpr, Text

DRAWS = made(Maker(name="draws", args=(whole(2, 100),), help="the share of so many replies that say the same"))

SPEC = KindSpec(
    name="classify",
    family="reasoning",
    help="ask a model for one label of an enum",
    parts=frozenset({"type"}),
    clauses=ASK_CLAUSES,
    needs=("type",),
    settings=(
        *ASKING,
        SettingSpec(name="examples", takes=EXPR, goes="action", help="solved examples: [{text: …, label: …}]"),
        SettingSpec(name="min_confidence", takes=FRACTION, goes="action", help="below it `otherwise` is taken"),
        SettingSpec(name="otherwise", takes=EXPR, goes="action", help="the label where the model is not sure"),
        SettingSpec(
            name="confidence",
            takes=(*option("logprob"), *DRAWS),
            default="logprob",
            goes="action",
            help="how sure the model is: by the probability of its reply, or by several replies",
        ),
    ),
    example="classify topic: Topic from article",
)

NOTES = (("confidence", Scalar("float", Range(0, 1))),)
"""What a classifier says about its label, where it has `min_confidence`."""


def lower(draft: Draft) -> Lowered | None:
    """Ask for a label; the type must be an enum or literals."""
    shape = draft.type or UNKNOWN
    literals = isinstance(shape, UnionOf) and all(isinstance(option, Just) for option in shape.options)
    written = draft.statement.type
    if written is not None and shape != UNKNOWN and enum_of(draft.file, shape) is None and not literals:
        draft.file.say("E0202/enum", written.span, got=spell(shape))
        shape = UNKNOWN
    _check_examples(draft, shape)
    action = ask(draft)
    sure = _sure(draft, shape)
    if action is None:
        return None
    action = replace(_with_examples(draft, action), sure=sure)
    return Lowered(action, shape, shape if sure is None else NotedOf(shape, NOTES))


def _with_examples(draft: Draft, action: Ask) -> Ask:
    """Put the examples before a prompt that is written; the default one has them after its labels."""
    if "prompt" not in draft.settings:
        return action
    parts = action.prompt.parts
    for block in solved_block(draft):
        first, rest = (parts[0], parts[1:]) if parts and isinstance(parts[0], str) else ("", parts)
        parts = (f"{block}\n\n{first}", *rest)
    return replace(action, prompt=replace(action.prompt, parts=parts))


def _check_examples(draft: Draft, shape: Shape) -> None:
    setting = draft.settings.get("examples")
    if setting is None:
        return
    items = setting.value.items if isinstance(setting.value, ListExpr) else (setting.value,)
    for item in items:
        entries = {entry.key: entry.value for entry in item.entries} if isinstance(item, RecordExpr) else {}
        text, label = entries.get("text"), entries.get("label")
        if label is None or not isinstance(text, Text) or text.plain is None or len(entries) > 2:
            draft.file.say("E0202/examples", item.span, label=_some_label(draft, shape))
        else:
            constant(draft.file, label, shape)


def _some_label(draft: Draft, shape: Shape) -> str:
    enum = enum_of(draft.file, shape)
    return enum.labels[0][0] if enum is not None and enum.labels else "…"


def _sure(draft: Draft, shape: Shape) -> Sure | None:
    """Read how sure the model must be, and what is taken where it is not; one does not stand without the other."""
    least, otherwise, how = (draft.settings.get(name) for name in ("min_confidence", "otherwise", "confidence"))
    if least is None:
        for idle in (otherwise, how):
            if idle is not None:
                draft.file.say("E0313/sure", idle.key.span, name=draft.name)
        return None
    share = _read(draft, "min_confidence", least.value)
    method = None if how is None else _read(draft, "confidence", how.value)
    draws = method.args[0] if isinstance(method, Made) else None
    samples = draft.clause("samples")
    if draws is not None and samples is not None and how is not None:
        draft.file.say("E0313/draws", samples.span, how.value.span, name=draft.name)
    if otherwise is None:
        draft.file.say("E0313/otherwise", least.key.span, name=draft.name)
        return None
    label = constant(draft.file, otherwise.value, shape)
    if not isinstance(share, int | float) or not isinstance(label, str):
        return None
    return Sure(least=float(share), otherwise=label, draws=draws if isinstance(draws, int) else None)


def _read(draft: Draft, name: str, value: Expr) -> object:
    spec = SPEC.setting(name)
    return None if spec is None else read(Slot(draft.file, name, SPEC.name), value, spec.takes)
