"""Near names: case first, then edits up to a third of the word."""

import pytest

from msrun.dsl.check.near import edits, nearest


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("slove", ["score", "solve", "vote"], "solve"),
        ("txt", ["int", "text"], "text"),
        ("Question", ["questions", "question"], "question"),
        ("qestion", ["question"], "question"),
        ("answer", ["answers", "parts"], "answers"),
        ("意图", ["意 图", "意圖"], None),
        ("意图识别", ["意图识別"], "意图识別"),
        ("ab", ["abc", "b"], None),
        ("wonder", ["text", "int"], None),
        ("", ["a"], None),
        ("anything", [], None),
    ],
)
def test_nearest(word: str, known: list[str], near: str | None) -> None:
    assert nearest(word, known) == near


@pytest.mark.parametrize(
    ("left", "right", "count"),
    [("", "", 0), ("a", "", 1), ("slove", "solve", 1), ("kitten", "sitting", 3), ("ca", "abc", 3), ("abc", "abc", 0)],
)
def test_edits(left: str, right: str, count: int) -> None:
    assert edits(left, right, 9) == count
    assert edits(right, left, 9) == count


def test_edits_stop_early_above_the_limit() -> None:
    assert edits("a" * 50, "b" * 50, 2) > 2
