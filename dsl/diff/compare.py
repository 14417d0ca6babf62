"""Two values of the same part of a plan become the changes between them, field by field, down to what can be shown.

Fields are not listed here: one that the plan gets later is compared and shown as it is, until it has a word below.
"""

from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, TypeAlias

from msrun.dsl.diff.change import Change, Step
from msrun.dsl.diff.names import Family, Names, renamed, taken
from msrun.dsl.diff.spell import content
from msrun.dsl.diff.summary import summary
from msrun.dsl.plan import Body, Branch, Check, Given, Made, Node, Over, Policy, Rule, Search, SecretRef, ValueMap
from msrun.dsl.plan import Name as NameValue
from msrun.dsl.shapes import Range, RecordField
from msrun.dsl.testcase import Expect, RunStep
from msrun.dsl.tree import Text
from msrun.dsl.values.plain import is_tuple

Path: TypeAlias = tuple[Step, ...]

_NOT_COMPARED = frozenset(
    {"id", "name", "label", "key", "models", "tools", "fragments", "types", "plans", "value_shape"}
)
"""Names, tables that are compared once for the whole file, and what follows from other fields."""

_GRAPHS = frozenset({"nodes", "branches", "action", "body", "expand", "score"})
"""Fields with nodes inside, whose new names are told even where nothing else differs."""

_TRANSPARENT = (Body, Policy)
_LEAVES = (Over, Given, Made, NameValue, Rule, SecretRef, ValueMap, Range)
_KEYED: Mapping[str, Family] = {
    "inputs": "input",
    "params": "param",
    "branches": "case",
    "mocks": "mock",
    "runs": "run",
}
_IN_ORDER = frozenset({"branches", "runs", "fields", "labels"})

_WORDS = {
    "shape": "type",
    "source": "from",
    "alias": "as",
    "over": "for",
    "timeout_s": "timeout",
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
    if type(old) is not type(new) or not _has_parts(old):
        if old != taken(new, names):
            yield _changed(path, old, new)
        return
    names = _inner_names(old, new, names)
    known = taken(new, names)
    for field in _fields(old):
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
    if not hasattr(old, "nodes") or not _all(Node, (*old.nodes, *new.nodes)):
        return names
    return names.plus("node", renamed(_by_name(old.nodes), _by_name(new.nodes), "node", names))


def _field(field: str, old: Any, new: Any, path: Path, names: Names) -> Iterator[Change]:
    here = (*path, Step("", _WORDS.get(field, field)))
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
    if _all(Node, parts):
        yield from declarations(_by_name(old), _by_name(new), "node", above, names)
    elif _all((Check, Expect), parts):
        yield from _set(old, [taken(part, names) for part in new], new, path)
    elif field in _KEYED or _all((RecordField, RunStep), parts):
        family = _KEYED.get(field, "field")
        yield from declarations(_by_name(old), _by_name(new), family, above, names)
        yield from _order(field, list(_by_name(old)), list(_by_name(new)), family, above)
    elif _are_pairs(parts):
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


def _has_parts(value: Any) -> bool:
    """Whether a value is compared field by field: a part of a plan, no expression, shape or setting."""
    place = type(value).__module__.rpartition(".")[2]
    known = place in ("plan", "testcase") or type(value).__name__ in ("RecordDef", "EnumDef", "RecordField")
    return is_dataclass(value) and known and not isinstance(value, _LEAVES)


def _fields(value: Any) -> "list[Field[Any]]":
    return [each for each in fields(value) if each.init and each.compare and each.name not in _NOT_COMPARED]


def _by_name(parts: Any) -> dict[str, Any]:
    return {_name(part): part for part in parts}


def _name(part: Any) -> str:
    match part:
        case Node(id=name) | Branch(label=name):
            return str(name)
        case _:
            return str(getattr(part, "name", None) or getattr(part, "model", ""))


def _all(kind: Any, parts: tuple[Any, ...]) -> bool:
    return all(isinstance(part, kind) for part in parts)


def _are_pairs(parts: tuple[Any, ...]) -> bool:
    return all(is_tuple(part) and len(part) == 2 and isinstance(part[0], str) for part in parts)
