"""Figures of a model's answers, each with a 95% interval: shares by Wilson, others by bootstrap."""

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msrun.trainers.port import Figure

_DRAWS = 500
T = TypeVar("T")


def wilson(name: str, right: int, rows: int, z: float = 1.96) -> dict[str, Figure]:
    """Return the share of right answers and its Wilson score interval (Wilson 1927; z 1.96 is 95%).

    >>> {name: round(share, 3) for name, share in wilson("exact_match", 9, 10).items()}
    {'exact_match': 0.9, 'exact_match_low': 0.596, 'exact_match_high': 0.982}
    """
    share, square = right / rows, z * z
    centre = (share + square / (2 * rows)) / (1 + square / rows)
    half = z / (1 + square / rows) * math.sqrt(share * (1 - share) / rows + square / (4 * rows * rows))
    return {name: share, f"{name}_low": max(0.0, centre - half), f"{name}_high": min(1.0, centre + half)}


def bootstrap(name: str, rows: Sequence[T], figure: Callable[[Sequence[T]], float]) -> dict[str, Figure]:
    """Return a figure of the rows and the middle 95% of it over 500 samples of them (Efron 1979), always the same."""
    draw = random.Random(f"{name} {len(rows)}")  # noqa: S311 - no secret
    values = sorted(figure(draw.choices(rows, k=len(rows))) for _ in range(_DRAWS))
    low, high = values[round(0.025 * (_DRAWS - 1))], values[round(0.975 * (_DRAWS - 1))]
    return {name: figure(rows), f"{name}_low": low, f"{name}_high": high}


def macro_f1(rows: Sequence[tuple[str, str]], labels: Sequence[str]) -> float:
    """Return the mean over labels of 2·tp / (2·tp + fp + fn), of (true, given) pairs; a label nowhere seen counts 0.

    >>> round(macro_f1([("a", "a"), ("a", "b"), ("b", "b")], ["a", "b"]), 4)
    0.6667
    """
    counts = Counter(rows)
    true, given = Counter(one for one, _ in rows), Counter(other for _, other in rows)
    scores = [
        2 * counts[label, label] / (true[label] + given[label]) if true[label] + given[label] else 0.0
        for label in labels
    ]
    return sum(scores) / len(scores)


def f1_of_sets(rows: Sequence[tuple[frozenset[str], frozenset[str]]], labels: Sequence[str]) -> float:
    """Return the macro F1 where a text may have several labels."""
    scores: list[float] = []
    for label in labels:
        both = sum(label in one and label in other for one, other in rows)
        either = sum((label in one) + (label in other) for one, other in rows)
        scores.append(2 * both / either if either else 0.0)
    return sum(scores) / len(scores)


def confusion(rows: Sequence[tuple[str, str]], labels: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how often each label (outer) was given each label (inner)."""
    counts = Counter(rows)
    return {one: {other: counts[one, other] for other in labels} for one in labels}


def token_f1(wanted: str, given: str) -> float:
    """Return the F1 of the words that two texts share, as SQuAD counts them, without its English articles.

    >>> token_f1("a red fox", "red fox jumps")
    0.6666666666666666
    """
    left, right = Counter(_words(wanted)), Counter(_words(given))
    if not left or not right:
        return float(left == right)
    same = sum((left & right).values())
    return 2 * same / (left.total() + right.total())


def _words(text: str) -> list[str]:
    return re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", text.casefold())


def mean(values: Sequence[float]) -> float:
    """Return the mean."""
    return sum(values) / len(values)


def pearson(rows: Sequence[tuple[float, float]]) -> float:
    """Return the correlation of pairs, 0 where one side never changes."""
    left, right = mean([one for one, _ in rows]), mean([other for _, other in rows])
    top = sum((one - left) * (other - right) for one, other in rows)
    below = math.sqrt(sum((one - left) ** 2 for one, _ in rows) * sum((other - right) ** 2 for _, other in rows))
    return top / below if below else 0.0


def chosen(figures: Mapping[str, Figure], report: Sequence[str]) -> dict[str, Figure]:
    """Return the figures that a report names, with their intervals, and those that every report has."""
    ends = ("", "_low", "_high")
    wanted = {f"{name}{end}" for name in report for end in ends} | {"rows", "seen_in_training"}
    return {name: figure for name, figure in figures.items() if name in wanted or "[" in name}
