"""Takes secrets out of text that others wrote: raw, URL-encoded, hex, base64 and JSON-escaped, whole or in part.

Eight characters in a row of any spelling of a secret count as the secret; so do the usual shapes of API keys.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from json import dumps
from urllib.parse import quote

HIDDEN = "[secret]"
_GRAM = 8
_KEY_SHAPE = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|ghp|AIza)[-_][\w*.-]{6,}"
    r"|(?i:\b(?:bearer|basic)\s+)(?=[^\s\"',;]*[\d=])[^\s\"',;]{6,}"  # a digit or `=`: not `basic arithmetic`
)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that hides these secrets; its time is linear in the text."""
    spellings = {spelling for secret in secrets for spelling in _spellings(secret) if len(spelling) >= _GRAM // 2}
    grams = {spelling[at : at + _GRAM] for spelling in spellings for at in range(len(spelling) - _GRAM + 1)}
    short = [spelling for spelling in spellings if len(spelling) < _GRAM]

    def redact(text: str) -> str:
        for spelling in short:
            text = text.replace(spelling, HIDDEN)
        return _KEY_SHAPE.sub(HIDDEN, _hide(text, grams))

    return redact


def _hide(text: str, grams: set[str]) -> str:
    kept: list[str] = []
    done = 0  # everything before it is in `kept`
    hidden_to = 0
    for at in range(len(text) - _GRAM + 1):
        if text[at : at + _GRAM] in grams:
            if at > hidden_to or not hidden_to:
                kept += (text[done:at], HIDDEN)
            done = hidden_to = at + _GRAM
    return "".join([*kept, text[done:]])


def _spellings(secret: str) -> Iterable[str]:
    raw = secret.encode()
    yield secret
    yield quote(secret, safe="")
    yield dumps(secret)[1:-1]
    yield raw.hex()
    yield raw.hex().upper()
    for encode in (b64encode, urlsafe_b64encode):
        for ahead in range(3):
            # the characters at both ends also depend on the neighbours of the secret
            whole = encode(b"\0" * ahead + raw).decode().rstrip("=")
            yield whole[(ahead * 4 + 2) // 3 : -1]


def printable(text: str, limit: int = 2048) -> str:
    """Return text fit for one line of a message: control characters and line breaks become spaces, the rest is cut."""
    cut = text[: limit * 4]
    line = " ".join("".join(char if char.isprintable() else " " for char in cut).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
