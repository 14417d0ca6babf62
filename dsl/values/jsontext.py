"""JSON text from outside becomes plain values, strictly: no NaN, no doubled keys, bounded depth, digits and size.

Whatever is wrong is one JsonRefused with words for whoever wrote the text; no other exception leaves.
"""

import json
import re
from math import isfinite
from typing import Any, NoReturn

MAX_SIZE = 16 * 1024 * 1024
"""Code points of one JSON text."""

MAX_LEVELS = 64
"""Lists and objects inside each other."""

MAX_DIGITS = 1000
"""Digits of one whole number."""

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")


class JsonRefused(ValueError):  # noqa: N818 - what was found, not a fault of ours
    """The text is not JSON as we take it; `message` says why, with line and column where one place is to blame."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse(text: str, *, levels: int = MAX_LEVELS) -> Any:
    """Return the value of a JSON text."""
    if len(text) > MAX_SIZE:
        raise JsonRefused(f"it is longer than {MAX_SIZE} characters")
    if text.count("[") + text.count("{") > levels and _depth(text) > levels:
        raise JsonRefused(f"it is nested more than {levels} levels deep")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonRefused(_place(error)) from None
    if not _is_whole_unicode(text, value):
        raise JsonRefused("it holds half of a surrogate pair, which is no character")
    return value


def is_unicode(text: str) -> bool:
    """Whether a text holds characters only, no half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_whole_unicode(text: str, value: Any) -> bool:
    if not is_unicode(text):
        return False
    return not _HALF_PAIR.search(text) or is_unicode(json.dumps(value, ensure_ascii=False))


def _depth(text: str) -> int:
    """Return how deep brackets go outside of strings, in one pass, so that the parser is never asked to overflow."""
    depth = deepest = 0
    for found in _STRUCTURE.finditer(text):
        sign = found[0]
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _place(error: json.JSONDecodeError) -> str:
    start = max(0, error.pos - 20)
    near = error.doc[start : error.pos + 20].replace("\n", " ")
    what = error.msg[0].lower() + error.msg[1:].removesuffix(" starting at")
    return f"{what} at line {error.lineno}, column {error.colno}" + (f", near `{near}`" if near else "")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for at, key in enumerate(keys) if key in keys[:at])
        raise JsonRefused(f"the key `{twice[:60]}` stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise JsonRefused(f"a whole number has more than {MAX_DIGITS} digits")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise JsonRefused(f"the number {digits[:40]} is too large")
    return number


def _constant(name: str) -> NoReturn:
    raise JsonRefused(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_integer, parse_float=_number, parse_constant=_constant)
