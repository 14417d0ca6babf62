"""A `rank` or `pick` node: reads the mark of every item, orders the items, and gives the best ones or the best one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from msrun.dsl.plan import FragmentSpec, Rank
from msrun.dsl.tree import Expr
from msrun.dsl.values.cells import Cell, unwrap
from msrun.dsl.values.evaluate import compile_expr, compile_item
from msrun.dsl.values.plain import EvaluationError, is_list, is_number, word
from msrun.runtime.progress import Progress


@dataclass(frozen=True, slots=True)
class Ranker:
    """Orders the items of one node."""

    action: Rank
    fragments: Mapping[str, FragmentSpec]

    def __call__(self, _progress: Progress, names: Mapping[str, Any]) -> Any:
        """Return the best item (`pick`) or the items in order. Raises EvaluationError."""
        action, kind = self.action, "pick" if self.action.one else "rank"
        items = _listed(self._value(action.source, names), f"`{kind}` needs")
        marks = self._marks(items, names)
        order = best_first(marks, lowest=action.lowest)
        if not action.one:
            return [unwrap(items[at]) for at in order[: self._keep(names)]]
        if not order:
            raise EvaluationError("there is nothing to pick from: no item has a mark")
        return unwrap(items[order[0]])

    def _marks(self, items: list[Any], names: Mapping[str, Any]) -> dict[int, Any]:
        """Return the marks by index; a skipped item, one whose mark was skipped and one without a mark have none."""
        action = self.action
        marked = items
        if action.marks is not None:
            marked = _listed(self._value(action.marks, names), "`by` needs")
            if len(marked) != len(items):
                raise EvaluationError(f"`by` gives {len(marked)} marks for {len(items)} items")
        read = compile_item(action.by, self.fragments) if action.by is not None else None
        found: dict[int, Any] = {}
        for at, (item, mark) in enumerate(zip(items, marked, strict=True)):
            if _has_value(item) and _has_value(mark):
                value = unwrap(mark if read is None else read(names, mark))
                if value is not None:
                    found[at] = value
        return found

    def _keep(self, names: Mapping[str, Any]) -> int | None:
        if self.action.keep is None:
            return None
        keep = unwrap(self._value(self.action.keep, names))
        if type(keep) is not int or keep < 1:
            raise EvaluationError("`keep` needs a whole number of at least 1")
        return keep

    def _value(self, expr: Expr, names: Mapping[str, Any]) -> Any:
        return compile_expr(expr, self.fragments)(names)


def best_first(marks: Mapping[int, Any], *, lowest: bool = False) -> list[int]:
    """Return the indexes by their marks, the best first, ties by index. Raises EvaluationError for mixed marks.

    >>> best_first({0: 0.5, 1: 0.9, 2: 0.9})
    [1, 2, 0]
    """
    values = list(marks.values())
    if not (all(map(is_number, values)) or all(isinstance(value, str) for value in values)):
        odd = next((value for value in values if not (is_number(value) or isinstance(value, str))), None)
        told = "marks are all numbers or all texts" if odd is None else f"{word(odd)} is no mark"
        raise EvaluationError(f"{told}; give a number for every item")
    return sorted(sorted(marks), key=marks.__getitem__, reverse=not lowest)


def _listed(value: Any, who: str) -> list[Any]:
    value = unwrap(value)
    if not is_list(value):
        raise EvaluationError(f"{who} a list, this is {word(value)}")
    return value


def _has_value(item: Any) -> TypeGuard[Any]:
    return not (type(item) is Cell and not item.has_value) and unwrap(item) is not None
