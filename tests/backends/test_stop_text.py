"""Stop texts end a reply, however the text is cut into pieces, and nothing of them is ever handed on."""

from hypothesis import given
from hypothesis import strategies as st

from msrun.backends.stop_text import StopText

LETTERS = st.text("ab\n", max_size=30)


@given(LETTERS, st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3), st.lists(st.integers(1, 5), max_size=30))
def test_any_cut_gives_the_text_before_the_first_stop(text: str, stops: list[str], sizes: list[int]) -> None:
    grown = StopText(stops)
    handed, at = "", 0
    for size in [*sizes, len(text)]:
        handed += grown.feed(text[at : at + size])
        at += size
    handed += grown.finish()
    found = [text.find(stop) for stop in stops if stop in text]
    if grown.stopped:
        assert found
        assert not any(stop in handed for stop in stops)
        assert text.startswith(handed)
    else:
        assert handed == text
    assert grown.text == handed


def test_the_beginning_of_a_stop_text_is_held_back() -> None:
    grown = StopText(["END"])
    assert [grown.feed("aE"), grown.feed("N"), grown.feed("x"), grown.feed("E"), grown.finish()] == [
        "a",
        "",
        "ENx",
        "",
        "E",
    ]
