"""Shapes as contracts: the JSON schema that a model is shown, and the check that its reply has to pass.

Descriptions, ranges and labels go into the schema (draft 2020-12). A type used once stands in place, one used more
often or inside itself stands in `$defs`, so that the schema is never longer than the types.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil, floor
from typing import Any, TypeAlias

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
    Shape,
    TypeDef,
    UnionOf,
)
from msrun.dsl.values.models import pydantic_model, validator
from msrun.dsl.values.references import parts_of, reference_problems, refers

__all__ = ["ShapeError", "check", "compile_check", "json_schema", "pydantic_model"]

Types: TypeAlias = Mapping[str, TypeDef]

_INLINE_LEVELS = 12
"""Types inside each other that still stand in place."""


class ShapeError(ValueError):
    """A value does not fit its shape; `problems` has one line for each thing that is wrong, its place first."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def check(value: Any, shape: Shape, types: Types) -> Any:
    """Return a plain value with its defaults filled in and its fields in order. Raises ShapeError."""
    return compile_check(shape, types)(value)


def compile_check(shape: Shape, types: Types, *, root: str = "", open_refs: bool = False) -> Callable[[Any], Any]:
    """Return the check of a shape. `root` names the value in messages; `open_refs` leaves references unchecked."""
    validate = validator(shape, types)
    related = refers(shape, types) and not open_refs
    name = root or _root_name(shape, types)

    def run(value: Any) -> Any:
        result, problems = validate(value, name)
        if not problems and related:
            problems = reference_problems(result, shape, types, name)
        if problems:
            raise ShapeError(tuple(problems))
        return result

    return run


def json_schema(shape: Shape, types: Types) -> dict[str, Any] | None:
    """Return the JSON schema of a reply; None where the reply is plain text. Raises TypeError for what is no value."""
    if isinstance(shape, Scalar) and shape.name in ("text", "key", "secret"):
        return None
    uses = Counter(part.id for part in _uses(shape, types))
    writer = _Writer(types, {name for name, count in uses.items() if count > 1})
    schema = writer.root(shape)
    return {**schema, "$defs": writer.definitions} if writer.definitions else schema


def _root_name(shape: Shape, types: Types) -> str:
    if isinstance(shape, Named):
        return "" if isinstance(types[shape.id], RecordDef) else "value"
    return "items" if isinstance(shape, ListOf) else "value"


def _uses(shape: Shape, types: Types) -> list[Named]:
    """Return every mention of a declared type, the root's and those inside of types."""
    return [part for part in parts_of(shape, types) if isinstance(part, Named)]


class _Writer:
    """Writes schemas and gathers the definitions that they refer to."""

    def __init__(self, types: Types, shared: set[str]) -> None:
        self._types = types
        self._shared = shared
        self._level = 0
        self._waiting: list[str] = []
        self.definitions: dict[str, Any] = {}

    def root(self, shape: Shape) -> dict[str, Any]:
        """Write the schema of the whole; a record stands in place here even where others refer to it."""
        schema = self._declared(shape.id) if isinstance(shape, Named) else self.write(shape)
        while self._waiting:
            id_ = self._waiting.pop()
            self.definitions[id_] = self._declared(id_)
        return schema

    def write(self, shape: Shape) -> dict[str, Any]:
        """Write one schema."""
        match shape:
            case Scalar():
                return _scalar(shape)
            case ListOf(item, bounds):
                return {"type": "array", "items": self.write(item), **_sizes(bounds, "Items")}
            case MapOf(item):
                return {"type": "object", "additionalProperties": self.write(item)}
            case Maybe(item):
                return {"anyOf": [self.write(item), {"type": "null"}]}
            case CellOf(_, item) | NotedOf(item) | PiiOf(item):
                return self.write(item)
            case UnionOf(options):
                return self._union(options)
            case Just(value):
                return {"type": "string", "enum": [value]}
            case RefTo():
                return {"type": "string", "minLength": 1}
            case Named(id_):
                return self._named(id_)
            case Opaque(what):
                raise TypeError(f"no value can be {what}")

    def _union(self, options: tuple[Shape, ...]) -> dict[str, Any]:
        texts = [option.value for option in options if isinstance(option, Just)]
        if len(texts) == len(options):
            return {"type": "string", "enum": texts}
        return {"anyOf": [self.write(option) for option in options]}

    def _named(self, id_: str) -> dict[str, Any]:
        if id_ not in self._shared and self._level < _INLINE_LEVELS:
            return self._declared(id_)
        if id_ not in self.definitions:
            self.definitions[id_] = {}
            self._waiting.append(id_)
        return {"$ref": "#/$defs/" + id_.replace("~", "~0").replace("/", "~1")}

    def _declared(self, id_: str) -> dict[str, Any]:
        declared = self._types[id_]
        if isinstance(declared, EnumDef):
            return _enum(declared)
        self._level += 1
        properties = {field.name: self._field(field) for field in declared.fields}
        self._level -= 1
        return {
            "type": "object",
            "properties": properties,
            "required": [field.name for field in declared.fields if field.default is None],
            "additionalProperties": False,
        }

    def _field(self, field: RecordField) -> dict[str, Any]:
        schema = self.write(field.shape)
        if field.default is not None:
            schema = {**schema, "default": json.loads(field.default)}
        if field.description:
            told = schema.get("description")
            schema = {**schema, "description": f"{field.description}\n{told}" if told else field.description}
        return schema


def _scalar(shape: Scalar) -> dict[str, Any]:
    low, high = (shape.range.low, shape.range.high) if shape.range else (None, None)
    ends = {key: end for key, end in (("minimum", low), ("maximum", high)) if end is not None}
    match shape.name:
        case "json":
            return {}
        case "int":
            return {"type": "integer", **ends}
        case "float":
            return {"type": "number", **ends}
        case "bool":
            return {"type": "boolean"}
        case "key":
            return {"type": "string", "minLength": 1, **_sizes(shape.range, "Length")}
        case "text" | "image" | "audio" | "file" | "secret":
            return {"type": "string", **_sizes(shape.range, "Length")}


def _sizes(bounds: Range | None, noun: str) -> dict[str, Any]:
    if bounds is None:
        return {}
    low = {} if bounds.low is None else {f"min{noun}": ceil(bounds.low)}
    return low if bounds.high is None else {**low, f"max{noun}": floor(bounds.high)}


def _enum(declared: EnumDef) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "enum": [label for label, _ in declared.labels]}
    told = [f"{label}: {description}" for label, description in declared.labels if description]
    return {**schema, "description": "\n".join(told)} if told else schema
