"""Items of a list that is still arriving: the same as reading it whole, however it is cut."""

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msrun.dsl.values.jsontext import MAX_LEVELS, MAX_SIZE
from msrun.runtime.items import ItemStream

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.text(alphabet='[]{}",:\\`<>', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
AROUND = [
    ("", ""),
    ("```json\n", "\n```"),
    ("Sure, here {it} is, [in order] <b>:\n", "\nThat is all [of it]."),
    ('<think>Maybe [1, 2] or {"a": [3]} </thin> <think></think>\n', ""),
    ('{"value": ', "}"),
    ('\n{ "steps" :\n', " }"),
    ('{"a\\"[\\\\": ', "}"),
]


def feed(pieces: list[str]) -> list[Any]:
    stream = ItemStream()
    return [item for piece in pieces for item in stream.feed(piece)]


@settings(deadline=None)
@given(st.lists(VALUES, max_size=5), st.sampled_from(AROUND), st.booleans(), st.booleans(), st.data())
def test_cuts_change_nothing(
    values: list[Any], around: tuple[str, str], ascii_only: bool, spread: bool, data: st.DataObject
) -> None:
    text = around[0] + json.dumps(values, ensure_ascii=ascii_only, indent=1 if spread else None) + around[1]
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    pieces = [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]
    assert feed(pieces) == values
    assert feed(list(text)) == values


def test_an_item_is_handed_on_at_its_last_character() -> None:
    stream = ItemStream()
    arrived = [(sign, stream.feed(sign)) for sign in '[{"a":1}, "b" ,12 , true]']
    assert [(sign, items) for sign, items in arrived if items] == [
        ("}", [{"a": 1}]),
        ('"', ["b"]),
        (",", [12]),  # a number may still go on until then
        ("]", [True]),
    ]
    assert stream.over


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ("no list at all", []),
        ("[]", []),
        ("[] [1]", []),
        ('{"a": 1, "b": [2]}', []),  # an object with more than its list is no list
        ('{"a": {"b": [2]}}', []),
        ("{a [1]", [1]),
        ("[1, oops, 3]", [1]),
        ('[{"a": 1, "a": 2}]', []),
        ("[1, NaN, 3]", [1]),
        ("[1 2]", []),
        ('["a" "b"]', ["a"]),
        ("[1,]", [1]),
        ("[1}, 2]", [1]),
        ("[1]]]] [2]", [1]),
        ('["unfinished', []),
        ("[[1], [2", [[1]]),
        ("<think>[1]", []),
        ("<think>[1]</think>[2]", [2]),
        ("<thinking>[1]", [1]),
        ("[" * (MAX_LEVELS + 5), []),
        ("[" + "9" * 2000 + "]", []),
        ('["\\ud800", 1]', []),
    ],
)
def test_garbage_yields_nothing_more(text: str, items: list[Any]) -> None:
    assert feed([text]) == items
    assert feed(list(text)) == items


@given(st.text() | st.text(alphabet='[]{}",:\\ 1truefalsn<>/think'), st.integers(1, 5))
def test_any_text_is_taken(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert feed(pieces) == feed([text])


def test_a_reply_past_the_bound_ends() -> None:
    stream = ItemStream()
    assert stream.feed("[1,") == [1]
    for _ in range(17):
        stream.feed(" " * (MAX_SIZE // 16))
    assert stream.over
    assert stream.feed("2]") == []


@pytest.mark.parametrize(
    "text",
    ['["' + "x" * 40_000 + '"]', "[" + "1" * 900 + ",2" * 20_000 + "]", "<think>" + "<" * 40_000, "{" * 40_000],
)
def test_the_work_is_linear_in_pieces_of_one_character(text: str) -> None:
    def took(times: int) -> float:
        started = time.process_time()
        for _ in range(times):
            feed(list(text))
        return time.process_time() - started

    def took_long() -> float:
        started = time.process_time()
        feed(list(text[:-2] * 4))
        return time.process_time() - started

    assert min(took_long() for _ in range(2)) < 4 * min(took(4) for _ in range(2))
