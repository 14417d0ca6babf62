"""Two texts become the pieces they share and the words that differ, as `git diff --word-diff` marks them."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Literal, NamedTuple, TypeAlias

Part: TypeAlias = Literal["same", "gone", "new"]

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|[^\w\s]")
"""Chinese and Japanese have no blanks between words: there, every sign is one."""

MOST_WORDS = 4000
"""Longer texts are compared line by line: the time grows with the square."""


class Piece(NamedTuple):
    """A run of words and where it stands: in both texts, only in the old one, only in the new one."""

    part: Part
    text: str


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces of two texts in their order; joined without the new ones they are the old text.

    >>> word_diff("a red hat", "a blue hat")[1:3]
    (Piece(part='gone', text='red'), Piece(part='new', text='blue'))
    """
    olds, news = _WORD.findall(old), _WORD.findall(new)
    if len(olds) + len(news) > MOST_WORDS:
        olds, news = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pieces: list[Piece] = []
    for tag, at, to, new_at, new_to in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(olds[at:to])))
            continue
        if to > at:
            pieces.append(Piece("gone", "".join(olds[at:to])))
        if new_to > new_at:
            pieces.append(Piece("new", "".join(news[new_at:new_to])))
    return tuple(pieces)


def marked(pieces: Iterable[Piece], around: int = 30) -> str:
    """Return the pieces as one text: `[-old-]`, `{+new+}`, and `around` characters at each side of what is the same."""
    parts = list(pieces)
    said: list[str] = []
    for at, (part, text) in enumerate(parts):
        match part:
            case "gone":
                said.append(f"[-{text}-]")
            case "new":
                said.append(f"{{+{text}+}}")
            case "same":
                said.append(_shortened(text, around if at > 0 else 0, around if at + 1 < len(parts) else 0))
    return "".join(said)


def _shortened(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail + 1:
        return text
    return f"{text[:head]}…{text[len(text) - tail :]}"
