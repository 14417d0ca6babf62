"""What `+`, `<`, `==` and the other signs do with two plain values; mixing kinds is an error, never a surprise."""

import operator
from collections.abc import Callable
from math import isfinite
from typing import Any

from msrun.dsl.values.cells import elements, unwrap
from msrun.dsl.values.plain import MAX_BITS, MAX_ITEMS, EvaluationError, is_list, is_number, joined, same, word


def equal(left: Any, right: Any) -> bool:
    """`==`. Null compares with anything, a whole number with a number; other mixtures are errors."""
    mixed = type(left) is not type(right) and not (is_number(left) and is_number(right))
    if mixed and left is not None and right is not None:
        raise EvaluationError(f"{word(left)} is compared with {word(right)}")
    return same(left, right)


def unequal(left: Any, right: Any) -> bool:
    """`!=`."""
    return not equal(left, right)


def within(left: Any, right: Any) -> bool:
    """`in`: an item of a list, a part of a text, a key of a record."""
    if is_list(right):
        return any(same(left, item) for item in elements(right))
    if type(left) is str and (type(right) is str or type(right) is dict):
        return left in right
    raise EvaluationError(f"`in` cannot look for {word(left)} in {word(right)}")


def add(left: Any, right: Any) -> Any:
    """`+` of two numbers, two texts or two lists."""
    if type(left) is str and type(right) is str:
        return joined((left, right), "")
    if is_list(left) and is_list(right):
        if len(left) + len(right) > MAX_ITEMS:
            raise EvaluationError(f"the list would grow past {MAX_ITEMS} items")
        return left + right
    return _arithmetic("+", operator.add, left, right)


def subtract(left: Any, right: Any) -> Any:
    """`-` of two numbers."""
    return _arithmetic("-", operator.sub, left, right)


def multiply(left: Any, right: Any) -> Any:
    """`*` of two numbers."""
    return _arithmetic("*", operator.mul, left, right)


def divide(left: Any, right: Any) -> Any:
    """`/` of two numbers: always a number with a fraction."""
    return _arithmetic("/", lambda dividend, divisor: dividend / divisor, left, right)


def negate(operand: Any) -> Any:
    """`-x` of a number."""
    if not is_number(operand):
        raise EvaluationError(f"`-` needs a number, this is {word(operand)}")
    return -operand


def truth(value: Any) -> bool:
    """Return a condition's value; only true and false are conditions."""
    value = unwrap(value)
    if type(value) is not bool:
        raise EvaluationError(f"a condition needs true or false, this is {word(value)}")
    return value


def _arithmetic(sign: str, apply: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if not (is_number(left) and is_number(right)):
        raise EvaluationError(f"`{sign}` cannot join {word(left)} and {word(right)}")
    try:
        result = apply(left, right)
    except ZeroDivisionError:
        raise EvaluationError("division by zero") from None
    except OverflowError:
        raise EvaluationError("the number is too large") from None
    if type(result) is float and not isfinite(result):
        raise EvaluationError("the number is too large")
    if type(result) is int and result.bit_length() > MAX_BITS:
        raise EvaluationError("the number is too large")
    return result


def _ordered(sign: str, apply: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if (is_number(left) and is_number(right)) or (type(left) is str and type(right) is str):
            return apply(left, right)
        raise EvaluationError(f"`{sign}` cannot compare {word(left)} with {word(right)}")

    return compare


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "==": equal,
    "!=": unequal,
    "<": _ordered("<", operator.lt),
    "<=": _ordered("<=", operator.le),
    ">": _ordered(">", operator.gt),
    ">=": _ordered(">=", operator.ge),
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "in": within,
}
"""Every sign but `and` and `or`, which may leave their right side unread. Operands come unwrapped."""
