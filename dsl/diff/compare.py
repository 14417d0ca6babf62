"""Two values of the same part of a plan become the changes between them, field by field, down to what can be shown.

Fields are not listed here: one that the plan gets later is compared and shown as it is, until it has a word below.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from msrun.dsl.diff.change import Change, Step
from msrun.dsl.diff.names import Family, Names, renamed, taken
from msrun.dsl.diff.parts import all_are, are_named, are_pairs, by_name, compared, has_parts
from msrun.dsl.diff.spell import content
from msrun.dsl.diff.summary import summary
from msrun.dsl.plan import Body, Bounds, Check, Node, Policy, Search
from msrun.dsl.testcase import Expect
from msrun.dsl.tree import Text

Path: TypeAlias = tuple[Step, ...]

_GRAPHS = frozenset({"nodes", "branches", "action", "body", "expand", "score"})
"""Fields with nodes inside, whose new names are told even where nothing else differs."""

_TRANSPARENT = (Body, Policy, Bounds)
_KEYED: Mapping[str, Family] = {
    "inputs": "input",
    "params": "param",
    "branches": "case",
    "mocks": "mock",
    "runs": "run",
    "limits": "limit",
    "slots": "field",
}
_IN_ORDER = frozenset({"branches", "runs", "fields", "labels"})

_WORDS = {
    "shape": "type",
    "source": "from",
    "alias": "as",
    "over": "for",
    "returns": "return",
    "following": "next",
    "tests": "case",
    "result": "->",
    "expects": "expect",
    "value": "=",
}


def declarations(
    old: Mapping[str, Any], new: Mapping[str, Any], family: Family, path: Path, names: Names
) -> Iterator[Change]:
    """Yield what differs between declarations found by their names; `names` has those that were renamed."""
    for name, value in new.items():
        before = names.get(family, name)
        here = (*path, Step(family, before))
        if before != name:
            yield Change(what="renamed", path=here, old=before, new=name)
        elif name not in old:
            yield Change(what="added", path=here, new=summary(value))
        else:
            yield from compare(old[name], value, here, names)
    same = {names.get(family, name) for name in new}
    for name, value in old.items():
        if name not in same:
            yield Change(what="removed", path=(*path, Step(family, name)), old=summary(value))


def compare(old: Any, new: Any, path: Path, names: Names) -> Iterator[Change]:
    """Yield what differs between two parts of plans of the same place."""
    if type(old) is not type(new) or not has_parts(old):
        if old != taken(new, names):
            yield _changed(path, old, new)
        return
    names = _inner_names(old, new, names)
    known = taken(new, names)
    for field in compared(old):
        before = getattr(old, field.name)
        if before != getattr(known, field.name) or field.name in _GRAPHS:
            yield from _field(field.name, before, getattr(new, field.name), path, names)


def _inner_names(old: Any, new: Any, names: Names) -> Names:
    """Return the names with those of the nodes inside that were renamed."""
    if isinstance(old, Search):
        ours = {str(new.expand.id): str(old.expand.id)}
        if old.score is not None and new.score is not None:
            ours[str(new.score.id)] = str(old.score.id)
        return names.plus("node", ours)
    if not hasattr(old, "nodes") or not all_are(Node, (*old.nodes, *new.nodes)):
        return names
    return names.plus("node", renamed(by_name(old.nodes), by_name(new.nodes), "node", names))


def _field(field: str, old: Any, new: Any, path: Path, names: Names) -> Iterator[Change]:
    here = (*path, Step("", _WORDS.get(field, field.removesuffix("_s").removesuffix("_usd"))))
    if field == "action" and type(old) is not type(new):
        yield Change(what="changed", path=(*path, Step("", "does")), old=old.kind, new=new.kind)
    elif field == "action" or isinstance(old, _TRANSPARENT):
        yield from compare(old, new, path, names)
    elif field == "reads":
        yield from _set(old, [names.value(name) for name in new], new, here)
    elif isinstance(old, tuple) and isinstance(new, tuple):
        yield from _tuples(field, old, new, here, names)
    else:
        yield from compare(old, new, here, names)


def _tuples(field: str, old: Any, new: Any, path: Path, names: Names) -> Iterator[Change]:
    above, parts = path[:-1], (*old, *new)
    if all_are(Node, parts):
        yield from declarations(by_name(old), by_name(new), "node", above, names)
    elif all_are((Check, Expect), parts):
        yield from _set(old, [taken(part, names) for part in new], new, path)
    elif are_named(parts):
        family = _KEYED.get(field, "field")
        yield from declarations(by_name(old), by_name(new), family, above, names)
        yield from _order(field, list(by_name(old)), list(by_name(new)), family, above)
    elif are_pairs(parts):
        yield from _pairs(dict(old), dict(new), above if field in ("settings", "labels") else path, names)
        yield from _order(field, list(dict(old)), list(dict(new)), "label", above)
    elif old != taken(new, names):
        yield _changed(path, old, new)


def _set(old: Any, mapped: Any, new: Any, path: Path) -> Iterator[Change]:
    """Edges and expectations: their order means nothing, and one that changed is gone and new."""
    for part, shown in zip(mapped, new, strict=True):
        if part not in old:
            yield Change(what="added", path=path, new=_shown(shown))
    for part in old:
        if part not in mapped:
            yield Change(what="removed", path=path, old=_shown(part))


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any], path: Path, names: Names) -> Iterator[Change]:
    """Yield what differs between settings, arguments or labels, by their names."""
    for name in dict.fromkeys((*old, *new)):
        here = (*path, Step("", name))
        if name not in old:
            yield Change(what="added", path=here, new=_shown(new[name]))
        elif name not in new:
            yield Change(what="removed", path=here, old=_shown(old[name]))
        elif old[name] != taken(new[name], names):
            yield _changed(here, old[name], new[name])


def _order(field: str, old: list[str], new: list[str], noun: str, path: Path) -> Iterator[Change]:
    """Arms are tried in their order, and a model writes fields in theirs; elsewhere it means nothing."""
    both, again = [name for name in old if name in new], [name for name in new if name in old]
    if field in _IN_ORDER and both != again:
        here = (*path, Step("", f"order of {noun}s"))
        yield Change(what="changed", path=here, old=", ".join(both), new=", ".join(again))


def _changed(path: Path, old: Any, new: Any) -> Change:
    if old is None or new is None:
        return Change(what="added" if old is None else "removed", path=path, old=_side(old), new=_side(new))
    if isinstance(old, Text) and isinstance(new, Text):
        return Change(what="changed", path=path, old=content(old), new=content(new), prose=True)
    return Change(what="changed", path=path, old=_shown(old), new=_shown(new))


def _side(value: Any) -> str | None:
    return None if value is None else _shown(value)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else summary(value)
