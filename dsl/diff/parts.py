"""Parts of a plan sorted for comparing: what is taken apart, what is one value, which name each is found by."""

from collections.abc import Iterable
from dataclasses import Field, fields, is_dataclass
from typing import Any

from msrun.dsl.diff.spell import is_spelled, spell_expr
from msrun.dsl.plan import Branch, Given, Limit, Node, Over
from msrun.dsl.shapes import Range
from msrun.dsl.testcase import Mock
from msrun.dsl.values.plain import is_tuple

_NOT_COMPARED = frozenset({"id", "name", "key", "models", "tools", "fragments", "types", "plans", "knowledge"})
"""Names, and tables that are compared once for the whole file."""

_DERIVED = frozenset({"value_shape", "label"})
"""What follows from other fields."""


def has_parts(value: Any) -> bool:
    """Whether a value is compared field by field: a part of a plan, no expression, shape or setting."""
    return is_dataclass(value) and not is_spelled(value) and not isinstance(value, Over | Given | Range)


def compared(value: Any) -> "list[Field[Any]]":
    """Return the fields of a part that say something of their own."""
    left_out = _DERIVED if isinstance(value, Node | Branch) else frozenset[str]()
    skipped = left_out | (_NOT_COMPARED - {"knowledge"} if _names_knowledge(value) else _NOT_COMPARED)
    return [each for each in fields(value) if each.init and each.compare and each.name not in skipped]


def by_name(parts: Iterable[Any]) -> dict[str, Any]:
    """Return parts by the names that they are known by within their place."""
    return {name_of(part): part for part in parts}


def name_of(part: Any) -> str:
    """Return the name of a part, an empty text where it has none: an arm is known by the set of its tests."""
    match part:
        case Node(id=name) | Mock(model=name):
            return str(name)
        case Branch(tests=tests):
            return ", ".join(sorted(map(spell_expr, tests))) or "else"
        case Limit(of=kind, name=name):
            return name if kind == name else f"{kind} {name}"
        case _:
            name = getattr(part, "name", "")
            return name if isinstance(name, str) else ""


def all_are(kind: Any, parts: tuple[Any, ...]) -> bool:
    """Whether all parts are of a kind, or of one of several."""
    return all(isinstance(part, kind) for part in parts)


def are_named(parts: tuple[Any, ...]) -> bool:
    """Whether all parts are found by names."""
    return all(has_parts(part) and bool(name_of(part)) for part in parts)


def are_pairs(parts: tuple[Any, ...]) -> bool:
    """Whether all parts are names with values: settings, arguments, labels."""
    return all(is_tuple(part) and len(part) == 2 and isinstance(part[0], str) for part in parts)


def _names_knowledge(value: Any) -> bool:
    """Whether `knowledge` is a name here, not the table of a plan."""
    return isinstance(getattr(value, "knowledge", None), str)
