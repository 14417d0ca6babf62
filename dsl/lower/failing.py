"""What a node does about calls that fail, beyond its policy: the value it falls back to, and how much it may skip."""

from dataclasses import replace

from msrun.dsl.infer.where import wants
from msrun.dsl.kinds.common import FAILING
from msrun.dsl.kinds.spec import SettingSpec, Takes
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Slot, number
from msrun.dsl.plan import Policy
from msrun.dsl.shapes import bare
from msrun.dsl.tree import Expr


def failing(draft: Draft, lowered: Lowered, policy: Policy) -> tuple[Policy, Expr | None]:
    """Return the policy with `max_skipped` in it, and the fallback; what does not go together is reported."""
    if draft.spec.name == "guard":
        return replace(policy, on_error="fail"), None  # a text that nobody judged must not pass
    return _most_skipped(draft, policy), _fallback(draft, lowered, policy)


def _fallback(draft: Draft, lowered: Lowered, policy: Policy) -> Expr | None:
    fallback, on_error = draft.settings.get("fallback"), draft.settings.get("on_error")
    if fallback is None:
        if policy.on_error == "fallback" and on_error is not None:
            draft.file.say("E0313", on_error.key.span, name=draft.name)
        return None
    if policy.on_error != "fallback":
        places = (on_error.value.span,) if on_error is not None else ()
        draft.file.say("E0313/idle", fallback.key.span, *places, name=draft.name)
    wants(draft.where, fallback.value, bare(lowered.shape))
    return rewrite(fallback.value, draft.where.rewrites)


def _most_skipped(draft: Draft, policy: Policy) -> Policy:
    setting = draft.settings.get("max_skipped")
    if setting is None:
        return policy
    if policy.on_error != "skip" or (draft.over is None and draft.clause("samples") is None):
        draft.file.say("E0313/skips_none", setting.key.span, name=draft.name)
    constant = number(setting.value)
    share = constant is not None and constant.unit == "%"
    spec = next(each for each in FAILING if each.name == "max_skipped")
    value = read(Slot(draft.file, spec.name, draft.spec.name), setting.value, _form(spec, share=share))
    if not isinstance(value, int | float):
        return policy
    return replace(policy, max_skipped_share=float(value)) if share else replace(policy, max_skipped=int(value))


def _form(spec: SettingSpec, *, share: bool) -> tuple[Takes, ...]:
    """A number with `%` is read as a share, any other one as a count."""
    return spec.takes[1:] if share else spec.takes[:1]
