"""How wide a text stands: columns of a terminal, and safe shortening to them."""

from unicodedata import category, combining, east_asian_width


def columns(text: str) -> int:
    """Return the columns a text takes in a terminal: 2 for wide and full-width characters, 0 for combining ones.

    >>> columns("steps"), columns("步骤"), columns("e\\u0301")
    (5, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def clean(text: str) -> str:
    """Return a text in one line without control characters: they are no part of a picture.

    >>> clean("a\\n\\x1b[1mb")
    'a [1mb'
    """
    if text.isprintable():
        return text
    return "".join(char for char in " ".join(text.split()) if category(char)[0] != "C")


def shorten(text: str, most: int) -> str:
    """Return a text of at most `most` columns, its end replaced by … where it is longer.

    >>> shorten("decompose", 6), shorten("问题分解", 5)
    ('decom…', '问题…')
    """
    if columns(text) <= most:
        return text
    kept, used = list[str](), 1
    for char in text:
        used += columns(char)
        if used > most:
            break
        kept.append(char)
    return "".join(kept) + "…"
