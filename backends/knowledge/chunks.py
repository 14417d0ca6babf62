"""Texts are cut into passages: whole sentences, of English, Chinese and their like, as many as fit.

A heading or a blank line may end a passage; a sentence is cut only where it is longer than a passage may be.
"""

import re
from collections.abc import Iterator

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*|\n(?=[ \t]*#{1,6} )|(?<=\n)(?=[-*] )")
_END = re.compile(
    r"""
    (?: [。！？!?…]+ [」』”’")）】]*          # Chinese and Japanese need no blank behind the mark
      | \. [”’")]* (?=\s|$)                   # a dot ends a sentence only before a blank
    ) \s*
    """,
    re.VERBOSE,
)
_SHORT = re.compile(r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|No|Fig|vs|cf|e\.g|i\.e|etc|[A-Z])\.$")
"""Words whose dot ends no sentence."""

_HEADING = re.compile(r"#{1,6} [^\n]*")
_SOFT = re.compile(r"[,;:，；：、\s]")


def passages(text: str, size: int) -> list[str]:
    """Return the passages of a text, none longer than `size` characters, in order.

    >>> passages("It rains. Take a coat. It is cold.", 22)
    ['It rains. Take a coat.', 'It is cold.']
    >>> passages("七天内可以退货。运费由买家承担。", 10)
    ['七天内可以退货。', '运费由买家承担。']
    """
    found: list[str] = []
    held = ""
    for paragraph in _PARAGRAPH.split(text):
        part = paragraph.strip()
        if not part:
            continue
        if held and (_HEADING.match(part) or len(held) + 2 + len(part) > size):
            if _HEADING.fullmatch(held) and not _HEADING.match(part):
                part = f"{held}\n\n{part}"  # a heading stays with what it heads
            else:
                found.append(held)
            held = ""
        if len(held) + 2 * bool(held) + len(part) <= size:
            held = f"{held}\n\n{part}" if held else part
            continue
        *whole, held = _packed(part, size)
        found += whole
    return [*found, held] if held else found


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a paragraph with the blanks behind them; joined they are the paragraph."""
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "." and _SHORT.search(text[start : match.start() + 1]):
            continue
        yield text[start : match.end()]
        start = match.end()
    if start < len(text):
        yield text[start:]


def _packed(paragraph: str, size: int) -> list[str]:
    """Return a paragraph as passages of whole sentences."""
    found: list[str] = []
    held = ""
    for sentence in sentences(paragraph):
        for piece in _pieces(sentence, size):
            if held and len((held + piece).strip()) > size:
                found.append(held.strip())
                held = ""
            held += piece
    return [*found, held.strip()] if held.strip() else found


def _pieces(sentence: str, size: int) -> Iterator[str]:
    """Cut what is longer than a passage: behind a comma or a blank of its second half, else anywhere."""
    while len(sentence.strip()) > size:
        cuts = [match.end() for match in _SOFT.finditer(sentence, size // 2, size)]
        cut = cuts[-1] if cuts else size
        yield sentence[:cut]
        sentence = sentence[cut:]
    yield sentence
