"""Number literals to constants: units, underscores, money and percentages become one scaled value."""

import re
from math import isinf

from msrun.dsl.tree import Constant

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
POWERS = {"": 0, "ms": -3, "%": -2, "k": 3, "M": 6}
MAX_DIGITS = 40

UNITS = frozenset(SECONDS) | frozenset(POWERS) | {"$"}
"""Units the language knows; a constant may carry another one, unscaled, which the checker refuses (E0219)."""


PARTS = re.compile(r"(\$?)([0-9.]+(?:[eE][+-]?[0-9]+)?)(.*)", re.DOTALL)


def read_number(written: str) -> Constant | None:
    """Read a number as the lexer found it: `20ms` is 0.02, `60k` is 60000, `50%` is 0.5. None where it is too large."""
    match = PARTS.match(written.replace("_", ""))
    if match is None or len(match[2]) > MAX_DIGITS:
        return None
    money, digits, unit = match.groups()
    value = scaled(digits, unit)
    if isinstance(value, float) and isinf(value):
        return None
    return Constant(value, money if unit in {"", "k", "M"} and money else money + unit)


def scaled(digits: str, unit: str) -> int | float:
    """Scale by moving the decimal point, so that `4.35k` is 4350 exactly and `20ms` the float nearest to 0.02."""
    whole = digits.isdecimal()
    if unit in SECONDS:
        return (int(digits) if whole else float(digits)) * SECONDS[unit]
    power = POWERS.get(unit, 0)
    if power == 0:
        return int(digits) if whole else float(digits)
    if power > 0 and whole:
        return int(digits) * int(10**power)
    mantissa, _, exponent = digits.lower().partition("e")
    value = float(f"{mantissa}e{int(exponent or 0) + power}")
    return int(value) if power > 0 and value.is_integer() else value
