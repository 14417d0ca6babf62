"""The longest path of a plan: what no run of it can be faster than, the graphs inside its nodes counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

from msrun.dsl.check.read import names_in
from msrun.dsl.plan import Ask, Choose, Node, NodeId, Plan, Repeat, Search, Subplan
from msrun.dsl.tree import Expr


def calls(node: Node) -> float:
    """Return 1 for a node that calls a model, 0 for any other: the weight that counts round trips."""
    return 1.0 if isinstance(node.action, Ask) else 0.0


def critical_path(plan: Plan, weight: Callable[[Node], float] = calls) -> tuple[NodeId, ...]:
    """Return the nodes of a longest path, in order: no run can take less than the sum of their weights.

    Cells of a fan-out count as one, for they may run at the same time. A node with graphs inside weighs what the least
    of them takes: of a choice the lightest arm, of a loop what `until` needs, of a search one step, of a plan that is
    run its own longest path. Of paths of equal weight the one with the fewest nodes is taken, then the one that stands
    first in the text. Empty for a plan without nodes.
    """
    measure = _Measure({each.name: each for each in (plan, *plan.plans)}, weight, frozenset((plan.name,)))
    best, back = _longest(plan.nodes, measure)
    at = max(best, key=best.__getitem__, default=None)
    path: list[NodeId] = []
    while at is not None:
        path.append(NodeId(at))
        at = back[at]
    return tuple(reversed(path))


@dataclass(frozen=True, slots=True)
class _Measure:
    """What nodes weigh. `entered` are the plans on the way here: that they run themselves again is never certain."""

    plans: Mapping[str, Plan]
    weight: Callable[[Node], float]
    entered: frozenset[str]


def _longest(nodes: Sequence[Node], measure: _Measure) -> tuple[dict[str, tuple[float, int]], dict[str, str | None]]:
    """Return the weight of the longest path to every node with its count of nodes, negative, and the node before it."""
    named = {str(node.id): node for node in nodes}
    before = {name: [read for read in node.reads if read in named] for name, node in named.items()}
    best: dict[str, tuple[float, int]] = {}
    back: dict[str, str | None] = {}
    for name in TopologicalSorter(before).static_order():
        back[name] = max(before[name], key=best.__getitem__, default=None)
        length, count = best[back[name] or ""] if back[name] else (0.0, 0)
        best[name] = (length + _weight(named[name], measure), count - 1)
    return {name: best[name] for name in named}, back


def _weight(node: Node, measure: _Measure) -> float:
    own = measure.weight(node)
    match node.action:
        case Choose(branches=branches):
            return own + min((_length(branch.body.nodes, measure) for branch in branches), default=0.0)
        case Repeat(nodes=nodes, until=until):
            return own + _length(_needed(nodes, until), measure)
        case Search(expand=expand, score=score):
            return own + _weight(expand, measure) + (0.0 if score is None else _weight(score, measure))
        case Subplan(plan=name) if name in measure.plans and name not in measure.entered:
            return own + _length(measure.plans[name].nodes, replace(measure, entered=measure.entered | {name}))
        case _:
            return own


def _length(nodes: Sequence[Node], measure: _Measure) -> float:
    return max((length for length, _ in _longest(nodes, measure)[0].values()), default=0.0)


def _needed(nodes: Sequence[Node], until: Expr) -> list[Node]:
    """The nodes that a condition needs, directly or not."""
    named = {str(node.id): node for node in nodes}
    pending, seen = list(names_in(until)), set[str]()
    while pending:
        name = pending.pop()
        if name in named and name not in seen:
            seen.add(name)
            pending += named[name].reads
    return [node for node in nodes if node.id in seen]
