"""Plans as JSON and back, and the hash of what a plan says.

Every object becomes {"$": its type's name, …} without the fields at their defaults; spans and file names are left out,
as they are out of equality. Reading takes a closed set of types and checks every field: JSON of unknown origin gives a
plan or a CodecError, and no name in it is ever looked up outside of the set.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Any, ForwardRef, Literal, NewType, TypeGuard, Union, get_args, get_origin, get_type_hints

from msrun.dsl import plan as plans
from msrun.dsl import shapes, testcase, tree
from msrun.dsl.values.jsontext import JsonRefused, parse
from msrun.dsl.values.plain import EvaluationError, is_list, is_record, plain

_TAG = "$"

MAX_LEVELS = 300
"""Lists and objects inside each other in the JSON of a plan."""

_TYPES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        *(plans.SecretRef, plans.Made, plans.Name, plans.Rule, plans.ValueMap, plans.Ask, plans.Invoke, plans.Compute),
        *(
            plans.Tally,
            plans.Rank,
            plans.Retrieve,
            plans.Update,
            plans.Screen,
            plans.Sure,
            plans.Stage,
            plans.Over,
            plans.Given,
            plans.Policy,
            plans.Node,
            plans.Input,
            plans.ModelSpec,
        ),
        *(
            plans.ToolSpec,
            plans.FragmentSpec,
            plans.KnowledgeSpec,
            plans.SessionSpec,
            plans.Check,
            plans.Subplan,
            plans.Body,
            plans.Branch,
            plans.Choose,
            plans.Repeat,
            plans.Search,
            plans.Bounds,
            plans.Limit,
            plans.Plan,
            plans.Profile,
            plans.Module,
        ),
        *(testcase.Mock, testcase.RunStep, testcase.Expect, testcase.TestCase),
        *(shapes.Range, shapes.Scalar, shapes.ListOf, shapes.MapOf, shapes.Maybe, shapes.UnionOf, shapes.Just),
        *(
            shapes.RefTo,
            shapes.Named,
            shapes.CellOf,
            shapes.NotedOf,
            shapes.PiiOf,
            shapes.Opaque,
            shapes.RecordField,
            shapes.RecordDef,
        ),
        *(shapes.EnumDef, tree.Constant, tree.Hole, tree.Text, tree.Ref, tree.Get, tree.Index, tree.Argument),
        *(tree.Call, tree.Pipe, tree.ListExpr, tree.Entry, tree.RecordExpr, tree.Unary, tree.Binary),
    )
}


class CodecError(ValueError):
    """The value is no plan as JSON, or has no JSON; the message names the type and field."""


def encode(value: Any) -> Any:
    """Return a plan, or any part of one, as plain JSON values. Raises CodecError for a foreign object."""
    return _encode(value, MAX_LEVELS)


def decode(data: Any) -> Any:
    """Return what `encode` was given, equal to it. Raises CodecError for anything else."""
    return _decode(data, MAX_LEVELS)


def read(text: str) -> Any:
    """Return the plan, module or part of one that a JSON text stands for. Raises CodecError."""
    try:
        return decode(parse(text, levels=MAX_LEVELS))
    except JsonRefused as error:
        raise CodecError(f"the JSON of a plan cannot be read: {error.message}") from None


def canonical(value: Any) -> bytes:
    """Return the one spelling of a plain value as JSON: sorted keys, no blanks, UTF-8; for hashes and cache keys.

    Cells count as their values. 1 and 1.0 are spelled differently. Raises CodecError for what is no plain value.
    """
    try:
        told = json.dumps(
            plain(value, MAX_LEVELS), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
    except EvaluationError as error:
        raise CodecError(error.message) from None
    return told.encode("utf-8", "surrogatepass")


def content_hash(value: Any) -> str:
    """Return the SHA-256, in hex, of what a plan or a part of one says: the same on every machine."""
    return hashlib.sha256(canonical(encode(value))).hexdigest()


def _encode(value: Any, levels: int) -> Any:
    if levels <= 0:
        raise CodecError("the plan is nested too deeply")
    if value is None or isinstance(value, str | int | float):
        return value
    if _is_tuple(value):
        return [_encode(part, levels - 1) for part in value]
    kind = _TYPES.get(_name(value))
    if kind is None or not isinstance(value, kind):
        raise CodecError(f"a {_name(value)} is no part of a plan")
    data: dict[str, Any] = {_TAG: kind.__name__}
    for field in _fields(kind).values():
        part: Any = getattr(value, field.name)
        if not _is_default(part, field):
            data[field.name] = _encode(part, levels - 1)
    return data


def _name(value: object) -> str:
    return type(value).__name__


def _is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _is_default(part: Any, field: "dataclasses.Field[Any]") -> bool:
    default: Any = field.default
    return type(part) is type(default) and bool(part == default)


def _decode(data: Any, levels: int) -> Any:
    if levels <= 0:
        raise CodecError("the plan is nested too deeply")
    if is_list(data):
        return tuple(_decode(part, levels - 1) for part in data)
    if not is_record(data):
        if type(data) not in (str, int, float, bool, type(None)):
            raise CodecError("the data is no JSON")
        return data
    kind = _kind(data.get(_TAG))
    parts = {key: _decode(part, levels - 1) for key, part in data.items() if key != _TAG}
    return _make(kind, parts)


def _kind(tag: Any) -> type:
    kind = _TYPES.get(tag) if isinstance(tag, str) else None
    if kind is None:
        raise CodecError("an object has no known type")
    return kind


def _make(kind: type, parts: dict[str, Any]) -> Any:
    fields = _fields(kind)
    for name, part in parts.items():
        if name not in fields:
            raise CodecError(f"{kind.__name__} has no field `{name[:60]}`")
        if not _fits(part, _hints(kind)[name]):
            raise CodecError(f"{kind.__name__}.{name} is of the wrong type")
    for field in fields.values():
        if field.name not in parts and field.default is dataclasses.MISSING:
            raise CodecError(f"{kind.__name__} lacks its field `{field.name}`")
    unnamed: dict[str, Any] = {"file": ""} if kind is plans.Module else {}
    return kind(**parts, **unnamed)


@cache
def _fields(kind: type) -> "dict[str, dataclasses.Field[Any]]":
    """Return the fields that say something: not the spans and file names, not the literal kind of an action."""
    return {field.name: field for field in dataclasses.fields(kind) if field.init and field.compare}


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a decoded value is of an annotated type; the inside of its objects was checked when they were made."""
    if isinstance(hint, ForwardRef):  # `Value`, the one alias that names itself
        return _fits(value, _hints(plans.Input)["default"])
    if isinstance(hint, NewType):
        return _fits(value, hint.__supertype__)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Union or origin is UnionType:
        return any(_fits(value, option) for option in args)
    if origin is Literal:
        return any(type(value) is type(option) and value == option for option in args)
    if origin is tuple:
        if not _is_tuple(value):
            return False
        each = args[:1] * len(value) if args[1:] == (Ellipsis,) else args
        return len(value) == len(each) and all(map(_fits, value, each))
    return type(value) is hint or (hint is float and type(value) is int) or (hint is type(None) and value is None)
