"""What the nodes take that have graphs inside: one arm of several, rounds, a search, a plan run by another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf

from msrun.dsl.cost.extent import ANY, ONE, Extent, between
from msrun.dsl.cost.share import NOTHING, Share
from msrun.dsl.cost.values import Known, Names, known, of_shape
from msrun.dsl.cost.walk import Path, Walk, bounded, whole_number
from msrun.dsl.plan import Branch, Node, Repeat, Search, Subplan
from msrun.dsl.shapes import ListOf
from msrun.dsl.tree import Expr


def choose(walk: Walk, branches: Sequence[Branch], names: Names, path: Path) -> Share:
    """Return what one arm takes, whichever it is."""
    arms: list[Share] = []
    for branch in branches:
        at = len(walk.rows)
        arms.append(walk.graph(walk, branch.body.nodes, names, (*path, branch.label))[0])
        for inner in range(at, len(walk.rows)):
            row = walk.rows[inner]
            walk.rows[inner] = replace(row, share=row.share.times(Extent(len(branches) == 1, 1, 1), ONE))
    total = arms[0] if arms else NOTHING
    for arm in arms[1:]:
        total = total.either(arm)
    return total


def repeat(walk: Walk, node: Node, action: Repeat, names: Names, path: Path) -> tuple[Share, Known]:
    """Return what up to `limit` rounds take; in the last one, only what `until` reads is sure to run."""
    rounds = whole_number(node.limit, names, inf)
    own = bounded(walk, of_shape(node.shape, walk.types))
    inside = names.bound(**{str(node.id): own})
    at = len(walk.rows)
    share, graph = walk.graph(walk, action.nodes, inside, path)
    first = _needed(action.until, graph.nodes)
    least = NOTHING
    for name in first:
        least = least.beside(graph.took[name])
    low_s = max((graph.ends[name].low for name in first), default=0.0)
    for inner in range(at, len(walk.rows)):
        row = walk.rows[inner]
        often = replace(rounds, low=float(row.path[len(path)] in first))
        walk.rows[inner] = replace(row, share=row.share.times(often, ONE))
    whole = share.times(rounds, rounds)
    return _least(whole, least.lasting(Extent(low_s, 0, 0))), own


def _least(whole: Share, least: Share) -> Share:
    """Return a share with the lower bounds of another one."""

    def low(extent: Extent, other: Extent) -> Extent:
        return replace(extent, low=other.low)

    return Share(
        calls=low(whole.calls, least.calls),
        prompt=low(whole.prompt, least.prompt),
        reply=low(whole.reply, least.reply),
        usd=None if whole.usd is None or least.usd is None else low(whole.usd, least.usd),
        seconds=low(whole.seconds, least.seconds),
    )


def _needed(until: Expr, nodes: Mapping[str, Node]) -> set[str]:
    """Return the nodes that an expression reads, directly or through others."""
    from msrun.dsl.graph import names as names_of

    waiting = [name for name in names_of(until) if name in nodes]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [read for read in nodes[name].reads if read in nodes]
    return found


def search(walk: Walk, node: Node, action: Search, names: Names, path: Path) -> tuple[Share, Known]:
    """`limit` bounds the calls of `expand` and `score` together; which of the two is called how often is not known."""
    limit = whole_number(node.limit, names, inf)
    step = of_shape(action.expand.shape, walk.types)
    steps = Known(step.size * between(0, action.depth), between(0, action.depth), ListOf(action.expand.shape))
    inside = names.bound(**{action.so_far: steps})
    parts = [action.expand, *([action.score] if action.score is not None else [])]
    at = len(walk.rows)
    once: Share | None = None
    for part in parts:
        single = replace(part, samples=None)
        share, graph = walk.graph(walk, [single], inside, path)
        inside = inside.bound(**{str(part.id): graph.names.values[part.id]})
        once = share if once is None else once.either(share)
    calls = Extent(1, limit.usual, limit.high)
    for inner in range(at, len(walk.rows)):
        row = walk.rows[inner]
        walk.rows[inner] = replace(row, share=row.share.times(replace(calls, low=0), ONE))
    share = (once or NOTHING).times(calls, calls)
    return share, bounded(walk, Known(steps.size, between(0, action.depth), node.value_shape))


def subplan(walk: Walk, node: Node, action: Subplan, names: Names, path: Path) -> Share:
    """Return what one run of a plan takes; one that is running already is counted by `with_entries`."""
    plan = walk.plans.get(action.plan)
    if plan is None:
        return Share(calls=ANY, prompt=ANY, reply=ANY, usd=ANY, seconds=ANY)
    if plan.name in walk.running:
        walk.entries[(walk.running[-1], str(node.id))] = plan.name, whole_number(node.limit, names, inf)
        return NOTHING
    args = {name: known(value, names) for name, value in action.args}
    return walk.plan(walk, plan, path, args)


def with_entries(walk: Walk, total: Share) -> Share:
    """Add what plans take that run themselves: each such node is entered at most `limit` times in a run."""
    done: set[tuple[str, str]] = set()
    while more := {key: value for key, value in walk.entries.items() if key not in done}:
        for key, (name, limit) in more.items():
            done.add(key)
            kept, walk.rows = walk.rows, []
            share = walk.plan(walk, walk.plans[name], (), {})
            walk.rows = kept
            often = Extent(0, limit.usual, limit.high)
            added = share.times(often, often)
            total = total.beside(added).lasting(total.seconds + added.seconds)
    return total
