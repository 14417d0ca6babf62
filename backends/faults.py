"""From what a server answered to a BackendFault: its kind, words a person can act on, and how long to wait.

Bodies of servers are hostile text: they are cut to 2 KiB, made printable, and redacted before they become a message.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, NoReturn, cast

from msrun.backends.port import BackendFault
from msrun.backends.redact import printable
from msrun.dsl.values.jsontext import parse

_QUOTA = (
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "credit_balance",
    "payment_required",
)
_STATUS_OF: Mapping[str, int] = {
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "tokens": 429,
    "requests": 429,
    "insufficient_quota": 429,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "model_not_found": 404,
    "not_found_error": 404,
    "invalid_request_error": 400,
    "overloaded_error": 529,
    "timeout": 504,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which model of which server a call goes to, in the words of messages; `clean` takes secrets out of a text."""

    model: str  # its id at the server
    name: str  # its name in the plan
    preset: str
    base_url: str
    key: str | None
    clean: Callable[[str], str]


def status_fault(status: int, headers: Mapping[str, str], body: bytes, target: Target) -> BackendFault:
    """Make the fault of an answer that is no 2xx; `headers` have lower-case names."""
    error = error_of(body)
    said = f": {text}" if (text := target.clean(printable(error.message))) else ""
    wait_s = retry_after_s(headers)
    match status:
        case _ if 300 <= status < 400:
            return BackendFault(
                "request",
                f"{target.base_url} redirects elsewhere ({status}), which is not followed",
                help=f"set base_url of model `{target.name}` to where the server is",
            )
        case 401 | 403:
            return BackendFault("auth", f"{target.base_url} refused the key ({status}){said}", help=_key_help(target))
        case 404:
            return _not_found(error, said, target)
        case 402:
            return _quota(said, target)
        case 429 if error.says(*_QUOTA):
            return _quota(said, target)
        case 429:
            return BackendFault("rate_limit", f"{target.base_url} asks to slow down{said}", retry_after_s=wait_s)
        case 408:
            return BackendFault(
                "timeout", f"{target.base_url} waited too long for the call{said}", retry_after_s=wait_s
            )
        case 409 | 425:
            return BackendFault("upstream", f"{target.base_url} is busy ({status}){said}", retry_after_s=wait_s)
        case _ if 400 <= status < 500:
            return BackendFault("request", f"{target.base_url} does not accept the call ({status}){said}")
        case _ if status >= 500:
            return BackendFault("upstream", f"{target.base_url} failed ({status}){said}", retry_after_s=wait_s)
        case _:
            return BackendFault("malformed", f"{target.base_url} answered with status {status} and no reply")


def event_fault(error: Any, target: Target) -> BackendFault:
    """Make the fault of an error that arrived inside a stream: as the status it names, else `upstream`."""
    found = _error(error)
    code: object = cast("dict[str, object]", error).get("code") if isinstance(error, dict) else None
    status = 500
    if isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600:
        status = code
    else:
        status = next((known for word, known in _STATUS_OF.items() if word in found.codes), status)
    fault = status_fault(status, {}, b"", target)
    said = target.clean(printable(found.message))
    if status == 429 and found.says(*_QUOTA):
        fault = _quota("", target)
    return BackendFault(fault.kind, f"{fault.message}: {said}" if said else fault.message, help=fault.help)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error's body says: its message, and its `code`, `type` and `param` in lower case."""

    message: str
    codes: tuple[str, ...]

    def says(self, *words: str) -> bool:
        """Tell whether any of these words stands in the message or is one of the codes."""
        message = self.message.casefold()
        return any(word in self.codes or word in message for word in words)


def error_of(body: bytes) -> ErrorBody:
    """Read an error's body: OpenAI's {"error": {…}}, Ollama's {"error": "…"}, {"detail": …}, or any text."""
    try:
        value = parse(body.decode())
    except ValueError:
        return ErrorBody(body[:8192].decode("utf-8", "replace"), ())
    if isinstance(value, dict):
        record = cast("dict[str, Any]", value)
        value = next((record[key] for key in ("error", "detail", "message") if key in record), record)
    return _error(value)


def _error(value: Any) -> ErrorBody:
    if not isinstance(value, dict):
        return ErrorBody(value if isinstance(value, str) else "", ())
    record = cast("dict[str, Any]", value)
    message = record.get("message")
    codes = (record.get(key) for key in ("code", "type", "param"))
    return ErrorBody(
        message if isinstance(message, str) else "",
        tuple(code.casefold() for code in codes if isinstance(code, str)),
    )


def _not_found(error: ErrorBody, said: str, target: Target) -> BackendFault:
    if not error.says("model"):
        return BackendFault(
            "request",
            f"{target.base_url} has no chat completions (404){said}",
            help=f"base_url of model `{target.name}` usually ends in /v1",
        )
    pull = {"ollama": f"ollama pull {target.model}", "vllm": f"vllm serve {target.model}"}
    return BackendFault(
        "request",
        f"{target.base_url} has no model `{target.model}`{said}",
        help=pull.get(target.preset, f"see {target.base_url}/models for the names it knows"),
    )


def _quota(said: str, target: Target) -> BackendFault:
    return BackendFault(
        "quota", f"the account at {target.base_url} is used up{said}", help="add credit, or use another key"
    )


def _key_help(target: Target) -> str:
    if target.key is None:
        name = f"{target.preset.upper()}_API_KEY"
        return f'give model `{target.name}` the setting key: secret("{name}") and set the environment variable {name}'
    return f"check the environment variable {target.key} (setting `key` of model `{target.name}`)"


def retry_after_s(headers: Mapping[str, str], *, now_s: float | None = None) -> float | None:
    """Read how long the server asks to wait: seconds, `1500ms` or an HTTP date; None where it is no sane time.

    `now_s` is the wall clock that an HTTP date is compared with (seconds since 1970).
    """
    milliseconds = headers.get("retry-after-ms")
    if milliseconds is not None and (wait_s := _sane(milliseconds, 0.001)) is not None:
        return wait_s
    value = headers.get("retry-after", "").strip().casefold()
    if value.endswith("ms"):
        return _sane(value[:-2], 0.001)
    if (wait_s := _sane(value.removesuffix("s"), 1.0)) is not None:
        return wait_s
    try:
        at_s = parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return _sane(str(at_s - (time() if now_s is None else now_s)), 1.0)


def _sane(text: str, unit_s: float) -> float | None:
    try:
        value_s = float(text) * unit_s
    except ValueError:
        return None
    return value_s if math.isfinite(value_s) and value_s >= 0 else None


def malformed(what: str, target: Target) -> NoReturn:
    """Raise the fault of a reply that is not what the protocol says."""
    raise BackendFault(
        "malformed", f"{target.base_url} did not send a chat completion: {target.clean(printable(what, 300))}"
    )
