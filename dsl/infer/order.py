"""Orders of a graph: what comes before what, and the cycles that make an order impossible."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

MOST_CYCLES = 20
"""Cycles reported of one graph; finding each costs a walk over all of it."""


def cycles(graph: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return cycles of a graph of name → what it needs, each as a path that ends where it began; disjoint ones."""
    return order(graph)[1]


def order(graph: Mapping[str, Iterable[str]]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the names, each after what it needs, and the cycles that were cut open to get there."""
    cut = {name: list(needs) for name, needs in graph.items()}
    found: list[tuple[str, ...]] = []
    while True:
        try:
            return list(TopologicalSorter(cut).static_order()), found
        except CycleError as error:
            path = _from_first(graph, error.args[1])
            found.append(path)
            for name in path:
                cut[name] = []
            if len(found) == MOST_CYCLES:
                return list(cut), found


def _from_first(graph: Mapping[str, Iterable[str]], path: list[str]) -> tuple[str, ...]:
    """Turn a cycle so that it reads from need to needed and begins with the name that stands first in the text."""
    ring = path[:0:-1]  # graphlib writes a cycle from the needed to the needing
    places = {name: at for at, name in enumerate(graph)}
    start = min(range(len(ring)), key=lambda at: places[ring[at]])
    turned = ring[start:] + ring[:start]
    return (*turned, turned[0])
