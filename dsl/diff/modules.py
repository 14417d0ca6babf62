"""Two files that were checked become the changes of what they mean, in the order of the new one's declarations."""

from collections.abc import Iterator
from typing import Any

from msrun.dsl.diff.change import Change, Step
from msrun.dsl.diff.compare import declarations
from msrun.dsl.diff.names import Family, Names, plainly, renamed
from msrun.dsl.plan import Module, Plan, Profile

_FAMILIES: tuple[Family, ...] = ("type", "fragment", "tool", "model", "knowledge", "param", "plan", "stage", "test")
"""In an order in which each reads only those before it, so that a rename is known where it is read."""


def differences(old: Module, new: Module) -> tuple[Change, ...]:
    """Return what differs in the meaning of two files; layout, comments and the order of the text never do."""
    olds, news = _tables(plainly(old)), _tables(plainly(new))
    names = Names()
    for family in _FAMILIES:
        names = names.plus(family, renamed(olds[family], news[family], family, names))
    found: list[Change] = []
    for family in _FAMILIES:
        found += declarations(olds[family], news[family], family, (), names)
    return (*found, *_profiles(old, new, found))


def _tables(module: Module) -> dict[Family, dict[str, Any]]:
    """Return every declaration of a file, and of the files it imports as far as it uses them, by kind and name."""
    plans = _every_plan((*module.plans, *module.others))
    return {
        "type": {each.id: each for of in (module.types, *(plan.types for plan in plans)) for each in of},
        "fragment": {each.name: each for of in (module.fragments, *(p.fragments for p in plans)) for each in of},
        "tool": {each.name: each for plan in plans for each in plan.tools},
        "model": {each.name: each for of in (module.models, *(plan.models for plan in plans)) for each in of},
        "knowledge": {each.name: each for plan in plans for each in plan.knowledge},
        "param": {each.name: each for plan in plans for each in plan.params},
        "plan": {each.name: each for each in plans},
        "stage": {str(each.id): each for each in module.stages},
        "test": {each.name: each for each in module.tests},
    }


def _every_plan(plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    found: dict[str, Plan] = {}
    pending = list(reversed(plans))
    while pending:
        plan = pending.pop()
        if plan.name not in found:
            found[plan.name] = plan
            pending += reversed(plan.plans)
    return tuple(found.values())


def _profiles(old: Module, new: Module, known: list[Change]) -> Iterator[Change]:
    """Yield what differs in profiles alone: each has the file's plans once more, with what it replaces."""
    olds, news = {each.name: each for each in old.profiles}, {each.name: each for each in new.profiles}
    said = {(change.what, change.path, change.old, change.new) for change in known}
    for name in dict.fromkeys((*news, *olds)):
        here = Step("profile", name)
        if name not in olds or name not in news:
            yield _whole(here, olds.get(name), news.get(name))
            continue
        for change in differences(_as_module(olds[name]), _as_module(news[name])):
            if (change.what, change.path, change.old, change.new) not in said:
                yield Change(
                    what=change.what, path=(here, *change.path), old=change.old, new=change.new, prose=change.prose
                )


def _whole(here: Step, old: Profile | None, new: Profile | None) -> Change:
    if new is not None:
        return Change(what="added", path=(here,), new=_models(new))
    return Change(what="removed", path=(here,), old=_models(old))


def _models(profile: Profile | None) -> str:
    return "" if profile is None else ", ".join(model.name for model in profile.models)


def _as_module(profile: Profile) -> Module:
    return Module(file="", plans=profile.plans, models=profile.models)
