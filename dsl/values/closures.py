"""What the closures of an expression do: read a name, a field, a place, apply a sign or a filter, or fail."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from msrun.dsl.source import Span
from msrun.dsl.values.cells import CELL_FIELDS, Cell, Noted, unwrap
from msrun.dsl.values.filters import Filter
from msrun.dsl.values.fragments import cell_field
from msrun.dsl.values.operators import BINARY, negate, truth
from msrun.dsl.values.plain import EvaluationError, is_list, is_record, word

Env: TypeAlias = Mapping[str, Any]
"""Values by name: inputs, params of the file, finished nodes, binders. Enum labels are constants by then."""

Fn: TypeAlias = Callable[[Env, Any], Any]
"""A compiled expression: the values of names, and the item at hand."""

NO_ITEM = object()
"""The item at hand where there is none."""


def fails(message: str, span: Span) -> Fn:
    """Make a closure that always fails: what is wrong is said when it is called."""

    def fail(_env: Env, _item: Any) -> Any:
        raise EvaluationError(message, span)

    return fail


def ref(name: str, span: Span) -> Fn:
    """Read a name."""

    def read(env: Env, _item: Any) -> Any:
        try:
            return env[name]
        except KeyError:
            raise EvaluationError(f"`{name}` has no value here", span) from None

    return read


def item_at_hand(attr: str, span: Span) -> Fn:
    """Read the item at hand."""

    def at_hand(_env: Env, item: Any) -> Any:
        if item is NO_ITEM:
            raise EvaluationError(f"`.{attr}` stands outside an item", span)
        return item

    return at_hand


def get(base: Fn, attr: str, spelled: str, span: Span) -> Fn:
    """Read a record's field by its key, one of a cell's four fields, or a note."""
    of_cell = attr in CELL_FIELDS

    def read(env: Env, item: Any) -> Any:
        value = base(env, item)
        if type(value) is Cell:
            if of_cell:
                return cell_field(value, attr)
            value = value.value
        if type(value) is Noted:
            if attr in value.notes:
                return value.notes[attr]
            value = unwrap(value)
        if is_record(value):
            try:
                return value[attr]
            except KeyError:
                known = ", ".join(f"`{key}`" for key in list(value)[:12])
                raise EvaluationError(f"{spelled} has no field `{attr}`; it has {known or 'none'}", span) from None
        hint = "; read it from every item with `| map(." + attr + ")`" if is_list(value) else ""
        raise EvaluationError(f"{spelled} is {word(value)} and has no field `{attr}`{hint}", span)

    return read


def index(base: Fn, index: Fn, span: Span) -> Fn:
    """Read a list's item by its place, from 0, or a record's entry by its key."""

    def at(env: Env, item: Any) -> Any:
        value, place = unwrap(base(env, item)), unwrap(index(env, item))
        if is_list(value) and type(place) is int:
            if 0 <= place < len(value):
                return value[place]
            raise EvaluationError(f"there is no item {place} in a list of {len(value)}", span)
        if is_record(value) and type(place) is str:
            if place in value:
                return value[place]
            raise EvaluationError(f"there is no entry `{place[:60]}`", span)
        raise EvaluationError(f"{word(value)} has no place that {word(place)} could name", span)

    return at


def unary(op: str, operand: Fn, span: Span) -> Fn:
    """`not x`, `-x`."""
    apply = truth if op == "not" else negate

    def run(env: Env, item: Any) -> Any:
        try:
            value = apply(unwrap(operand(env, item)))
        except EvaluationError as error:
            raise error.at(span) from None
        return not value if op == "not" else value

    return run


def binary(op: str, left: Fn, right: Fn, span: Span) -> Fn:
    """A sign between two values; `and` and `or` read their right side only where it decides."""
    if op in ("and", "or"):
        return _short_circuit(left, right, span, until=op == "or")
    apply = BINARY[op]

    def run(env: Env, item: Any) -> Any:
        try:
            return apply(unwrap(left(env, item)), unwrap(right(env, item)))
        except EvaluationError as error:
            raise error.at(span) from None

    return run


def _short_circuit(left: Fn, right: Fn, span: Span, *, until: bool) -> Fn:
    def run(env: Env, item: Any) -> bool:
        try:
            first = truth(left(env, item))
            return first if first is until else truth(right(env, item))
        except EvaluationError as error:
            raise error.at(span) from None

    return run


def filtered(entry: Filter, base: Fn, spelled: str, args: list[Fn], span: Span) -> Fn:
    """`base | filter(args)`."""
    apply = entry.apply

    def run(env: Env, item: Any) -> Any:
        value = unwrap(base(env, item))
        if value is None and not entry.takes_null:
            raise EvaluationError(f"{spelled} is null, and `{entry.name}` has nothing to read", span)
        try:
            return apply(value, *[arg(env, item) for arg in args])
        except EvaluationError as error:
            raise error.at(span) from None

    return run
