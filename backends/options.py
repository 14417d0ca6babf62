"""A model's options: the named arguments and settings of `model x = backend(…) { … }` read as plain typed values.

A value of the wrong type is a BackendFault of kind `request` that names the model and the option.
"""

import math
from typing import Any

from msrun.backends.port import BackendFault
from msrun.dsl.plan import ModelSpec, Name, SecretRef, Value, ValueMap
from msrun.dsl.tree import Text


def option(spec: ModelSpec, key: str) -> Value:
    """Return the named argument `key`, else the setting `key`, else None."""
    named = dict(spec.named)
    return named[key] if key in named else spec.setting(key)


def plain(value: Value) -> Any:
    """Turn a setting's value into plain JSON: lists, dicts, texts, numbers. TypeError where it is none of these."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [plain(item) for item in value]
        case ValueMap(entries):
            return {key: plain(item) for key, item in entries}
        case Name(path):
            return path
        case Text() if value.plain is not None:
            return value.plain
        case _:
            raise TypeError(f"{type(value).__name__} is no plain value")


def plain_option(spec: ModelSpec, key: str) -> Any:
    """Return an option as plain JSON, None where it is not set."""
    value = option(spec, key)
    try:
        return plain(value)
    except TypeError:
        raise wrong(spec, key, "a plain value", value) from None


def text_option(spec: ModelSpec, key: str, default: str = "") -> str:
    """Return a text option."""
    value = plain_option(spec, key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise wrong(spec, key, "a text", value)
    return value


def number_option(spec: ModelSpec, key: str, default: float | None = None) -> float | None:
    """Return a number option; infinite and negative numbers are refused."""
    value = plain_option(spec, key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise wrong(spec, key, "a number that is not negative", value)
    return float(value)


def whole_option(spec: ModelSpec, key: str, default: int) -> int:
    """Return a whole-number option of at least 1."""
    value = number_option(spec, key)
    if value is None:
        return default
    if value < 1 or value != int(value):
        raise wrong(spec, key, "a whole number from 1", value)
    return int(value)


def flag_option(spec: ModelSpec, key: str, *, default: bool = False) -> bool:
    """Return a true/false option."""
    value = plain_option(spec, key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise wrong(spec, key, "true or false", value)
    return value


def secret_option(spec: ModelSpec, key: str) -> SecretRef | None:
    """Return an option that must be `secret("NAME")`: a key written into the plan is refused."""
    value = option(spec, key)
    if value is None or isinstance(value, SecretRef):
        return value
    raise BackendFault(
        "request",
        f'`{key}` of model `{spec.name}` must be secret("NAME"), never the text of the key',
        help=f'{key}: secret("{spec.backend.upper()}_API_KEY")',
    )


def wrong(spec: ModelSpec, key: str, expected: str, value: object) -> BackendFault:
    """Make the fault of an option with the wrong type; a secret is shown by its name only."""
    shown = f"secret({value.name!r})" if isinstance(value, SecretRef) else repr(value)
    return BackendFault("request", f"`{key}` of model `{spec.name}` must be {expected}, not {shown[:80]}")
