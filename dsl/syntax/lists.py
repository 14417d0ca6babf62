"""What the parser makes of lists and of parts that may be left out: the same few methods for all rules."""

from typing import Any, TypeVar

from msrun.dsl.syntax.tokens import Token

T = TypeVar("T")


class Lists:
    """Methods for the aliases of `plan.lark` that build no node."""

    def none(self) -> list[Any]:
        """Begin a list."""
        return []

    def one(self, item: T) -> list[T]:
        """Begin a list with its first item."""
        return [item]

    def more(self, items: list[T], item: T) -> list[T]:
        """Add an item."""
        items.append(item)
        return items

    def comma(self, items: list[T], _comma: Token, item: T) -> list[T]:
        """Add an item after a comma."""
        items.append(item)
        return items

    def pair(self, first: T, _sign: Token, second: T) -> list[T]:
        """Begin a list with two items."""
        return [first, second]

    def nothing(self) -> None:
        """Stand for a part that was left out."""

    def first(self, value: T, _rest: Token) -> T:
        """Leave out a trailing comma."""
        return value

    def second(self, _sign: Token, value: T) -> T:
        """Leave out the sign before a part."""
        return value

    def within(self, _open: Token, value: T, *_close: Token) -> T:
        """Leave out the brackets."""
        return value

    def no_items(self, *_brackets: Token) -> list[Any]:
        """Make empty brackets an empty list."""
        return []
