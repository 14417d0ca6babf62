"""What decides a call's result besides its inputs, and the hash of it all: the key that a finished call is found by."""

from hashlib import sha256
from typing import Any

from msrun.dsl.codec import canonical, encode
from msrun.dsl.plan import ModelSpec, SecretRef, Settings

NO_INFLUENCE = ("key", "price", "parallel", "retry", "trust")
"""Settings that change who pays, how fast and how often, not what the model says."""


def identity(spec: ModelSpec) -> dict[str, Any]:
    """Return backend, arguments and settings of a model; not its name in the plan, secrets or timeouts."""
    return {
        "backend": spec.backend,
        "args": [encode(value) for value in spec.args],
        "named": options(spec.named),
        "settings": options(spec.settings),
    }


def options(settings: Settings) -> dict[str, Any]:
    """Return the settings that may change a result, by name."""
    kept = (pair for pair in settings if pair[0] not in NO_INFLUENCE and not pair[0].endswith("timeout"))
    return {name: encode(value) for name, value in kept if not isinstance(value, SecretRef)}


def content(value: Any) -> str:
    """Return the hash of a plain value, in hex: the same on every machine and for every order of keys."""
    return sha256(canonical(value)).hexdigest()
