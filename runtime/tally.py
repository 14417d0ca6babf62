"""Votes: items become ballots, ballots that mean the same become one answer, and the answer with most weight wins."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from math import exp, fsum
from typing import Any, Literal, NamedTuple, TypeAlias

from msrun.dsl.values.cells import Cell, unwrap
from msrun.dsl.values.plain import EvaluationError, compact, is_list, word
from msrun.runtime.outcome import NodeFault

Fold: TypeAlias = Literal["number", "casefold", "strip", "punctuation"]

MAX_NUMBER = 60
"""Characters of a text that may be read as a number."""

_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")


class Count(NamedTuple):
    """A vote's end: the place of the winning item in the list, and every answer's share of the weight, 0 to 1."""

    winner: int
    shares: tuple[tuple[str, float], ...]


def normalise(ballot: Any, folds: Sequence[Fold]) -> str:
    """Write a ballot so that those which mean the same are equal: with `number`, `1,234.0` becomes `1234`."""
    text = ballot if type(ballot) is str else compact(ballot)
    if "number" in folds and (number := _as_number(text)) is not None:
        return number
    if "punctuation" in folds:
        text = "".join(sign for sign in text if not unicodedata.category(sign).startswith("P"))
    if "strip" in folds:
        text = " ".join(text.split())
    return text.casefold() if "casefold" in folds else text


def count(ballots: Mapping[int, str], weights: Mapping[int, float], quorum: float) -> Count:
    """Count ballots, by index; equal weights go to the answer that came first. NodeFault without ballot or quorum.

    The winning item is the first one that gave the winning answer.
    """
    if not ballots:
        raise NodeFault("quorum", "there is nothing to vote on: no item has a value")
    first: dict[str, int] = {}
    cast: dict[str, list[float]] = {}
    for index in sorted(ballots):
        first.setdefault(ballots[index], index)
        cast.setdefault(ballots[index], []).append(weights[index])
    sums = {answer: fsum(parts) for answer, parts in cast.items()}
    total = fsum(sums.values())
    shares = tuple((answer, part / total) for answer, part in sums.items())
    winner, share = max(shares, key=lambda each: each[1])
    if share < quorum:
        raise NodeFault("quorum", f"no answer reached {quorum:.0%} of the votes; the first has {share:.0%}")
    return Count(first[winner], shares)


def weigh(logprobs: Mapping[int, float | None]) -> dict[int, float]:
    """Turn log-probabilities into weights, the largest 1; NodeFault where one is unknown."""
    known = {index: value for index, value in logprobs.items() if value is not None}
    if len(known) < len(logprobs):
        raise NodeFault("quorum", "`weight: logprob` needs log-probabilities, and the model gave none")
    top = max(known.values(), default=0.0)
    return {index: exp(value - top) for index, value in known.items()}


def ballots(
    items: Any, by: Callable[[Mapping[str, Any], Any], Any] | None, env: Mapping[str, Any], folds: Sequence[Fold]
) -> dict[int, str]:
    """Read the ballot of every item that has a value. `by` reads it from an item, None takes the item itself."""
    items = unwrap(items)
    if not is_list(items):
        raise EvaluationError(f"`vote` needs a list, this is {word(items)}")
    voting = {at: item for at, item in enumerate(items) if not (type(item) is Cell and not item.has_value)}
    voting = {at: item for at, item in voting.items() if unwrap(item) is not None}
    return {at: normalise(unwrap(item if by is None else by(env, item)), folds) for at, item in voting.items()}


def _as_number(text: str) -> str | None:
    text = text.strip()
    if len(text) > MAX_NUMBER or _NUMBER.fullmatch(text) is None:
        return None
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if number == 0 else plain
