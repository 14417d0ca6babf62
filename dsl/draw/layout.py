"""Places boxes in layers and bends edges between them: Sugiyama, Tagawa & Toda 1981, with a least-squares last step.

Longest-path layers, dummies where an edge passes a layer, barycentre sweeps that keep the order with the fewest counted
crossings, and coordinates by isotonic regression, in which dummies weigh more, so that long edges are straight.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Layers: TypeAlias = list[list[int]]

_PATIENCE = 4  # sweeps without a better order, after which none is looked for
_SETTLE, _STRAIGHTEN = 6, 6
_DUMMY_WIDTH = 10.0
_STRAIGHT = 8.0  # how much more an edge between two dummies wants to be straight


@dataclass(frozen=True, slots=True)
class Laid:
    """Centres of the boxes, and of every edge the (x, layer) points it passes between its ends; width and heights.

    `tops` and `bottoms` are the edges of each layer's band.
    """

    centres: tuple[tuple[float, float], ...]
    layer_of: tuple[int, ...]
    bends: tuple[tuple[tuple[float, int], ...], ...]
    tops: tuple[float, ...]
    bottoms: tuple[float, ...]
    width: float
    crossings: int


@dataclass(slots=True)
class _Grid:
    """Boxes and dummies: numbers from 0, boxes first. `up` and `down` are neighbours in the layers next to theirs."""

    layers: Layers
    up: list[list[int]]
    down: list[list[int]]
    boxes: int
    chains: list[list[int]]


def lay_out(
    sizes: Sequence[tuple[float, float]], links: Sequence[tuple[int, int]], *, gap: float = 28.0, rise: float = 52.0
) -> Laid:
    """Return where boxes of these sizes (width, height) stand, from top to bottom along the links of an acyclic graph.

    `gap` is the least distance of two boxes in a layer, `rise` that of two layers.
    """
    layer_of = _layered(len(sizes), links)
    grid = _grid(layer_of, links)
    crossed = _order(grid)
    widths = [width for width, _ in sizes] + [_DUMMY_WIDTH] * (len(grid.up) - len(sizes))
    xs = _columns(grid, widths, gap)
    left = min((xs[i] - widths[i] / 2 for i in range(len(widths))), default=0.0)
    xs = [x - left for x in xs]
    tops, bottoms = _bands(grid, sizes, rise)
    return Laid(
        centres=tuple((xs[i], (tops[layer_of[i]] + bottoms[layer_of[i]]) / 2) for i in range(len(sizes))),
        layer_of=tuple(layer_of),
        bends=tuple(
            tuple((xs[d], layer_of[a] + 1 + at) for at, d in enumerate(chain))
            for (a, _), chain in zip(links, grid.chains, strict=True)
        ),
        tops=tuple(tops),
        bottoms=tuple(bottoms),
        width=max((xs[i] + widths[i] / 2 for i in range(len(widths))), default=0.0),
        crossings=crossed,
    )


def _layered(count: int, links: Sequence[tuple[int, int]]) -> list[int]:
    """Return each box's layer: below all it depends on, and pulled down to its readers where that shortens edges."""
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        above[target].append(source)
        below[source].append(target)
    waiting = [len(found) for found in above]
    order = [box for box in range(count) if not waiting[box]]
    layer = [0] * count
    for box in order:  # grows while it is read
        for reader in below[box]:
            layer[reader] = max(layer[reader], layer[box] + 1)
            waiting[reader] -= 1
            if not waiting[reader]:
                order.append(reader)
    for box in reversed(order):
        if below[box] and len(below[box]) > len(above[box]):
            layer[box] = min(layer[reader] for reader in below[box]) - 1
    return layer


def _grid(layer_of: Sequence[int], links: Sequence[tuple[int, int]]) -> _Grid:
    boxes = len(layer_of)
    layers: Layers = [[] for _ in range(max(layer_of, default=-1) + 1)]
    for box, layer in enumerate(layer_of):
        layers[layer].append(box)
    grid = _Grid(layers, [[] for _ in range(boxes)], [[] for _ in range(boxes)], boxes, [])
    for source, target in links:
        chain: list[int] = []
        for layer in range(layer_of[source] + 1, layer_of[target]):
            chain.append(len(grid.up))
            grid.layers[layer].append(len(grid.up))
            grid.up.append([])
            grid.down.append([])
        for upper, lower in pairwise([source, *chain, target]):
            grid.down[upper].append(lower)
            grid.up[lower].append(upper)
        grid.chains.append(chain)
    return grid


def _order(grid: _Grid) -> int:
    """Put every layer in the best order found; returns the number of crossings that are left."""
    place = [0] * len(grid.up)
    for layer in grid.layers:
        _number(layer, place)
    best, fewest, since = [list(layer) for layer in grid.layers], crossings(grid.layers, grid.down, place), 0
    while fewest and since < _PATIENCE:
        downwards = since % 2 == 0
        for layer in grid.layers[1:] if downwards else grid.layers[-2::-1]:
            _by_barycentre(layer, grid.up if downwards else grid.down, place)
        found, since = crossings(grid.layers, grid.down, place), since + 1
        if found < fewest:
            best, fewest, since = [list(layer) for layer in grid.layers], found, since % 2
    grid.layers = best
    return fewest


def _number(layer: Sequence[int], place: list[int]) -> None:
    for at, item in enumerate(layer):
        place[item] = at


def _by_barycentre(layer: list[int], neighbours: Sequence[Sequence[int]], place: list[int]) -> None:
    """Sort a layer by the mean place of its items' neighbours; what has none keeps about where it stands."""
    weight = {
        item: sum([place[n] for n in near]) / len(near) if (near := neighbours[item]) else place[item] for item in layer
    }
    layer.sort(key=weight.__getitem__)
    _number(layer, place)


def crossings(layers: Iterable[Sequence[int]], down: Sequence[Sequence[int]], place: Sequence[int]) -> int:
    """Count the pairs of edges that cross between layers (Barth, Jünger & Mutzel 2002).

    `down` holds each item's neighbours in the layer below, `place` where every item stands in its layer.
    """
    total = 0
    for upper in layers:
        seen: list[int] = []
        for item in upper:
            ends = sorted([place[n] for n in down[item]])
            for end in ends:
                total += len(seen) - bisect_right(seen, end)
            for end in ends:
                insort(seen, end)
    return total


def _columns(grid: _Grid, widths: Sequence[float], gap: float) -> list[float]:
    """Return x of every item: alternate passes draw each layer to its neighbours, the last ones to both sides."""
    xs = [0.0] * len(widths)
    for layer in grid.layers:
        for item, x in zip(layer, _packed(layer, widths, gap), strict=True):
            xs[item] = x
    for turn in range(_SETTLE):
        for layer in grid.layers if turn % 2 == 0 else reversed(grid.layers):
            _settle(layer, _wishes(layer, xs, (grid.up, grid.down)[turn % 2], grid.boxes), xs, widths, gap)
    both = [up + down for up, down in zip(grid.up, grid.down, strict=True)]
    for turn in range(_STRAIGHTEN):
        middles = {item: sum(xs[d] for d in chain) / len(chain) for chain in grid.chains for item in chain}
        for layer in grid.layers if turn % 2 == 0 else reversed(grid.layers):
            wishes = _wishes(layer, xs, both, grid.boxes)
            wishes = [(middles[i], _STRAIGHT) if i in middles else w for i, w in zip(layer, wishes, strict=True)]
            _settle(layer, wishes, xs, widths, gap)
    return xs


def _wishes(
    layer: Sequence[int], xs: Sequence[float], pull: Sequence[Sequence[int]], boxes: int
) -> list[tuple[float, float]]:
    """Return where each item wants to stand, the mean of its neighbours, and how strongly."""
    wishes: list[tuple[float, float]] = []
    for item in layer:
        near = pull[item]
        if not near:  # it stays, unless somebody needs the place
            wishes.append((xs[item], 0.01))
        elif item >= boxes and near[0] >= boxes:
            wishes.append((xs[near[0]], _STRAIGHT))
        else:
            wishes.append((sum(xs[n] for n in near) / len(near), float(len(near))))
    return wishes


def _packed(layer: Sequence[int], widths: Sequence[float], gap: float) -> list[float]:
    """Return the tightest places of a layer's items, from 0."""
    places, right = list[float](), 0.0
    for item in layer:
        places.append(right + widths[item] / 2)
        right += widths[item] + gap
    return places


def _settle(
    layer: Sequence[int],
    wishes: Sequence[tuple[float, float]],
    xs: list[float],
    widths: Sequence[float],
    gap: float,
) -> None:
    """Move a layer's items as near to where they want to stand as order and distances allow.

    Exact least squares by pooling adjacent violators: with the tightest places taken off, the rest must not decrease.
    """
    tight = _packed(layer, widths, gap)
    pools: list[tuple[float, float, int]] = []  # weighted sum, weight, number of items
    for (wish, weight), offset in zip(wishes, tight, strict=True):
        pool = (weight * (wish - offset), weight, 1)
        while pools and pools[-1][0] / pools[-1][1] > pool[0] / pool[1]:
            last = pools.pop()
            pool = (last[0] + pool[0], last[1] + pool[1], last[2] + pool[2])
        pools.append(pool)
    shifts = [total / weight for total, weight, count in pools for _ in range(count)]
    for item, offset, shift in zip(layer, tight, shifts, strict=True):
        xs[item] = offset + shift


def _bands(grid: _Grid, sizes: Sequence[tuple[float, float]], rise: float) -> tuple[list[float], list[float]]:
    tops, bottoms, y = list[float](), list[float](), 0.0
    for layer in grid.layers:
        height = max((sizes[item][1] for item in layer if item < grid.boxes), default=0.0)
        tops.append(y)
        bottoms.append(y + height)
        y += height + rise
    return tops, bottoms
