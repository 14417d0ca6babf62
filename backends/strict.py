"""JSON from strangers: what the standard leaves open is refused, and only one exception escapes.

RFC 8259: NaN and infinities are no JSON; of two equal keys nobody knows which counts; a lone surrogate is no text.
"""

import json
from typing import Any, NoReturn


class StrictJsonError(ValueError):
    """The bytes or the text are no JSON that two readers would read alike."""


def loads(data: bytes | str) -> Any:
    """Read UTF-8 JSON. Raises StrictJsonError also for duplicate keys, too deep nesting and endless digits."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)
    except StrictJsonError:
        raise
    except RecursionError:
        raise StrictJsonError("nested too deep") from None
    except ValueError as error:
        raise StrictJsonError(str(error)) from None


def is_text(value: str) -> bool:
    """Tell whether a string is Unicode text: JSON escapes can smuggle in a lone surrogate."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise StrictJsonError(f"{constant} is no JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise StrictJsonError("a key stands twice in one object")
    return found
