"""What a terminal may be shown: text of models, tools and servers loses the characters that would steer it."""

import re

# C0 but tab and line feed, DEL, C1, and the marks that reorder or hide what stands beside them.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def neutral(text: str) -> str:
    """Return the text with every steering character made visible (ESC becomes `␛`) and harmless."""
    return _STEERING.sub(_visible, text)


def one_line(text: str) -> str:
    """Return the text on one line, blanks folded, neutral."""
    return neutral(" ".join(text.split()))


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x0D:
        return ""
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{code:04x}"
