"""Strict JSON: what json reads it reads alike, and everything else is a JsonRefused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.values.jsontext import MAX_DIGITS, MAX_LEVELS, MAX_SIZE, JsonRefused, is_unicode, parse

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans())
def test_reads_what_json_writes(value: Any, ascii_only: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only, indent=1)) == value


@given(st.text() | st.text(alphabet='[]{}",:0123456789eE+-.nulltruefals\\ '))
def test_refuses_the_rest_by_name(text: str) -> None:
    try:
        found = parse(text)
    except JsonRefused as error:
        found = error.message
    assert type(found) in (str, int, float, bool, type(None), list, dict)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NaN", "NaN is no JSON"),
        ("[-Infinity]", "-Infinity is no JSON"),
        ("[1e999]", "the number 1e999 is too large"),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "the key `b` stands twice"),
        ("9" * (MAX_DIGITS + 1), "more than 1000 digits"),
        ("9" * 100_000, "more than 1000 digits"),
        ("[" * (MAX_LEVELS + 1) + "]" * (MAX_LEVELS + 1), "more than 64 levels"),
        ("[" * 1_000_000, "more than 64 levels"),
        ('{"a":' * 200_000, "more than 64 levels"),
        ('"\\ud800"', "surrogate"),
        ('"\ud800"', "surrogate"),
        ('{"\\uDFFF": 1}', "surrogate"),
        ('{"a" 1}', "expecting ':' delimiter at line 1, column 6, near `{\"a\" 1}`"),
        ("", "expecting value at line 1, column 1"),
        ("[1,\n 2 3]", "at line 2, column 4"),
        ('"' + "x" * MAX_SIZE + '"', "longer than 16777216 characters"),
    ],
)
def test_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(JsonRefused) as caught:
        parse(text)
    assert message in caught.value.message
    assert len(caught.value.message) < 200


def test_takes_what_is_just_within_the_bounds() -> None:
    assert parse("9" * MAX_DIGITS) == 10**MAX_DIGITS - 1
    deepest = parse("[" * MAX_LEVELS + "]" * MAX_LEVELS)
    assert json.dumps(deepest) == "[" * MAX_LEVELS + "]" * MAX_LEVELS
    assert parse('["' + "[{" * 100 + '\\"[[", "\\\\"]') == ["[{" * 100 + '"[[', "\\"]
    assert parse('"\\ud83d\\ude00"') == "😀"
    assert parse('["\\\\ud800"]') == ["\\ud800"]
    assert parse("[[[1]]]", levels=3) == [[[1]]]
    with pytest.raises(JsonRefused):
        parse("[[[1]]]", levels=2)


def test_knows_half_a_pair() -> None:
    assert is_unicode("é😀")
    assert not is_unicode("é\ud83d")
