"""Where the JSON of a reply may stand."""

import time

import pytest

from msrun.runtime.excerpt import answer_of, excerpts


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("  a b \n", "a b"),
        ("<think>\nhm, <think> {1}\n</think>\n\n42 ", "42"),
        ("<think>never closed", "<think>never closed"),
        ("say <think>x</think>", "say <think>x</think>"),
    ],
)
def test_the_answer_stands_after_the_thought(reply: str, answer: str) -> None:
    assert answer_of(reply) == answer


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("[1]", ["[1]"]),
        ("plain words", ["plain words"]),
        ("a\n```json\n[1]\n```\nb", ["a\n```json\n[1]\n```\nb", "[1]", "[1]"]),
        ("```\n{}\n```", ["```\n{}\n```", "{}", "{}"]),
        ("```[1]```", ["```[1]```", "[1]", "[1]"]),
        ('see [1]: {"a": [2, "}\\"]"]} ok', ['see [1]: {"a": [2, "}\\"]"]} ok', '{"a": [2, "}\\"]"]}', "[1]"]),
        ('it\'s ["a"] ] }', ['it\'s ["a"] ] }', '["a"]']),
        ('[open {"a": 1}', ['[open {"a": 1}']),
    ],
)
def test_the_likeliest_comes_first(answer: str, found: list[str]) -> None:
    assert list(excerpts(answer)) == found


def test_few_spans_are_tried() -> None:
    assert len(list(excerpts("[1] " * 1000))) == 5


@pytest.mark.parametrize("text", ["[" * 200_000, "[]" * 100_000, '["' * 100_000, "```" * 70_000])
def test_long_replies_are_scanned_in_one_pass(text: str) -> None:
    started = time.process_time()
    list(excerpts(text))
    assert time.process_time() - started < 2
