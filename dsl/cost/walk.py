"""An estimate under way, the graph that it is in, and the numbers that it reads out of nodes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from msrun.dsl.cost.catalogue import Catalogue
from msrun.dsl.cost.extent import Extent, between, exactly
from msrun.dsl.cost.share import Row, Share
from msrun.dsl.cost.values import Known, Names, known
from msrun.dsl.plan import Ask, ModelSpec, Node, Plan
from msrun.dsl.shapes import ListOf, Maybe, Range, Shape, TypeDef
from msrun.dsl.tree import Expr

Path: TypeAlias = tuple[str, ...]

Entered: TypeAlias = tuple[str, Extent]
"""The plan that a node enters, and how often."""

MAX_SAMPLES = 10_000
"""Draws of one cell that the engine allows."""

WIDTH = 64
"""Calls on their way at the same time, unless the operator says another number."""

LONGEST_WAIT_S = 150.0
"""The longest wait before another attempt: a server's Retry-After of two minutes, and a quarter more."""


@dataclass(slots=True, eq=False)
class Walk:
    """One estimate under way. `entries` are the nodes by which plans run themselves, each counted once in a run."""

    catalogue: Catalogue
    text_tokens: int | None
    width: int
    plans: Mapping[str, Plan]
    graph: "GraphOf"
    plan: "PlanOf"
    types: dict[str, TypeDef] = field(default_factory=dict[str, TypeDef])
    models: dict[str, ModelSpec] = field(default_factory=dict[str, ModelSpec])
    rows: list[Row] = field(default_factory=list[Row])
    running: list[str] = field(default_factory=list[str])
    entries: dict[tuple[str, str], Entered] = field(default_factory=dict[tuple[str, str], Entered])
    unpriced: dict[str, None] = field(default_factory=dict[str, None])


@dataclass(slots=True, eq=False)
class Graph:
    """The nodes of one graph as far as they are walked: what they take, when they end, how many cells they have."""

    names: Names
    took: dict[str, Share] = field(default_factory=dict[str, Share])
    ends: dict[str, Extent] = field(default_factory=dict[str, Extent])
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    given_out: dict[str, Extent] = field(default_factory=dict[str, Extent])  # items, those taken back counted too


GraphOf: TypeAlias = Callable[[Walk, Sequence[Node], Names, Path], tuple[Share, Graph]]
"""Gives what the nodes of a graph take once."""

PlanOf: TypeAlias = Callable[[Walk, Plan, Path, Mapping[str, Known]], Share]
"""Gives what one run of a plan takes, without what it runs of itself."""


def attempts_of(node: Node) -> int:
    """Return how often one call of a node may be sent."""
    repairs = node.policy.repair if isinstance(node.action, Ask) else 0
    return (repairs + 1) * (node.policy.retry + 1)


def whole(value: object) -> int | None:
    """Return a whole number, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def whole_number(expr: Expr | None, names: Names, most: float) -> Extent:
    """Return the number that `limit` or `samples` says, from 1 to `most` where it is known only at run time."""
    number = known(expr, names).number if expr is not None else None
    return between(1, most) if number is None else exactly(number)


def bounded(walk: Walk, value: Known) -> Known:
    """Count a text without a bound as long as the caller says texts are."""
    if walk.text_tokens is None or value.size.bounded:
        return value
    return replace(value, size=value.size.capped(walk.text_tokens))


def limited(shape: Shape, limit: Expr | None, names: Names) -> Shape:
    """Return the shape of a list with at most as many items as `limit` says."""
    most = None if limit is None else known(limit, names).number
    if isinstance(shape, Maybe):
        return Maybe(limited(shape.item, limit, names))
    if most is None or not isinstance(shape, ListOf):
        return shape
    low, high = (shape.range.low, shape.range.high) if shape.range is not None else (None, None)
    return replace(shape, range=Range(low, most if high is None else min(high, most)))
