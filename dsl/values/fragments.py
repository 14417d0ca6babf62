"""How a fragment's parameters are filled from an item: the rule of `each(fragment)`, for shapes and for values.

A parameter is matched by its name; the first line that fits decides:

1. the item is a cell: `item`, `value`, `index` and `status` are the cell's;
2. the item (a cell's value) is a record with a field of that name: that field;
3. the item is no cell: `item` and `value` are the item itself, `index` its place, from 0;
4. it is the fragment's only parameter: the item (a cell's value);
5. the parameter has a default or may be null: that.

A cell that was skipped is left out, unless every parameter does without its value: `item`, `index`, `status`, or one
that may be null.
"""

from collections.abc import Mapping
from typing import Any

from msrun.dsl.plan import FragmentSpec, Input, Value, ValueMap
from msrun.dsl.shapes import INT, JSON, TEXT, CellOf, Maybe, Named, RecordDef, Shape, TypeDef, core
from msrun.dsl.values.cells import CELL_FIELDS, Cell, unwrap
from msrun.dsl.values.plain import is_record

MISSING = object()
"""What `supply` returns for a parameter that the item does not fill."""


def provided(name: str, element: Shape, types: Mapping[str, TypeDef], *, alone: bool) -> Shape | None:
    """Return the shape that an element gives a parameter of this name (rules 1 to 4), None where it gives nothing."""
    if isinstance(element, CellOf) and name in CELL_FIELDS:
        return {"item": element.item, "value": element.value, "index": INT, "status": TEXT}[name]
    value = core(element)
    if value == JSON:
        return JSON
    found = _field(value, name, types)
    if found is None and not isinstance(element, CellOf):
        found = {"item": element, "value": element, "index": INT}.get(name)
    return value if found is None and alone else found


def lacking(fragment: FragmentSpec, element: Shape, types: Mapping[str, TypeDef]) -> tuple[str, ...]:
    """Return the parameters that nothing fills when the fragment is applied to each element of this shape."""
    alone = len(fragment.params) == 1
    return tuple(
        param.name
        for param in fragment.params
        if _needed(param) and provided(param.name, element, types, alone=alone) is None
    )


def supply(name: str, element: Any, index: int, *, alone: bool) -> Any:
    """Return what an element at a place gives a parameter of this name (rules 1 to 4), or MISSING."""
    cell = type(element) is Cell
    if cell and name in CELL_FIELDS:
        return cell_field(element, name)
    value = unwrap(element)
    if is_record(value) and name in value:
        return value[name]
    if not cell and name in ("item", "value"):
        return value
    if not cell and name == "index":
        return index
    return value if alone else MISSING


def cell_field(cell: Cell, name: str) -> Any:
    """Return one of the four fields of a cell."""
    if name == "item":
        return cell.item
    if name == "value":
        return cell.value
    return cell.index if name == "index" else cell.status


def needs_value(fragment: FragmentSpec) -> bool:
    """Whether a cell without a value is left out when the fragment is applied to each."""
    return any(
        param.name not in ("item", "index", "status") and not isinstance(param.shape, Maybe)
        for param in fragment.params
    )


def standard(param: Input) -> Any:
    """Return the value of a parameter that got none: its default, or null."""
    return _plain(param.default)


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, ValueMap):
        return {key: _plain(part) for key, part in value.entries}
    return value


def _needed(param: Input) -> bool:
    return param.required and not isinstance(param.shape, Maybe)


def _field(shape: Shape, name: str, types: Mapping[str, TypeDef]) -> Shape | None:
    record = types.get(shape.id) if isinstance(shape, Named) else None
    field = record.field(name) if isinstance(record, RecordDef) else None
    return field.shape if field else None
