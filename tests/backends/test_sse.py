"""Server-sent events: equal to a plain reading of the whole text, wherever the bytes are cut."""

import re
from itertools import chain, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msrun.backends.sse import ServerEvent, SseError, SseParser

PLAIN = ("data: a", "data:b", "data", "data:  two", "data: 意🙂é", "data: [DONE]", "", "", "")
OTHER = (": comment", ":", "event: error", "event:", "id: 1", "retry: 5", "unknown: x")
LINES = st.sampled_from([line.encode() for line in (*PLAIN, *OTHER)])
STREAMS = st.tuples(
    st.booleans(), st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=30)
).map(lambda made: (b"\xef\xbb\xbf" if made[0] else b"") + b"".join(line + end for line, end in made[1]))


def reference(raw: bytes) -> list[ServerEvent]:
    """The standard's algorithm over the whole text at once."""
    text = raw.decode().removeprefix("\ufeff")
    *lines, _unfinished = re.split("\r\n|\r|\n", text)
    events: list[ServerEvent] = []
    event, data = "", list[str]()
    for line in lines:
        if not line:
            if data:
                events.append(ServerEvent(event or "message", "\n".join(data)))
            event, data = "", []
        name, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if name == "data":
            data.append(value)
        if name == "event":
            event = value
    return events


def parse(raw: bytes, cuts: list[int]) -> list[ServerEvent]:
    parser = SseParser()
    edges = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    return [event for start, end in pairwise(edges) for event in parser.feed(raw[start:end])]


@settings(max_examples=400, deadline=None)
@given(STREAMS, st.lists(st.integers(0, 400), max_size=12))
def test_any_cut_gives_what_the_reference_gives(raw: bytes, cuts: list[int]) -> None:
    assert parse(raw, cuts) == reference(raw)


@settings(max_examples=100, deadline=None)
@given(STREAMS)
def test_one_byte_at_a_time(raw: bytes) -> None:
    assert parse(raw, list(range(len(raw)))) == reference(raw)


def test_an_empty_chunk_between_cr_and_lf_changes_nothing() -> None:
    parser = SseParser()
    events = [event for piece in (b"data: a\r", b"", b"\ndata: b\r", b"\n\r\n") for event in parser.feed(piece)]
    assert events == [ServerEvent("message", "a\nb")]


def test_an_event_without_its_blank_line_is_dropped() -> None:
    assert list(SseParser().feed(b"data: a\n\ndata: b\n")) == [ServerEvent("message", "a")]


@pytest.mark.parametrize("pieces", [[b"data: " + b"x" * 100], [b"data: ", *[b"x" * 10] * 10], [b"\n" + b"y" * 70]])
def test_a_line_over_the_cap_is_refused_before_it_is_whole(pieces: list[bytes]) -> None:
    with pytest.raises(SseError, match="longer than 64 bytes"):
        list(chain.from_iterable(map(SseParser(line_limit_bytes=64).feed, pieces)))


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(SseError, match="not UTF-8"):
        list(SseParser().feed(b"data: \xff\xfe\n"))


@given(st.binary(max_size=300))
def test_garbage_gives_events_or_one_kind_of_error(raw: bytes) -> None:
    try:
        events = list(SseParser(line_limit_bytes=100).feed(raw))
    except SseError:
        return
    assert all(isinstance(event, ServerEvent) for event in events)
