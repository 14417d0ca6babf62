"""Writes the working of one operation as the model has to write it: each token a copy or a look-up in a small table.

Sum, `345+s2=87;0345+0087+57:12 48:13 30:04 00:00=0432`: the operation with the values of steps put in; both numbers
padded to four digits; the sign of the result; the columns from the last digit on, each "upper lower :sum with carry";
the digits of the result.

Difference, `12-87;0012-0087==<<-72:15 81:17 00:10 00:10=0075`: after the padded numbers their comparison, digit by
digit from the first on; then the columns, the larger number above, with "10 + upper - lower - borrow" behind the colon.

Product by one digit, `s1=-12*7;0012*7-2:14:14 1:07:08 0:00:00 0:00:00=0084`: columns "digit :product :product with
carry". By two digits: one such block for each, then the sum of both blocks, the second shifted by one place.

`=?` is out of range. `:00` to `:89` are single tokens: a sum is easier to learn than its last digit alone, which is a
number modulo ten.
"""

PLACES = 4


def work(ask: str, operator: str, left: int | None, right: int | None) -> str:
    """The working of an operation: `ask` names its operands as numbers or steps, `left` and `right` are their values.

    >>> work("345+s2", "+", 345, 87)
    '345+s2=87;0345+0087+57:12 48:13 30:04 00:00=0432'
    >>> work("12-87", "-", 12, 87)
    '12-87;0012-0087==<<-72:15 81:17 00:10 00:10=0075'
    >>> work("s1*7", "*", -12, 7)
    's1=-12*7;0012*7-2:14:14 1:07:08 0:00:00 0:00:00=0084'
    >>> work("34*27", "*", 34, 27)
    '34*27;0034*27+4:28:28 3:21:23 0:00:02 0:00:00;4:08:08 3:06:06 0:00:00 0:00:00;80:08 38:11 26:09 00:00=0918'
    """
    names = ask.split(operator)
    resolved = operator.join(_resolved(name, value) for name, value in zip(names, (left, right), strict=True)) + ";"
    if left is None or right is None:
        return f"{resolved}=?"
    if operator == "*":
        return resolved + _product(left, right)
    return resolved + _sum(left, right if operator == "+" else -right)


def _resolved(name: str, value: int | None) -> str:
    """A number as it stands, a step with its value."""
    return f"{name}={'?' if value is None else value}" if name.startswith("s") else name


def _sum(left: int, right: int) -> str:
    """The working of `left + right`, both signed."""
    upper, lower = abs(left), abs(right)
    added = (left < 0) == (right < 0)
    head = f"{upper:04d}{'+' if added else '-'}{lower:04d}"
    negative = left < 0
    if not added:
        head += _comparison(f"{upper:04d}", f"{lower:04d}")
        negative = left + right < 0
        upper, lower = max(upper, lower), min(upper, lower)
    columns = _added(upper, lower) if added else _subtracted(upper, lower)
    return f"{head}{'-' if negative else '+'}{columns}={_result(upper + lower if added else upper - lower)}"


def _product(left: int, right: int) -> str:
    """The working of `left * right`, both signed; the factor with fewer digits is the multiplier."""
    upper, lower = abs(left), abs(right)
    if len(str(upper)) < len(str(lower)):
        upper, lower = lower, upper
    if lower > 99:
        return "=?"
    head = f"{upper:04d}*{lower}{'-' if left * right < 0 else '+'}"
    units = _multiplied(upper, lower % 10)
    if lower < 10:
        return f"{head}{units}={_result(upper * lower)}"
    tens = _multiplied(upper, lower // 10)
    low, high = upper * (lower % 10) % 10**PLACES, upper * (lower // 10) * 10 % 10**PLACES
    return f"{head}{units};{tens};{_added(low, high)}={_result(upper * lower)}"


def _comparison(upper: str, lower: str) -> str:
    """`=` while the digits are equal, then `<` or `>`, kept to the end."""
    text = ""
    for above, below in zip(upper, lower, strict=True):
        text += text[-1] if text and text[-1] != "=" else "=" if above == below else "<" if above < below else ">"
    return text


def _added(upper: int, lower: int) -> str:
    """Columns of `upper + lower`; the sum behind the colon takes in the carry from the column before."""
    parts, carry = list[str](), 0
    for above, below in zip(_digits(upper), _digits(lower), strict=True):
        total = above + below + carry
        parts.append(f"{above}{below}:{total:02d}")
        carry = total // 10
    return " ".join(parts)


def _subtracted(upper: int, lower: int) -> str:
    """Columns of `upper - lower`; ten is lent to each, and a sum below ten has used it up."""
    parts, borrow = list[str](), 0
    for above, below in zip(_digits(upper), _digits(lower), strict=True):
        total = 10 + above - below - borrow
        parts.append(f"{above}{below}:{total:02d}")
        borrow = 1 - total // 10
    return " ".join(parts)


def _multiplied(number: int, digit: int) -> str:
    """Columns of `number * digit`: the product, then the product with the carry from the column before."""
    parts, carry = list[str](), 0
    for above in _digits(number):
        total = above * digit + carry
        parts.append(f"{above}:{above * digit:02d}:{total:02d}")
        carry = total // 10
    return " ".join(parts)


def _digits(number: int) -> list[int]:
    """The last four digits, the last one first."""
    return [number // 10**place % 10 for place in range(PLACES)]


def _result(size: int) -> str:
    """The result with four digits, or `?` when it does not fit."""
    return "?" if size >= 10**PLACES else f"{size:04d}"
