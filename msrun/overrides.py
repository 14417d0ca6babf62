"""Overrides: `small.temperature=0.2`, `style=formal` and `worker=strong` change a checked plan before it runs."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from msrun.dsl.kinds.common import DECODING
from msrun.dsl.kinds.model import BACKENDS, EVERYWHERE
from msrun.dsl.kinds.spec import SettingSpec, Takes
from msrun.dsl.nested import plan_nodes, with_nodes
from msrun.dsl.plan import Ask, ModelSpec, Module, Name, Node, Plan, Settings, Value, ValueMap
from msrun.dsl.values.mismatch import shown
from msrun.dsl.values.plain import is_list, is_record, word
from msrun.errors import OverrideInvalid
from msrun.inputs import check_value, read_text, types_of
from msrun.suggest import did_you_mean

_UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400, "%": 0.01, "k": 1000, "M": 1_000_000}
_NUMBER = re.compile(r"(\$?)(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(ms|s|min|h|d|%|k|M)?")


def split(pair: str, option: str) -> tuple[str, str]:
    """Split `name=value` as the command line gives it; OverrideInvalid where there is no name or no `=`."""
    name, sign, value = pair.partition("=")
    if not sign or not name.strip():
        raise OverrideInvalid(f"{option} takes NAME=VALUE, found `{pair}`", help=f"{option} name=value")
    return name.strip(), value


def require_models(names: Iterable[str], module: Module) -> None:
    """Raise OverrideInvalid where a name is none of the file's models."""
    known = [model.name for model in module.models]
    for name in names:
        if name not in known:
            raise _unknown("model", name, known)


def use_profile(module: Module, name: str) -> Module:
    """Return the module with its plans and models as a profile has them; OverrideInvalid where there is none."""
    for profile in module.profiles:
        if profile.name == name:
            return replace(module, plans=profile.plans, models=profile.models)
    raise _unknown("profile", name, [profile.name for profile in module.profiles])


def swap_models(module: Module, plan: Plan, swaps: Mapping[str, str]) -> Plan:
    """Return the plan with every use of one model replaced by another one of the file, in plans that it runs too."""
    require_models([name for swap in swaps.items() for name in swap], module)
    known = {model.name: model for model in module.models}
    changed = with_nodes(plan, lambda node: _swapped(node, swaps))
    return replace(
        changed,
        models=_after_swaps(plan, known, swaps),
        plans=tuple(replace(each, models=_after_swaps(each, known, swaps)) for each in changed.plans),
    )


def _after_swaps(plan: Plan, known: Mapping[str, ModelSpec], swaps: Mapping[str, str]) -> tuple[ModelSpec, ...]:
    used = {swaps.get(model.name, model.name) for model in plan.models}
    others = tuple(model for model in plan.models if model.name in used and model.name not in known)
    return (*(known[name] for name in known if name in used), *others)


def set_values(plan: Plan, values: Mapping[str, object]) -> Plan:
    """Return the plan with settings of models and nodes, and values of `param`s, replaced.

    A text value is read as the language would read it in that place; any other is taken as it is. A node's setting
    (`critique.temperature`) is set wherever a node of that name stands, inside others too.
    """
    for name, value in values.items():
        param = "." not in name or any(each.name == name for each in plan.params)
        plan = _set_param(plan, name, value) if param else _set_setting(plan, name, value)
    return plan


def refuse_leaks(plan: Plan) -> None:
    """Raise OverrideInvalid where what was overridden would send personal data to a model or tool outside."""
    from msrun.dsl.privacy.flow import leaks

    found = leaks(plan)
    if found:
        leak = found[0]
        raise OverrideInvalid(
            f"`{leak.node.id}` would send personal data to `{leak.target}`, which is outside",
            help=f"another model, or --set {leak.target}.trust=internal where its operator may see it",
        )


def literal(text: str) -> Value:
    """Read a setting's value: a number with its unit, true, false, null, JSON, or else the text itself."""
    number = _NUMBER.fullmatch(text)
    if number:
        return _scaled(number[2], unit=number[3] or number[1])
    try:
        return to_value(json.loads(text))
    except (ValueError, RecursionError):
        return text


def to_value(value: Any) -> Value:
    """Turn plain JSON into a setting's value."""
    if is_list(value):
        return tuple(to_value(each) for each in value)
    if is_record(value):
        return ValueMap(tuple((key, to_value(each)) for key, each in value.items()))
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise OverrideInvalid(
        f"a setting cannot be {word(value)}", help="texts, numbers, true, false, lists and records can"
    )


def _scaled(digits: str, unit: str) -> int | float:
    """`60k` is the whole number 60000; money, fractions and durations are numbers with a point."""
    scale = _UNITS.get(unit, 1)
    if unit in {"", "k", "M"} and digits.lstrip("-").isdigit():
        return int(digits) * int(scale)
    return float(digits) * scale


def _swapped(node: Node, swaps: Mapping[str, str]) -> Node:
    action = node.action
    if not isinstance(action, Ask) or action.model not in swaps:
        return node
    return replace(node, action=replace(action, model=swaps[action.model]))


def _set_param(plan: Plan, name: str, value: object) -> Plan:
    param = next((each for each in plan.params if each.name == name), None)
    if param is None:
        raise _unknown("param", name, _names(plan))
    types = types_of(plan)
    try:
        read = (
            read_text(value, param.shape, types) if isinstance(value, str) else check_value(value, param.shape, types)
        )
    except ValueError as error:
        raise OverrideInvalid(f"`{name}`: {error}") from None
    changed = replace(param, default=to_value(read), required=False)
    return _everywhere(
        plan, lambda at: replace(at, params=tuple(changed if each.name == name else each for each in at.params))
    )


def _everywhere(plan: Plan, change: Callable[[Plan], Plan]) -> Plan:
    """Change a plan and those that it runs: a param or model that they share is one."""
    changed = change(plan)
    return replace(changed, plans=tuple(change(each) for each in changed.plans))


def _set_setting(plan: Plan, path: str, value: object) -> Plan:
    owner = path.rpartition(".")[0]
    read = literal(value) if isinstance(value, str) else to_value(value)
    if any(model.name == owner for model in plan.models):
        return _everywhere(
            plan,
            lambda at: replace(at, models=tuple(_set_in_model(each, owner, path, read) for each in at.models)),
        )
    if any(node.id == owner and isinstance(node.action, Ask) for node in plan_nodes(plan)):
        return with_nodes(plan, lambda node: _set_in_node(node, owner, path, read))
    raise _unknown("model or node", owner, _names(plan))


def _set_in_model(model: ModelSpec, owner: str, path: str, value: Value) -> ModelSpec:
    """A setting may stand among the named arguments too: `scripted("a", cycle: true)`."""
    if model.name != owner:
        return model
    _, table = BACKENDS.get(model.backend, (None, EVERYWHERE))
    if any(name == path.rpartition(".")[2] for name, _ in model.named):
        return replace(model, named=_put(model.named, path, value, table))
    return replace(model, settings=_put(model.settings, path, value, table))


def _set_in_node(node: Node, owner: str, path: str, value: Value) -> Node:
    action = node.action
    if node.id != owner or not isinstance(action, Ask):
        return node
    return replace(node, action=replace(action, settings=_put(action.settings, path, value, DECODING)))


def _put(settings: Settings, path: str, value: Value, table: Sequence[SettingSpec]) -> Settings:
    """Return the settings with one replaced or added. What the table does not know must be there, of the same type."""
    key, before = path.rpartition(".")[2], dict(settings)
    spec = next((each for each in table if each.name == key), None)
    if spec is not None:
        return tuple({**before, key: _fitted(path, value, spec)}.items())
    if key not in before:
        raise _unknown("setting", key, [*before, *(each.name for each in table)])
    if type(before[key]) is not type(value):
        raise OverrideInvalid(f"`{path}` cannot be {shown(value)}", help="change it in the file")
    return tuple({**before, key: value}.items())


def _fitted(path: str, value: Value, spec: SettingSpec) -> Value:
    """Return the value as the setting takes it; a text may be one of its options."""
    for takes in spec.takes:
        if takes.form == "option" and value in takes.options:
            return Name(str(value))
        if _fits(value, takes):
            return value
    wanted = " or ".join(takes.words for takes in spec.takes)
    raise OverrideInvalid(f"`{path}` takes {wanted}, got {shown(value)}", help=spec.help)


def _fits(value: Value, takes: Takes) -> bool:
    match takes.form:
        case "whole":
            return type(value) is int and _inside(value, takes)
        case "number" | "fraction" | "duration":
            return type(value) in (int, float) and _inside(value, takes)
        case "text":
            return type(value) is str
        case "bool":
            return type(value) is bool
        case "list":
            return isinstance(value, tuple) and all(any(_fits(each, item) for item in takes.items) for each in value)
        case _:
            return False


def _inside(value: Any, takes: Takes) -> bool:
    return (takes.low is None or value >= takes.low) and (takes.high is None or value <= takes.high)


def _names(plan: Plan) -> list[str]:
    return [
        *(each.name for each in plan.params),
        *(each.name for each in plan.models),
        *dict.fromkeys(str(each.id) for each in plan_nodes(plan)),
    ]


def _unknown(what: str, name: str, known: Iterable[str]) -> OverrideInvalid:
    names = list(known)
    listed = f"there are: {', '.join(names)}" if names else f"the plan has no {what}"
    return OverrideInvalid(f"there is no {what} `{name}`", help=did_you_mean(name, names, otherwise=listed))
