"""Where in a model's reply the JSON stands: alone, in a code fence, or between prose."""

import re
from collections.abc import Iterator

_FENCE = "```"
_THOUGHT = "</think>"
_MARKS = re.compile(r'["\\\[\]{}]')
_SPANS = 4
"""Bracketed spans that are tried, the longest first."""


def answer_of(text: str) -> str:
    """Return the reply without blanks around it and without a `<think>` block before it."""
    text = text.strip()
    if text.startswith("<think>"):
        _, closed, rest = text.partition(_THOUGHT)
        return rest.strip() if closed else text
    return text


def excerpts(answer: str) -> Iterator[str]:
    """Yield what may be the JSON of a reply, the likeliest first: all of it, a fence's content, bracketed spans."""
    yield answer
    yield from _fenced(answer)
    spans = sorted(_spans(answer), key=lambda span: span[0] - span[1])
    for start, end in spans[:_SPANS]:
        if (start, end) != (0, len(answer)):
            yield answer[start:end]


def _fenced(text: str) -> Iterator[str]:
    parts = text.split(_FENCE)
    for content in parts[1::2]:
        first, line_break, rest = content.partition("\n")
        label = line_break and first.strip().isalnum()
        yield (rest if label else content).strip()


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of every outermost bracket that is closed; a quote counts inside brackets only."""
    depth = start = 0
    at = 0
    quoted = False
    while found := _MARKS.search(text, at):
        sign, at = found[0], found.end()
        if quoted:
            at += sign == "\\"
            quoted = sign != '"'
        elif sign in "[{":
            start = found.start() if depth == 0 else start
            depth += 1
        elif depth and sign in "]}":
            depth -= 1
            if depth == 0:
                yield start, at
        elif depth and sign == '"':
            quoted = True
