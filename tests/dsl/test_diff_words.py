"""Word diffs: which words went and came, without a word lost."""

from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.diff.words import MOST_WORDS, marked, word_diff


def test_changed_words_are_marked_and_the_rest_is_shortened() -> None:
    old = "Name the capital of France, please."
    assert marked(word_diff(old, old.replace("France", "Spain"))) == "Name the capital of [-France-]{+Spain+}, please."
    long = "a " * 100 + "red hat " + "b " * 100
    assert marked(word_diff(long, long.replace("red", "blue")), around=6) == "…a a a [-red-]{+blue+} hat b…"


def test_chinese_is_compared_sign_by_sign() -> None:
    assert marked(word_diff("请回答问题", "请回复问题")) == "请回[-答-]{+复+}问题"


def test_long_texts_are_compared_line_by_line() -> None:
    lines = [f"line {at} of it\n" for at in range(MOST_WORDS)]
    old, new = "".join(lines), "".join([*lines[:-1], "end\n"])
    assert [piece.part for piece in word_diff(old, new)] == ["same", "gone", "new"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_word_is_lost(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert "".join(text for part, text in pieces if part != "new") == old
    assert "".join(text for part, text in pieces if part != "gone") == new
    assert all(part == "same" for part, _ in pieces) == (old == new)
