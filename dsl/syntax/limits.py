"""How deep and how long expressions may grow: bounds that let whoever walks the tree recurse without fear."""

from typing import NamedTuple

from msrun.dsl.syntax.tokens import END, RESERVED, Token

MAX_DEPTH = 64
"""Brackets within brackets."""

MAX_CHAIN = 128
"""Operators on the way to one value, those of the brackets around it included: `a.b.c + d` has three."""

OPERATORS = frozenset("+-*/|.?<>([") | {"==", "!=", "<=", ">=", "and", "or", "not", "in"}
SEPARATORS = RESERVED - OPERATORS - {"true", "false", "null"} | {",", ":", "=", "->"}
ENDS = frozenset({"NAME", "NUMBER", "TEXT", ")", "]", "}", "?", ">", "true", "false", "null"})


class Excess(NamedTuple):
    """Where a limit is passed, and the name of the finding."""

    at: int
    entry: str
    limit: int


def excess(tokens: list[Token]) -> Excess | None:
    """Return the first place where the tokens pass a limit."""
    bases: list[int] = []
    base = chain = 0
    before = END
    for at, token in enumerate(tokens):
        kind = token.kind
        if kind == "NAME":
            if before in ENDS:
                chain = base
        elif kind in SEPARATORS:
            chain = base
        elif kind in OPERATORS:
            chain += 1
            if chain > MAX_CHAIN:
                return Excess(at, "E0001/long", MAX_CHAIN)
        if kind in "([{":
            bases.append(base)
            base = chain = 0 if kind == "{" and before in ENDS else chain  # a block stands in no expression
            if len(bases) > MAX_DEPTH:
                return Excess(at, "E0001/deep", MAX_DEPTH)
        elif kind in ")]}" and bases:
            base = bases.pop()
        before = kind
    return None
