"""Declared types become pydantic models, and a shape becomes the validator of a reply.

pydantic is imported by the first record that is validated: texts, numbers, labels and lists of them are checked
without it. Models and validators are made once for a shape and the types it names.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union

from msrun.dsl.shapes import (
    CellOf,
    EnumDef,
    Just,
    ListOf,
    MapOf,
    Maybe,
    Named,
    NotedOf,
    Opaque,
    PiiOf,
    Range,
    RecordDef,
    RecordField,
    RefTo,
    Scalar,
    ScalarName,
    Shape,
    TypeDef,
    UnionOf,
    core,
)
from msrun.dsl.values.mismatch import expected, mismatch, shown
from msrun.dsl.values.plain import is_record
from msrun.dsl.values.references import parts_of

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter, ValidationError

Types: TypeAlias = Mapping[str, TypeDef]
Validate: TypeAlias = Callable[[Any, str], tuple[Any, list[str]]]
"""Takes a plain value and the name of its root; gives the value with defaults filled in, and what is wrong with it."""


def pydantic_model(name: str, types: Types) -> "type[BaseModel]":
    """Return the pydantic model of a declared record. A field whose name a model keeps for itself ends in `_`."""
    record = types[name]
    if not isinstance(record, RecordDef):
        raise TypeError(f"{name} is an enum, no record")
    return _models(_needed(Named(name), types))[name]


def validator(shape: Shape, types: Types) -> Validate:
    """Return the function that validates plain values of a shape."""
    if _is_flat(shape, types):
        return _without_models(shape, types)
    return _through_models(shape, types)


# --- shapes without records ------------------------------------------------------------------------------------------


def _without_models(shape: Shape, types: Types) -> Validate:
    def validate(value: Any, root: str) -> tuple[Any, list[str]]:
        problems: list[str] = []
        result = _flat(value, shape, types, root, problems)
        return (value if problems else result), problems

    return validate


def _is_flat(shape: Shape, types: Types) -> bool:
    match shape:
        case ListOf(item) | Maybe(item) | CellOf(_, item) | NotedOf(item) | PiiOf(item):
            return _is_flat(item, types)
        case UnionOf(options):
            return not any(isinstance(option, ListOf | MapOf) or not _is_flat(option, types) for option in options)
        case Named(id_):
            return isinstance(types[id_], EnumDef)
        case MapOf() | Opaque():
            return False
        case _:
            return True


def _flat(value: Any, shape: Shape, types: Types, path: str, problems: list[str]) -> Any:
    wrong = mismatch(value, shape, types)
    if wrong is not None or value is None:
        problems.extend([f"{path}: {wrong}"] if wrong else [])
        return value
    match shape:
        case ListOf(item):
            return [_flat(part, item, types, f"{path}[{at}]", problems) for at, part in enumerate(value)]
        case Maybe(item) | CellOf(_, item) | NotedOf(item) | PiiOf(item):
            return _flat(value, item, types, path, problems)
        case UnionOf(options):
            fitting = next(option for option in options if mismatch(value, option, types) is None)
            return _flat(value, fitting, types, path, problems)
        case Scalar("float"):
            return float(value)
        case _:
            return value


# --- through pydantic ------------------------------------------------------------------------------------------------


def _through_models(shape: Shape, types: Types) -> Validate:
    made: list[TypeAdapter[Any]] = []

    def validate(value: Any, root: str) -> tuple[Any, list[str]]:
        from pydantic import ValidationError

        try:
            if not made:
                made.append(_adapter(shape, _needed(shape, types)))
            (adapter,) = made
            return adapter.dump_python(adapter.validate_python(value), by_alias=True), []
        except ValidationError as error:
            return value, _problems(error, value, shape, types, root)
        except RecursionError:
            return value, [f"{root or 'the reply'}: its type is nested too deeply to be checked"]

    return validate


def _needed(shape: Shape, types: Types) -> tuple[TypeDef, ...]:
    return tuple(types[part.id] for part in dict.fromkeys(parts_of(shape, types)) if isinstance(part, Named))


@lru_cache(maxsize=256)
def _adapter(shape: Shape, needed: tuple[TypeDef, ...]) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    models = _models(needed)
    return TypeAdapter(_annotation(shape, {part.id: part for part in needed}, models))


@lru_cache(maxsize=256)
def _models(needed: tuple[TypeDef, ...]) -> "dict[str, type[BaseModel]]":
    from pydantic import ConfigDict, create_model

    types = {part.id: part for part in needed}
    records = [part for part in needed if isinstance(part, RecordDef)]
    forward = {record.id: f"Record{at}" for at, record in enumerate(records)}
    config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())
    models: dict[str, type[BaseModel]] = {}
    for record in records:
        fields: dict[str, Any] = dict(_field(field, types, forward) for field in record.fields)
        models[record.id] = create_model(record.id, __config__=config, **fields)
    for model in models.values():
        model.model_rebuild(_types_namespace={forward[id_]: other for id_, other in models.items()})
    return models


def _field(field: RecordField, types: Types, models: Mapping[str, Any]) -> tuple[str, tuple[Any, Any]]:
    """Return a field's name in the model, and its annotation with its default."""
    from pydantic import BaseModel, Field

    own = field.name.startswith(("_", "model_")) or hasattr(BaseModel, field.name)
    name = field.name.lstrip("_") + "_" if own else field.name
    settings: dict[str, Any] = {"description": field.description or None}
    if own:
        settings["alias"] = field.name
    default = field.default
    if default is not None:
        settings["default_factory"] = lambda: json.loads(default)
    elif isinstance(field.shape, Maybe):
        settings["default"] = None
    return name, (_annotation(field.shape, types, models), Field(**settings))


def _annotation(shape: Shape, types: Types, models: Mapping[str, Any]) -> Any:
    """Return the Python type of a shape; a record is its model, or the name of one that is still to be made."""
    match shape:
        case Scalar(name, bounds):
            return _scalar(name, bounds)
        case ListOf(item, bounds):
            return _with(_LIST[_annotation(item, types, models)], **_sizes(bounds))
        case MapOf(item):
            return _DICT[str, _annotation(item, types, models)]
        case Maybe(item):
            return _UNION[_annotation(item, types, models), None]
        case CellOf(_, item) | NotedOf(item) | PiiOf(item):
            return _annotation(item, types, models)
        case UnionOf(options):
            parts = tuple(_annotation(option, types, models) for option in options)
            return _with(_UNION[parts], union_mode="left_to_right")
        case Just(value):
            return _LITERAL[value]
        case RefTo():
            return _with(str, strict=True, min_length=1)
        case Named(id_):
            declared = types[id_]
            if isinstance(declared, EnumDef):
                return _LITERAL[tuple(label for label, _ in declared.labels)]
            return models[id_]
        case Opaque(what):
            raise TypeError(f"no value can be {what}")


def _scalar(name: ScalarName, bounds: Range | None) -> Any:
    low, high = (bounds.low, bounds.high) if bounds else (None, None)
    match name:
        case "json":
            return Any
        case "int":
            return _with(int, strict=True, ge=low, le=high)
        case "float":
            return _with(float, strict=True, ge=low, le=high, allow_inf_nan=False)
        case "bool":
            return _with(bool, strict=True)
        case "text" | "key" | "image" | "audio" | "file" | "secret":
            sizes = _sizes(bounds)
            least = max(sizes["min_length"] or 0, 1) if name == "key" else sizes["min_length"]
            return _with(str, strict=True, min_length=least, max_length=sizes["max_length"])


def _sizes(bounds: Range | None) -> dict[str, int | None]:
    """Return lengths as pydantic wants them: whole numbers."""
    low, high = (bounds.low, bounds.high) if bounds else (None, None)
    return {
        "min_length": None if low is None else ceil(low),
        "max_length": None if high is None else floor(high),
    }


def _with(kind: Any, **settings: Any) -> Any:
    from pydantic import Field

    return Annotated[kind, Field(**settings)]


def _problems(error: "ValidationError", value: Any, shape: Shape, types: Types, root: str) -> list[str]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    said = [_problem(each["loc"], each["msg"], value, shape, types, root) for each in found]
    return list(dict.fromkeys(filter(None, said))) or [f"{root or 'the reply'}: expected {expected(shape, types)}"]


def _problem(loc: tuple[int | str, ...], words: str, value: Any, shape: Shape, types: Types, path: str) -> str:
    """Say one error of pydantic in our words, by following its place through the shape and the value.

    Where one option alone of a union has the value's kind, what the other options miss is not said.
    """
    for at, step in enumerate(loc, 1):
        shape = core(shape)
        record = types.get(shape.id) if isinstance(shape, Named) else None
        if isinstance(shape, UnionOf):  # the step names an option
            fitting = [option for option in shape.options if mismatch(value, option, types) is None]
            if len(fitting) != 1:
                return f"{path or 'the reply'}: expected {expected(shape, types)}, got {shown(value)}"
            if at == len(loc):
                return ""
            shape = fitting[0]
        elif isinstance(shape, ListOf) and isinstance(step, int):
            value, shape, path = value[step], shape.item, f"{path}[{step}]"
        elif isinstance(shape, MapOf) and is_record(value):
            key = str(step)
            value, shape, path = value.get(key), shape.item, f"{path}.{key}"
        elif isinstance(record, RecordDef) and is_record(value):
            path = f"{path}.{step}" if path else str(step)
            field = record.field(str(step))
            if field is None:
                return f"{path}: there is no such field; the fields are {', '.join(f.name for f in record.fields)}"
            if field.name not in value:
                return f"{path}: is missing, expected {expected(field.shape, types)}"
            value, shape = value[field.name], field.shape
    return f"{path or 'the reply'}: {mismatch(value, shape, types) or words}"


_LIST: Any = list
_DICT: Any = dict
_UNION: Any = Union
_LITERAL: Any = Literal
