"""`guard`: a text on its way in or out, with personal data taken out of it, or another text in its place."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.expression import holes
from msrun.dsl.infer.fit import is_text, plain
from msrun.dsl.infer.where import default
from msrun.dsl.kinds.spec import DURATION, TEMPLATE, TEXT, KindSpec, Maker, SettingSpec, Takes, listed, made
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite, rewrite_text
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Read, Slot
from msrun.dsl.plan import Made, Name, Screen
from msrun.dsl.shapes import BOOL, INT, JSON, Maybe, NotedOf, spell
from msrun.dsl.shapes import TEXT as TEXT_SHAPE
from msrun.dsl.tree import Text
from msrun.dsl.values.redact import REDACTORS

MODERATION = made(Maker(name="moderation", args=(TEXT,), help="a judge that the operator knows by this name"))

SPEC = KindSpec(
    name="guard",
    family="reasoning",
    help="let a text through without personal data, or another one in its place",
    clauses=frozenset({"from", "for", "when"}),
    needs=("from",),
    settings=(
        SettingSpec(
            name="redact",
            takes=listed(Takes(form="option", options=tuple(REDACTORS))),
            goes="action",
            help="data that are replaced by their names",
        ),
        SettingSpec(
            name="deny", takes=(*MODERATION, *listed(*MODERATION)), goes="action", help="who may deny the text"
        ),
        SettingSpec(name="on_deny", takes=TEMPLATE, goes="action", help="the text in the place of a denied one"),
        SettingSpec(
            name="timeout", takes=DURATION, default="10min", goes="policy", help="the longest a judge may take"
        ),
    ),
    example="guard safe from message { redact: [phone, email] }",
)

NOTES = (("denied", BOOL), ("redacted", INT))
"""What a guard says about its text: whether it stands for a denied one, and how much was taken out of it."""


def lower(draft: Draft) -> Lowered | None:
    """Check what is taken out, who may deny, and what is said then."""
    clause = draft.clause("from")
    if clause is None or draft.source_shape is None:
        return None
    shape = plain(draft.source_shape)
    if isinstance(shape, Maybe):
        example = default(draft.where, clause.value.span)
        draft.file.say("E0205", clause.value.span, got=spell(shape), wanted="a text", example=example)
    elif shape not in (UNKNOWN, JSON) and not is_text(draft.file, shape):
        draft.file.say("E0202/guard", clause.value.span, got=spell(shape))
    redact, deny = _names(_read(draft, "redact")), _names(_read(draft, "deny"))
    if not draft.settings.keys() & {"redact", "deny"}:
        draft.file.say("E0206/guard", draft.statement.kind.span, name=draft.name)
    action = Screen(
        source=rewrite(clause.value, draft.where.rewrites), redact=redact, deny=deny, on_deny=_on_deny(draft)
    )
    return Lowered(action, TEXT_SHAPE, NotedOf(TEXT_SHAPE, NOTES))


def _read(draft: Draft, name: str) -> Read:
    setting, spec = draft.settings.get(name), SPEC.setting(name)
    if setting is None or spec is None:
        return None
    return read(Slot(draft.file, name, SPEC.name), setting.value, spec.takes)


def _names(value: Read) -> tuple[str, ...]:
    match value:
        case Made(_, (str(name),)) | Name(name):
            return (name,)
        case tuple():
            return tuple(dict.fromkeys(name for part in value for name in _names(part)))
        case _:
            return ()


def _on_deny(draft: Draft) -> Text | None:
    """The text for denied ones: needed where something may be denied, and of no use elsewhere."""
    deny, setting = draft.settings.get("deny"), draft.settings.get("on_deny")
    if setting is None:
        if deny is not None:
            draft.file.say("E0313/deny", deny.key.span, name=draft.name)
        return None
    if deny is None:
        draft.file.say("E0313/denies_nothing", setting.key.span, name=draft.name)
    text = _read(draft, "on_deny")
    if not isinstance(text, Text):
        return None
    holes(draft.where, text)
    return rewrite_text(text, draft.where.rewrites)
