"""What decides a call's result besides its inputs, and the hash of it all: the key that a finished call is found by."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from msrun.backends.port import Message
from msrun.dsl.codec import canonical, encode
from msrun.dsl.plan import ModelSpec, SecretRef, Settings

NO_INFLUENCE = ("key", "price_in", "price_out", "speed", "vision", "parallel", "retry", "trust")
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


def call_content(base: str, messages: Sequence[Message], seed: int, sample: int | None) -> str:
    """Return the hash of one call to a model; `base` is that of everything its node's calls share.

    Every text stands behind its length, so that no two calls are written the same; `canonical`, which copies a value
    to be sure that it is plain, would cost more than all else that is done for a call.
    """
    parts = [base, str(seed), str(sample)]
    for role, text, images in ((message.role, message.content, message.images) for message in messages):
        parts += (role, str(len(images)), str(len(text)), text)
        for image in images:
            parts += (str(len(image)), image)
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
