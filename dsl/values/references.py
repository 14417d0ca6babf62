"""What a schema cannot say about a list of records: keys are unique, every `ref` names a key, references run no circle.

A `ref<T>` is looked up in the nearest list of T around it; where there is none, it stands unchecked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

from msrun.dsl.shapes import ListOf, MapOf, Maybe, Named, RecordDef, RefTo, Scalar, Shape, TypeDef, UnionOf
from msrun.dsl.values.mismatch import mismatch
from msrun.dsl.values.plain import is_list, is_record

Types: TypeAlias = Mapping[str, TypeDef]

_KNOWN = 12
"""Keys that a message lists."""


@dataclass(slots=True)
class _List:
    """A list of keyed records: the key's field, what each key refers to, and the references of the record at hand."""

    key: str
    graph: dict[str, list[str]]
    here: list[str]


def reference_problems(value: Any, shape: Shape, types: Types, path: str = "items") -> list[str]:
    """Return what is wrong with keys and references inside a value that fits its shape otherwise."""
    return list(_walk(value, shape, types, path, {}))


def refers(shape: Shape, types: Types) -> bool:
    """Whether values of this shape hold keys or references at all."""
    return any(part == Scalar("key") or isinstance(part, RefTo) for part in parts_of(shape, types))


def parts_of(shape: Shape, types: Types) -> Iterator[Shape]:
    """Yield the shape and everything inside it, every declared type once."""
    seen: set[str] = set()
    waiting = [shape]
    while waiting:
        part = waiting.pop()
        yield part
        match part:
            case ListOf(item) | MapOf(item) | Maybe(item):
                waiting.append(item)
            case UnionOf(options):
                waiting.extend(options)
            case Named(id_) if id_ not in seen:
                seen.add(id_)
                declared = types[id_]
                if isinstance(declared, RecordDef):
                    waiting.extend(field.shape for field in declared.fields)
            case _:
                pass


def _walk(value: Any, shape: Shape, types: Types, path: str, lists: Mapping[str, _List]) -> Iterator[str]:
    match shape:
        case Maybe(item):
            yield from _walk(value, item, types, path, lists)
        case RefTo(record) if record in lists and type(value) is str:
            yield from _refer(value, path, lists[record])
        case ListOf(RefTo() as item) if is_list(value):
            for part in value:
                yield from _walk(part, item, types, path, lists)
        case ListOf(item) if is_list(value):
            yield from _walk_list(value, item, types, path, lists)
        case MapOf(item) if is_record(value):
            for key, part in value.items():
                yield from _walk(part, item, types, f"{path}.{key}", lists)
        case UnionOf(options):
            for option in options:
                if isinstance(option, Named | ListOf | MapOf) and mismatch(value, option, types) is None:
                    yield from _walk(value, option, types, path, lists)
        case Named(id_) if is_record(value):
            yield from _walk_record(value, id_, types, path, lists)
        case _:
            pass


def _walk_record(
    value: dict[str, Any], record: str, types: Types, path: str, lists: Mapping[str, _List]
) -> Iterator[str]:
    declared = types[record]
    for field in declared.fields if isinstance(declared, RecordDef) else ():
        at = f"{path}.{field.name}" if path else field.name
        yield from _walk(value.get(field.name), field.shape, types, at, lists)


def _walk_list(value: list[Any], item: Shape, types: Types, path: str, lists: Mapping[str, _List]) -> Iterator[str]:
    record = types.get(item.id) if isinstance(item, Named) else None
    key = record.key if isinstance(record, RecordDef) else None
    if record is None or key is None:
        for at, part in enumerate(value):
            yield from _walk(part, item, types, f"{path}[{at}]", lists)
        return
    own = _List(key, {}, [])
    for at, part in enumerate(value):
        if part[key] in own.graph:
            yield f"{path}[{at}].{key}: {part[key]} is used twice"
        own.graph[part[key]] = []
    inside = {**lists, record.id: own}
    for at, part in enumerate(value):
        own.here = own.graph[part[key]]
        yield from _walk(part, item, types, f"{path}[{at}]", inside)
    yield from _circle(own, path)


def _refer(value: str, path: str, target: _List) -> Iterator[str]:
    if value in target.graph:
        target.here.append(value)
        return
    known = list(target.graph)
    more = ", …" if len(known) > _KNOWN else ""
    yield f"{path}: {value} is no {target.key} of this list, which has {', '.join(known[:_KNOWN])}{more}"


def _circle(target: _List, path: str) -> Iterator[str]:
    try:
        TopologicalSorter(target.graph).prepare()
    except CycleError as error:
        keys: list[str] = error.args[1][::-1]  # graphlib lists predecessors first
        yield f"{path}: {' needs '.join(keys)}, which is a circle"
