"""Passages compared by their words: against the formula, and for two kinds of writing."""

from math import log

import pytest

from msrun.backends.knowledge.words import K1, B, WordIndex, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Seven days, 7 DAYS", ["seven", "days", "7", "days"]),
        ("退货运费", ["退货", "货运", "运费"]),
        ("退 ＡＢＣ耳机", ["退", "abc", "耳机"]),
        ("返品できます", ["返品", "品で", "でき", "きま", "ます"]),
        ("반품은", ["반품", "품은"]),
        ("größe_2", ["grösse", "2"]),
        ("。，!", []),
    ],
)
def test_words_of_several_languages(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_the_score_is_the_share_of_the_most_that_the_question_could_give() -> None:
    texts = ["a b", "a a c", "d"]
    ((at, score), *_) = WordIndex(texts).search("c x", 3)
    idf = [log(1 + (3 - df + 0.5) / (df + 0.5)) for df in (1, 0)]  # of c, of x
    gained = idf[0] * (K1 + 1) / (1 + K1 * (1 - B + B * 3 / 2))
    assert at == 1
    assert score == pytest.approx(gained / (sum(idf) * (K1 + 1)))


def test_what_is_nearest_comes_first_and_equal_ones_in_their_order() -> None:
    index = WordIndex(["seven days", "two days", "seven seven days", "nothing", "two days"])
    assert [at for at, _ in index.search("seven", 5)] == [2, 0]
    assert [at for at, _ in index.search("two days", 2)] == [1, 4]
    assert index.search("unknown words", 5) == []
    assert all(0 < score < 1 for _, score in index.search("seven days", 5))


@pytest.mark.parametrize("query", ["", "?!"])
def test_a_question_without_words_finds_nothing(query: str) -> None:
    assert WordIndex(["a", ""]).search(query, 3) == []
    assert WordIndex(["", ""]).search("a", 3) == []
