"""Redactors: personal data that has a form of its own is found in a text and replaced by its name, `[phone]`.

All of it is local and follows from the text alone. Numbers with a check digit are replaced only where it is right:
Chinese identity cards (GB 11643-1999, ISO 7064 MOD 11-2), bank cards (ISO/IEC 7812, the Luhn sum), IBANs (ISO 13616).
Names, addresses and whatever else has no form are not found.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

Find: TypeAlias = Callable[[str], Iterator[tuple[int, int]]]
"""Yields the places of one kind of data in a text whose digits are ASCII."""


class Redacted(NamedTuple):
    """A text without what was looked for, and how often each kind stood in it."""

    text: str
    counts: Mapping[str, int]


def redact(text: str, names: Sequence[str]) -> Redacted:
    """Replace data of these kinds; where two overlap, the one whose form is stricter is taken.

    >>> redact("Call 138 0013 8000 or mail a.b@example.com", ["phone", "email"]).text
    'Call [phone] or mail [email]'
    """
    plain = _ascii_digits(text)
    found: list[tuple[int, int, str]] = []
    taken = bytearray(len(text))
    for name in REDACTORS:
        for start, end in REDACTORS[name](plain) if name in names else ():
            if not any(taken[start:end]):
                taken[start:end] = b"x" * (end - start)
                found.append((start, end, name))
    parts: list[str] = []
    counts = dict.fromkeys(names, 0)
    at = 0
    for start, end, name in sorted(found):
        parts += (text[at:start], f"[{name}]")
        counts[name] += 1
        at = end
    return Redacted("".join((*parts, text[at:])), counts)


def _ascii_digits(text: str) -> str:
    """Write digits of all scripts, and full-width signs between them, as ASCII; every place stays where it is."""
    if text.isascii():
        return text
    return "".join(sign if sign.isascii() else _ascii(sign) for sign in text)


def _ascii(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    return str(digit) if digit is not None else _SIGNS.get(sign, sign)


_SIGNS = {
    **{chr(0xFF01 + at): chr(0x21 + at) for at in range(94)},  # the full-width forms of ASCII
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u3000": " ",
    "\u00a0": " ",
}


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE | re.ASCII | re.IGNORECASE)


def _matches(pattern: str, good: Callable[[str], bool] = lambda _: True) -> Find:
    """Find what a pattern matches, where the matched text is also good."""

    def find(text: str) -> Iterator[tuple[int, int]]:
        return (match.span() for match in _pattern(pattern).finditer(text) if good(match[0]))

    return find


# --- what is good ----------------------------------------------------------------------------------------------------


def is_id_card(number: str) -> bool:
    """Whether 18 signs are the number of a Chinese identity card: a day that exists, and the right check digit."""
    number = number.upper()
    if len(number) != 18 or not number[:17].isdigit() or not _is_day(number[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return number[17] == "10X98765432"[total % 11]


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _is_day(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    days = (31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1850 <= year <= 2199 and 1 <= month <= 12 and 1 <= day <= days[month - 1]


def is_bank_card(number: str) -> bool:
    """Whether a number with blanks or hyphens has 13 to 19 digits and the right Luhn sum."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [digit * 2 - 9 * (digit > 4) if at % 2 else digit for at, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def is_iban(number: str) -> bool:
    """Whether a number with blanks leaves 1 when divided by 97, its first four signs moved to the end."""
    signs = number.replace(" ", "").upper()
    if not 15 <= len(signs) <= 34:
        return False
    return int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])) % 97 == 1


def _is_ip(address: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(address)
    except ValueError:
        return False
    return True


# --- the table -------------------------------------------------------------------------------------------------------

REDACTORS: Mapping[str, Find] = {
    "email": _matches(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])"),
    "iban": _matches(r"(?<![a-z0-9])[a-z]{2}\d{2}(?:[ ]?[a-z0-9]{4}){2,7}(?:[ ]?[a-z0-9]{1,3})?(?![a-z0-9])", is_iban),
    "id_card": _matches(r"(?<!\d)[1-9]\d{16}[\dx](?![\dx])", is_id_card),
    "bank_card": _matches(r"(?<![\d.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\d-])", is_bank_card),
    "ip": _matches(
        r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?![\w:]|\.\d)", _is_ip
    ),
    "phone": _matches(
        r"""(?<![\d+])(?:
            (?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}            # Chinese mobile
          | (?:\(0\d{2,3}\)[ ]?|(?:\+86[ -]?)?0\d{2,3}[ -])\d{7,8}  # Chinese landline
          | [48]00-?\d{3}-?\d{4}                                   # Chinese service number
          | \+[1-9]\d{0,2}(?:[ .()-]{0,2}\d){6,13}                  # international, E.164
          | (?:\+?1[ .-]?)?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[.-])\d{3}[ .-]\d{4}  # North America
        )(?![\d])"""
    ),
}
"""Every redactor by its name, those with the strictest form first."""
