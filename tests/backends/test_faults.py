"""What a status and a body become, how long to wait, and that no secret gets through."""

import base64
import json
from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.backends.faults import Target, event_fault, retry_after_s, status_fault
from msrun.backends.port import RETRYABLE
from msrun.backends.redact import printable, redactor

KEY = "sk-canary-8f3a1b9c77e2d4"


def target(preset: str = "openai", key: str | None = "OPENAI_API_KEY") -> Target:
    return Target(
        model="gpt-x", name="big", preset=preset, base_url="https://api.test/v1", key=key, clean=redactor([KEY])
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": " 2.5 "}, 2.5),
        ({"retry-after": "1500ms"}, 1.5),
        ({"retry-after": "3s"}, 3.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": formatdate(1_000_007, usegmt=True)}, 7.0),
        ({"retry-after": formatdate(999_000, usegmt=True)}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "9" * 5000}, None),
        ({"retry-after": "Fri, 99 Foo 99999 00:00:00 GMT"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: Mapping[str, str], expected: float | None) -> None:
    assert retry_after_s(headers, now_s=1_000_000) == expected


@given(st.text(max_size=40))
def test_any_retry_after_is_a_sane_wait_or_none(value: str) -> None:
    wait_s = retry_after_s({"retry-after": value, "retry-after-ms": value}, now_s=0)
    assert wait_s is None or 0 <= wait_s < float("inf")


@pytest.mark.parametrize(
    ("status", "body", "kind", "retried"),
    [
        (400, {"error": {"message": "bad"}}, "request", False),
        (401, {"error": {"message": "no"}}, "auth", False),
        (402, {}, "quota", False),
        (403, {}, "auth", False),
        (404, {"error": {"code": "model_not_found"}}, "request", False),
        (408, {}, "timeout", True),
        (409, {}, "upstream", True),
        (413, {}, "request", False),
        (422, {"detail": "bad"}, "request", False),
        (429, {"error": {"message": "slow down"}}, "rate_limit", True),
        (429, {"error": {"code": "insufficient_quota"}}, "quota", False),
        (429, {"error": {"type": "insufficient_quota", "code": None}}, "quota", False),
        (500, {}, "upstream", True),
        (503, {}, "upstream", True),
        (529, {}, "upstream", True),
        (302, {}, "request", False),
        (199, {}, "malformed", True),
    ],
)
def test_kinds(status: int, body: object, kind: str, *, retried: bool) -> None:
    fault = status_fault(status, {}, json.dumps(body).encode(), target())
    assert (fault.kind, fault.kind in RETRYABLE) == (kind, retried)
    assert "https://api.test/v1" in fault.message


def test_auth_names_setting_and_environment_variable() -> None:
    assert status_fault(401, {}, b"", target()).help == (
        "check the environment variable OPENAI_API_KEY (setting `key` of model `big`)"
    )
    assert status_fault(401, {}, b"", target(key=None)).help == (
        'give model `big` the setting key: secret("OPENAI_API_KEY") and set the environment variable OPENAI_API_KEY'
    )


@pytest.mark.parametrize(
    ("preset", "help_"),
    [("ollama", "ollama pull gpt-x"), ("vllm", "vllm serve gpt-x"), ("openai", "see https://api.test/v1/models")],
)
def test_an_unknown_model_is_named_with_what_to_do(preset: str, help_: str) -> None:
    body = b'{"error": {"message": "model \\"gpt-x\\" not found, try pulling it first"}}'
    fault = status_fault(404, {}, body, target(preset))
    assert fault.message.startswith("https://api.test/v1 has no model `gpt-x`: ")
    assert fault.help.startswith(help_)


def test_a_404_about_the_address_says_so() -> None:
    fault = status_fault(404, {}, b"<h1>Not here</h1>", target())
    assert "no chat completions" in fault.message
    assert "/v1" in fault.help


def test_the_body_is_cut_and_made_printable() -> None:
    body = "\x1b[31mred\x1b[0m\r\n意 ".encode() + b"x " * 5000
    said = status_fault(500, {}, body, target()).message.partition(": ")[2]
    assert said.startswith("[31mred [0m 意 x x")
    assert said.isprintable()
    assert len(said) <= 2048


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 429, "message": "slow"}, "rate_limit"),
        ({"type": "overloaded_error"}, "upstream"),
        ({"code": "rate_limit_exceeded"}, "rate_limit"),
        ({"code": "insufficient_quota", "message": "pay"}, "quota"),
        ({"type": "invalid_request_error"}, "request"),
        ({"code": True}, "upstream"),
        ("something broke", "upstream"),
        (None, "upstream"),
        ([], "upstream"),
    ],
)
def test_an_error_inside_a_stream_counts_as_its_status(error: object, kind: str) -> None:
    assert event_fault(error, target()).kind == kind


def spellings(key: str) -> list[str]:
    raw = key.encode()
    split = [base64.b64encode(b"x" * ahead + raw + b"yz").decode() for ahead in range(3)]
    return [key, quote(key), raw.hex(), raw.hex().upper(), json.dumps(key), base64.b64encode(raw).decode(), *split]


@pytest.mark.parametrize("spelling", spellings('p@ss "wörd"/+\\9f8e7d6c5b'))
def test_no_spelling_of_a_secret_gets_through(spelling: str) -> None:
    key = 'p@ss "wörd"/+\\9f8e7d6c5b'
    cleaned = redactor([key])(f"before {spelling} after")
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    assert all(spelling[at : at + 12] not in cleaned for at in range(len(spelling) - 11))


@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 10), st.integers(12, 23))
def test_no_twelve_characters_of_a_key_get_through(before: str, after: str, start: int, end: int) -> None:
    cleaned = redactor([KEY])(before + KEY[start:end] + after)
    assert all(KEY[at : at + 12] not in cleaned for at in range(len(KEY) - 11))


@given(st.text("abcdefgh0123456789 ", max_size=80))
def test_other_text_stays(text: str) -> None:
    assert redactor([KEY])(text) == text


@pytest.mark.parametrize("text", ["key sk-abcdefghij", "Authorization: Bearer abcdef123456", "AIza-0123456789"])
def test_what_looks_like_a_key_is_hidden_too(text: str) -> None:
    cleaned = redactor([])(text)
    assert cleaned.endswith("[secret]")


def test_a_short_secret_is_hidden_whole() -> None:
    assert redactor(["pass1"])("a pass1 b") == "a [secret] b"


def test_printable_cuts() -> None:
    assert printable("abcdef", 4) == "abc…"
