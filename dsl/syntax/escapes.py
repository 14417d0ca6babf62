"""Escapes in `"…"`: `\\n \\t \\" \\\\ \\u{…}` to the characters they stand for."""

import re

from msrun.dsl.syntax.tokens import Lexed

ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
SIMPLE = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
LINE_TEXT = re.compile(r'"(?!"")((?:[^"\\\n]|\\[^\n])*+)"')


def unescape(lexed: Lexed, start: int, end: int) -> str:
    """Return the characters of a range of the source; an escape unknown to the language is a finding."""
    text = lexed.source.text
    written = text[start:end]
    if "\\" not in written:
        return written

    def char(match: re.Match[str]) -> str:
        code, letter = match.groups()
        if letter in SIMPLE:
            return SIMPLE[letter]
        if code is not None and is_char(int(code, 16)):
            return chr(int(code, 16))
        at = start + match.start()
        lexed.found("E0001/escape", at, start + match.end(), escape=match[0])
        return match[0]

    return ESCAPE.sub(char, written)


def is_char(code: int) -> bool:
    """A number of a code point that may stand in a text: no surrogate, none over U+10FFFF."""
    return code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
