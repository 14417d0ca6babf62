"""Tokens: names, numbers, signs, and what a lexer refuses without ever raising."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.source import Source
from msrun.dsl.syntax.lexer import MAX_CHARS, lex
from msrun.dsl.syntax.tokens import END, RESERVED
from msrun.dsl.tree import Constant


def kinds(text: str) -> list[str]:
    return [token.kind for token in lex(Source("t", text)).tokens[:-1]]


def names(text: str) -> list[str]:
    return [token.text for token in lex(Source("t", text)).tokens[:-1]]


def entries(text: str) -> list[str]:
    return [finding.entry for finding in lex(Source("t", text)).findings]


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("20s", 20, "s"),
        ("30min", 1800, "min"),
        ("2h", 7200, "h"),
        ("1d", 86400, "d"),
        ("20ms", 0.02, "ms"),
        ("1.5ms", 0.0015, "ms"),
        ("60k", 60000, "k"),
        ("4.35k", 4350, "k"),
        ("1.5M", 1500000, "M"),
        ("1e3k", 1000000, "k"),
        ("50%", 0.5, "%"),
        ("0.1%", 0.001, "%"),
        ("$0.02", 0.02, "$"),
        ("$40", 40, "$"),
        ("$1k", 1000, "$"),
        ("5e-4", 0.0005, ""),
        ("1_000", 1000, ""),
        ("7", 7, ""),
        ("20foo", 20, "foo"),
    ],
)
def test_a_number_is_scaled_by_its_unit(written: str, value: float, unit: str) -> None:
    token = lex(Source("t", written)).tokens[0]
    assert token.value == Constant(value, unit)
    assert isinstance(token.value, Constant)
    assert type(token.value.value) is type(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1..6]", ["[", "NUMBER", "..", "NUMBER", "]"]),
        ("[..200]", ["[", "..", "NUMBER", "]"]),
        ("[0..1]", ["[", "NUMBER", "..", "NUMBER", "]"]),
        ("0.5..1.5", ["NUMBER", "..", "NUMBER"]),
        ("a->b", ["NAME", "->", "NAME"]),
        ("a>=b<=c!=d==e", ["NAME", ">=", "NAME", "<=", "NAME", "!=", "NAME", "==", "NAME"]),
        (".title", [".", "NAME"]),
        ('raw"x" rawx', ["TEXT", "NAME"]),
    ],
)
def test_signs_and_ranges(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


def test_any_letters_make_a_name_in_composed_form() -> None:
    assert names("意图 größe gro\u0308ße नमस्ते _x1") == ["意图", "größe", "größe", "नमस्ते", "_x1"]
    assert set(kinds("意图 gro\u0308ße नमस्ते")) == {"NAME"}


def test_a_reserved_word_is_a_name_after_a_dot_and_a_key_before_a_colon() -> None:
    assert kinds("from x.from .by by: limit :") == ["from", "NAME", ".", "NAME", ".", "NAME", "KEY", ":", "KEY", ":"]


def test_comments_are_kept_with_their_place() -> None:
    lexed = lex(Source("t", "a # one\r\n  ## two\nb"))
    assert [(comment.text, comment.own_line, comment.span) for comment in lexed.comments] == [
        ("# one", False, (2, 7)),
        ("## two", True, (11, 17)),
    ]
    assert [token.text for token in lexed.tokens[:-1]] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "entry", "as_if"),
    [
        ("a：b", "E0016", "a:b"),
        ("f（a，b）", "E0016", "f(a,b)"),
        ("a → b", "E0016", "a -> b"),
        ("x ≥ y", "E0016", "x >= y"),
        ("“a”", "E0016/quote", '"a"'),
        ("'a'", "E0016/quote", '"a"'),
        ("a => b", "E0001/instead", "a -> b"),
        ("a && b || !c", "E0001/instead", "a and b or not c"),
        ("a; b", "E0001/semicolon", "a b"),
        ("a @ b", "E0001/character", "a b"),
        ("a\u200bb", "E0015", "ab"),
        ("a \u202e b", "E0015", "a b"),
        ("a # \u2066", "E0015", "a"),
        ("\x00a", "E0015", "a"),
    ],
)
def test_a_foreign_sign_is_reported_and_read_as_what_was_meant(text: str, entry: str, as_if: str) -> None:
    assert set(entries(text)) == {entry}
    assert kinds(text) == kinds(as_if)
    assert names(text) == names(as_if)


def test_a_byte_order_mark_is_allowed_at_the_start_only() -> None:
    assert entries("\ufeffa") == []
    assert entries("a \ufeff b") == ["E0015"]


@pytest.mark.parametrize("text", ["1e999", "9" * 5000, "$" + "9" * 50])
def test_a_number_too_large_is_a_finding(text: str) -> None:
    assert entries(text) == ["E0001/number"]
    assert kinds(text) == ["NUMBER"]


def test_a_file_has_a_largest_size() -> None:
    assert entries(" " * MAX_CHARS) == []
    assert entries(" " * (MAX_CHARS + 1)) == ["E0001/file_size"]


@given(st.text(max_size=200))
def test_lexing_ends_and_keeps_order(text: str) -> None:
    tokens = lex(Source("t", text)).tokens
    assert tokens[-1].kind == END
    assert all(before.end <= after.start for before, after in pairwise(tokens))


@given(
    st.lists(st.sampled_from([*RESERVED, "x", "意图", "1", "2s", '"t"', "(", ")", "..", "->", ":", ">="]), max_size=30)
)
def test_tokens_cover_all_that_is_no_space(pieces: list[str]) -> None:
    text = " ".join(pieces)
    tokens = lex(Source("t", text)).tokens[:-1]
    assert [text[token.start : token.end] for token in tokens] == pieces
