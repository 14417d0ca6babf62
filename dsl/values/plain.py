"""Plain values: what they are called, how they print, when two are the same. Anything else is refused, never asked.

A value is a text, a number, true or false, null, a list, a record (dict) or a cell; its exact type decides, so that no
attribute of a foreign object is ever reached.
"""

import json
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, TypeGuard

from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.values.cells import Cell, Noted, elements, unwrap

MAX_TEXT = 16 * 1024 * 1024
"""Code points that one text may hold."""

MAX_ITEMS = 1_000_000
"""Items that a computed list may hold."""

MAX_BITS = 3322
"""Size of a computed whole number: a thousand decimal digits."""

MAX_DEPTH = 128
"""Levels of lists and records inside one value."""


class EvaluationError(Exception):
    """An expression has no value; `message` says why, `span` where it stands in its file."""

    def __init__(self, message: str, span: Span = NOWHERE) -> None:
        super().__init__(message)
        self.message = message
        self.span = span

    def at(self, span: Span) -> "EvaluationError":
        """Return this error, placed at `span` where it has no place yet."""
        if self.span == NOWHERE:
            self.span = span
        return self


_WORDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
    list: "a list",
    dict: "a record",
    Cell: "a cell",
    Noted: "a value",
}


def word(value: object) -> str:
    """Say what kind of value this is: `a text`, `a list`, `null` …"""
    return _WORDS.get(type(value), "something that is no plain value")


def show(value: object) -> str:
    """Print a value as a hole does: a text as it is, a number plainly, a list or record as compact JSON."""
    printer = _PRINTERS.get(type(value))
    if printer is None:
        raise EvaluationError(f"{word(value)} cannot be printed")
    return printer(value)


def compact(value: Any) -> str:
    """Print a value as JSON: no blanks, characters as they are, keys in their order, cells as their values."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def plain(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Copy a value with its cells read as values. Raises EvaluationError for a foreign object or endless depth."""
    value = unwrap(value)
    if is_list(value):
        if depth <= 0:
            raise EvaluationError("the value is nested too deeply")
        return [plain(element, depth - 1) for element in elements(value)]
    if is_record(value):
        if depth <= 0:
            raise EvaluationError("the value is nested too deeply")
        return {_key(key): plain(part, depth - 1) for key, part in value.items()}
    return _scalar(value)


def same(left: Any, right: Any, depth: int = MAX_DEPTH) -> bool:
    """Whether two values are equal: part by part, cells as values, 1 and 1.0 alike, 1 and true not."""
    left, right = unwrap(left), unwrap(right)
    if depth <= 0:
        raise EvaluationError("the value is nested too deeply")
    if is_list(left) and is_list(right):
        ours, theirs = elements(left), elements(right)
        return len(ours) == len(theirs) and all(same(a, b, depth - 1) for a, b in zip(ours, theirs, strict=True))
    if is_record(left) and is_record(right):
        return left.keys() == right.keys() and all(same(left[key], right[key], depth - 1) for key in left)
    if is_list(left) or is_record(left) or is_list(right) or is_record(right):
        return False
    ours, theirs = _scalar(left), _scalar(right)
    alike = type(ours) is type(theirs) or (is_number(ours) and is_number(theirs))
    return alike and bool(ours == theirs)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether the value is a list."""
    return type(value) is list


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Whether the value is a tuple, of whatever."""
    return isinstance(value, tuple)


def is_record(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether the value is a record."""
    return type(value) is dict


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether the value is a whole number or a number; true and false are not."""
    return type(value) is int or type(value) is float


def joined(parts: Iterable[str], separator: str) -> str:
    """Join texts; raises EvaluationError where the result would pass MAX_TEXT."""
    pieces = list(parts)
    if sum(map(len, pieces)) + len(separator) * len(pieces) > MAX_TEXT:
        raise EvaluationError(f"the text would grow past {MAX_TEXT} characters")
    return separator.join(pieces)


def _scalar(value: Any) -> Any:
    if type(value) is float and not isfinite(value):
        raise EvaluationError("the number is not finite")
    if type(value) is int and value.bit_length() > MAX_BITS:
        raise EvaluationError("the whole number is too large")
    if not _is_plain(value):
        raise EvaluationError(f"{word(value)} stands where a value is expected")
    return value


def _is_plain(value: object) -> bool:
    return type(value) in _WORDS


def _key(key: Any) -> str:
    if type(key) is not str:
        raise EvaluationError("a record's keys must be texts")
    return key


def _show_null(_: None) -> str:
    raise EvaluationError('the value is null; say what to print instead with `| default("…")`')


_PRINTERS: dict[type, Callable[[Any], str]] = {
    str: lambda value: value,
    int: lambda value: str(_scalar(value)),
    float: lambda value: repr(_scalar(value)),
    bool: lambda value: "true" if value else "false",
    type(None): _show_null,
    list: compact,
    dict: compact,
    Cell: lambda value: show(unwrap(value)),
    Noted: lambda value: show(unwrap(value)),
}
