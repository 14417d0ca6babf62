"""Passages hold whole sentences of several languages, and nothing of a text is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.backends.knowledge.chunks import passages, sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It rains. Take a coat!", ["It rains. ", "Take a coat!"]),
        (
            "Ask Dr. Miller, e.g. at 3.5 p.m. today. Then go.",
            ["Ask Dr. Miller, e.g. at 3.5 p.m. ", "today. ", "Then go."],
        ),
        ("七天内可以退货。运费呢？由买家承担！", ["七天内可以退货。", "运费呢？", "由买家承担！"]),
        ("他说：“可以退货。”然后走了。", ["他说：“可以退货。”", "然后走了。"]),
        ("返品できます。送料は？", ["返品できます。", "送料は？"]),
        ("no mark at all", ["no mark at all"]),
    ],
)
def test_where_sentences_end(text: str, found: list[str]) -> None:
    assert list(sentences(text)) == found


def test_paragraphs_are_joined_while_they_fit_and_a_heading_begins_anew() -> None:
    text = "# One\n\nFirst.\n\nSecond.\n\n# Two\n\nThird.\n"
    assert passages(text, 100) == ["# One\n\nFirst.\n\nSecond.", "# Two\n\nThird."]
    assert passages(text, 14) == ["# One\n\nFirst.", "Second.", "# Two\n\nThird."]


def test_a_sentence_longer_than_a_passage_is_cut_at_a_comma_or_a_blank() -> None:
    assert passages("one two three, four five six", 18) == ["one two three,", "four five six"]
    assert passages("甲乙丙丁，戊己庚辛壬癸", 8) == ["甲乙丙丁，", "戊己庚辛壬癸"]
    assert passages("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@given(st.text(alphabet="ab .,!?。！，\n#-中文”)", max_size=300), st.integers(min_value=5, max_value=60))
def test_no_passage_is_too_long_and_no_character_is_lost(text: str, size: int) -> None:
    found = passages(text, size)
    assert all(0 < len(passage) <= size for passage in found)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)
