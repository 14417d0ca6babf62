"""Turns a formula of whole numbers into its steps: which operation comes next, and what is left after it.

A formula is text without spaces over digits, `+ - * ( )` and the ids `s1`, `s2`, … of earlier steps. The order is
fixed: the first bracket that closes, in it the first `*`, else the first operation. Python's arithmetic makes and
checks data here; it runs in no plan.
"""

import hashlib
import random
import re
from dataclasses import dataclass

LIMIT = 9999
MOST_OPERATIONS = 6
MOST_DIGITS = 3
HELD_OUT_PARTS = 20
BROKEN = "?"

_TOKEN = re.compile(r"s?\d+|[-+*()]")
_OPERATORS = ("+", "-", "*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operation of a formula: `left` is the formula before it, `ask` the operation, `value` its result.

    The value is None when it is out of range. Where the formula is broken or too long, the last step asks `?`.
    """

    left: str
    id: str
    ask: str
    needs: tuple[str, ...]
    value: int | None


def tokens(formula: str) -> list[str]:
    """Splits a formula into numbers, ids, operators and brackets.

    >>> tokens("(12+s1)*3")
    ['(', '12', '+', 's1', ')', '*', '3']
    """
    return _TOKEN.findall(formula)


def steps(formula: str) -> list[Step]:
    """Peels a formula, one operation at a time, until one id is left or no step can be taken.

    >>> [(step.left, step.ask) for step in steps("2*(3-5)")]
    [('2*(3-5)', '3-5'), ('2*s1', '2*s1')]
    >>> [(step.left, step.ask) for step in steps("(1+2)+*3")]
    [('(1+2)+*3', '1+2'), ('s1+*3', '?')]
    """
    left = tokens(formula)
    values: dict[str, int | None] = {}
    found: list[Step] = []
    while not found or (len(left) > 1 and found[-1].ask != BROKEN):
        at = _next_operation(left)
        if len(found) + 1 == MOST_OPERATIONS and sum(part in _OPERATORS for part in left) > 1:
            at = None
        ask = [BROKEN] if at is None else left[at - 1 : at + 2]
        step = Step(
            left="".join(left),
            id=f"s{len(found) + 1}",
            ask="".join(ask),
            needs=tuple(part for part in ask if part.startswith("s")),
            value=None if at is None else apply(ask[1], _value(ask[0], values), _value(ask[2], values)),
        )
        values[step.id] = step.value
        found.append(step)
        if at is not None:
            left = _unwrapped([*left[: at - 1], step.id, *left[at + 2 :]], at - 1)
    return found


def apply(operator: str, left: int | None, right: int | None) -> int | None:
    """The result of one operation, None when an operand is None or the result leaves -9999..9999."""
    if left is None or right is None:
        return None
    value = left + right if operator == "+" else left - right if operator == "-" else left * right
    return value if abs(value) <= LIMIT else None


def is_spelled(text: str) -> bool:
    """Whether a text is made of numbers of the domain (one at least), operators and brackets, in any order."""
    parts = tokens(text)
    numbers = [part for part in parts if part.isdigit()]
    short = all(len(number) <= MOST_DIGITS and (number == "0" or number[0] != "0") for number in numbers)
    return "".join(parts) == text and bool(numbers) and short and "s" not in text


def is_formula(text: str) -> bool:
    """Whether a text belongs to the domain: well formed, with 1 to 6 operations, brackets around operations only."""
    return is_spelled(text) and steps(text)[-1].ask != BROKEN


def is_held_out(formula: str) -> bool:
    """One formula in twenty, by hash: it is for tests only and is never trained on."""
    return hashlib.sha256(formula.encode()).digest()[0] % HELD_OUT_PARTS == 0


def random_formula(rng: random.Random, operations: int) -> str:
    """A formula with this many operations; its values may leave the range."""
    sizes = rng.choice(((3, 4, 3), (6, 3, 1), (1, 1, 0), (1, 0, 0)) if operations > 1 else ((1, 1, 1), (3, 4, 3)))
    return _branch(rng, operations, sizes)[0]


def _branch(rng: random.Random, operations: int, sizes: tuple[int, ...]) -> tuple[str, int]:
    """The text of a random tree and its precedence: 3 a number or bracket, 2 a product, 1 a sum."""
    if operations == 0:
        return random_number(rng, sizes), 3
    on_left = operations - 1 if rng.random() < 0.4 else rng.randrange(operations)
    operator = rng.choice("++--*")
    rank = 2 if operator == "*" else 1
    left, left_rank = _branch(rng, on_left, sizes)
    right, right_rank = _branch(rng, operations - 1 - on_left, sizes)
    if left_rank < 3 and (left_rank < rank or rng.random() < 0.06):
        left = f"({left})"
    if right_rank < 3 and (right_rank <= rank or rng.random() < 0.06):
        right = f"({right})"
    text = f"{left}{operator}{right}"
    if rng.random() < 0.02:
        return f"({text})", 3
    return text, rank


def random_number(rng: random.Random, sizes: tuple[int, ...]) -> str:
    """A number as text; `sizes` weighs one, two and three digits."""
    digits = rng.choices((1, 2, 3), sizes)[0]
    return str(rng.randrange(0 if digits == 1 else 10 ** (digits - 1), 10**digits))


def _next_operation(parts: list[str]) -> int | None:
    """The index of the operator to work out next, None where brackets do not pair or an operand is missing."""
    end = parts.index(")") if ")" in parts else len(parts)
    start = max((at for at in range(end) if parts[at] == "("), default=-1)
    if (end < len(parts)) != (start >= 0):
        return None
    operators = [at for at in range(start + 1, end) if parts[at] in _OPERATORS]
    at = next((at for at in operators if parts[at] == "*"), operators[0] if operators else None)
    if at is None or at - 1 <= start or at + 1 >= end or parts[at + 1] in _OPERATORS or parts[at - 1] in _OPERATORS:
        return None
    before, after = parts[at - 2] if at > 1 else "(", parts[at + 2] if at + 2 < len(parts) else ")"
    return at if before in ("(", *_OPERATORS) and after in (")", *_OPERATORS) else None


def _unwrapped(parts: list[str], at: int) -> list[str]:
    """The same formula without the brackets that enclose the single item at `at`."""
    while 0 < at < len(parts) - 1 and parts[at - 1] == "(" and parts[at + 1] == ")":
        parts = [*parts[: at - 1], parts[at], *parts[at + 2 :]]
        at -= 1
    return parts


def _value(part: str, values: dict[str, int | None]) -> int | None:
    """The number a part of a formula stands for."""
    return values[part] if part.startswith("s") else int(part)
