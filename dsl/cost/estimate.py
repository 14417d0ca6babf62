"""A plan becomes its cost: every node's calls counted, its prompts measured, its model's prices and speed applied.

Bounds come from the text: limits, samples, ranges of lists and texts, `max_tokens`, retries and repairs. The upper
bound without faults counts one attempt a call; the one with faults as many as the node's `retry` and `repair` allow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil, isinf

from msrun.dsl.cost.asking import ask
from msrun.dsl.cost.catalogue import Catalogue, standard
from msrun.dsl.cost.extent import ANY, ONE, Extent, latest
from msrun.dsl.cost.groups import choose, repeat, search, subplan, with_entries
from msrun.dsl.cost.share import NOTHING, Cost, Row, Share
from msrun.dsl.cost.values import Known, Names, item_of, known, of_shape
from msrun.dsl.cost.walk import (
    LONGEST_WAIT_S,
    MAX_SAMPLES,
    WIDTH,
    Graph,
    Path,
    Walk,
    attempts_of,
    bounded,
    limited,
    whole,
    whole_number,
)
from msrun.dsl.plan import Ask, Choose, Invoke, Node, Plan, Repeat, Search, Subplan
from msrun.dsl.shapes import CellOf, ListOf
from msrun.dsl.tree import Expr, Ref


def estimate(
    plan: Plan, catalogue: Catalogue | None = None, *, text_tokens: int | None = None, width: int = WIDTH
) -> Cost:
    """Return what a run of the plan takes that ends well.

    text_tokens: what a text without a bound counts as; without bound where it is None, so far as no model's context
    bounds it. width: calls on their way at the same time.
    """
    walk = Walk(
        catalogue=standard() if catalogue is None else catalogue,
        text_tokens=text_tokens,
        width=width,
        plans={each.name: each for each in (*plan.plans, plan)},
        graph=_graph,
        plan=_plan,
    )
    total = _plan(walk, plan, (), {})
    total = with_entries(walk, total)
    reasons = dict.fromkeys(row.unbounded for row in walk.rows if row.unbounded)
    return Cost(
        plan=plan.name,
        rows=tuple(walk.rows),
        total=total,
        unpriced=tuple(walk.unpriced),
        unbounded=tuple(reasons),
    )


# --- graphs ----------------------------------------------------------------------------------------------------------


def _plan(walk: Walk, plan: Plan, path: Path, args: Mapping[str, Known]) -> Share:
    """Return one run of a plan, without what it runs of itself."""
    walk.types.update({type_.id: type_ for type_ in plan.types})
    walk.models.update({spec.name: spec for spec in plan.models})
    values = {each.name: bounded(walk, of_shape(each.shape, walk.types)) for each in plan.inputs}
    values |= {
        each.name: Known(of_shape(each.shape, walk.types).size, ANY, each.shape, whole(each.default))
        for each in plan.params
    }
    values |= dict(args)
    names = Names(values, walk.types, {each.name: each for each in plan.fragments})
    walk.running.append(plan.name)
    share, _ = _graph(walk, plan.nodes, names, path)
    walk.running.pop()
    return share


def _graph(walk: Walk, nodes: Sequence[Node], names: Names, path: Path) -> tuple[Share, Graph]:
    """Return what all nodes of a graph take once, and the time until the last of them has ended."""
    graph = Graph(names)
    total = NOTHING
    for node in _in_order(nodes):
        share = _node(walk, graph, node, path)
        graph.took[node.id], graph.nodes[node.id] = share, node
        graph.ends[node.id] = _end(graph, node, share)
        total = total.beside(share)
    return total.lasting(latest(graph.ends.values())), graph


def _in_order(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield the nodes, each after those it reads, otherwise in the order of the text."""
    waiting = {str(node.id): node for node in nodes}
    done: set[str] = set()
    while waiting:
        ready = [n for n in waiting.values() if not any(r in waiting and r not in done for r in n.reads if r != n.id)]
        for node in ready or list(waiting.values()):
            done.add(node.id)
            del waiting[node.id]
            yield node


def _end(graph: Graph, node: Node, share: Share) -> Extent:
    """Return when a node ends at the earliest and at the latest; one that takes items as they come may begin before."""
    before = [name for name in node.reads if name in graph.ends]
    own = share.seconds
    source = node.over.source.name if node.over is not None and isinstance(node.over.source, Ref) else None
    waits = [graph.ends[name].low for name in before if name != source]
    low = max(waits, default=0) + own.low
    low = max([low, *(graph.ends[name].low for name in before)])
    usual = max((graph.ends[name].usual for name in before), default=0) + own.usual
    return Extent(low, usual, max((graph.ends[name].high for name in before), default=0) + own.high)


# --- nodes -----------------------------------------------------------------------------------------------------------


def _node(walk: Walk, graph: Graph, node: Node, path: Path) -> Share:
    """Return all that a node takes in one run of its graph, and remember what its readers may know of its value."""
    cells, length, item = _cells(walk, graph, node)
    names = graph.names if item is None else graph.names.bound(**item)
    if node.alias is not None:
        names = names.bound(**{node.alias: known(node.source, names)})
    samples = whole_number(node.samples, names, MAX_SAMPLES) if node.samples is not None else ONE
    units = (cells * samples).maybe() if node.when is not None else cells * samples
    at = len(walk.rows)
    walk.rows.append(Row(path=(*path, node.id), kind=node.kind))
    once, reply = _action(walk, node, names, (*path, node.id))
    share = once.times(units, _rounds(walk, node, units))
    value = _value(node, length, samples, reply)
    graph.names = graph.names.bound(**{node.id: value})
    streams = getattr(node.action, "stream_items", False)
    graph.given_out[node.id] = (
        cells if node.over is not None else _handed_on(node, graph.names) if streams else value.length
    )
    walk.rows[at] = replace(
        walk.rows[at],
        target=_target(node),
        share=share,
        unbounded=_reason(node, units, once),
        span=(node.span.start, node.span.end),
    )
    for inner in range(at + 1, len(walk.rows)):  # what one visit takes, times the visits
        row = walk.rows[inner]
        walk.rows[inner] = replace(row, share=row.share.times(units, ONE))
    return share


def _cells(walk: Walk, graph: Graph, node: Node) -> tuple[Extent, Extent, dict[str, Known] | None]:
    """Return how many cells a node works on, how many it ends with, and what its binders stand for.

    Items that a repaired reply takes back have had their cells: with faults there are more cells than items.
    """
    if node.over is None:
        return ONE, ONE, None
    source = node.over.source
    value = known(source, graph.names)
    length = value.length
    cells = length
    feeder = graph.nodes.get(source.name) if isinstance(source, Ref) else None
    if feeder is not None:
        cells = replace(length, high=max(length.high, graph.given_out[feeder.id].high))
        if feeder.over is not None and (feeder.policy.on_error == "skip" or feeder.when is not None):
            cells = cells.maybe()  # a cell that was skipped is skipped here too
    binders = {node.over.binder: item_of(value, graph.names)}
    if node.given is not None and node.given.name is not None:
        known_so_far = bounded(walk, of_shape(node.shape, walk.types))
        cell = CellOf(binders[node.over.binder].shape or node.shape, node.shape)
        size = length * (known_so_far.size + binders[node.over.binder].size)
        binders[node.given.name] = Known(size.maybe(), length.maybe(), ListOf(cell))
    return cells, length, binders


def _handed_on(node: Node, names: Names) -> Extent:
    """Return how many items a list may hand on in all, those of replies counted that were not valid in the end."""
    length = of_shape(limited(node.shape, node.limit, names), names.types).length
    return replace(length, high=length.high * attempts_of(node))


def _rounds(walk: Walk, node: Node, units: Extent) -> Extent:
    """Return how many of a node's calls follow each other: all where each sees the earlier ones."""
    if node.given is not None and node.given.needs is None:
        return units
    beside = min(node.policy.parallel or walk.width, walk.width)

    def rounds(number: float) -> float:
        return number if isinf(number) else ceil(number / beside)

    return Extent(rounds(units.low), rounds(units.usual), rounds(units.high))


def _value(node: Node, length: Extent, samples: Extent, reply: Known) -> Known:
    """Return what readers of the node know of its value."""
    if node.over is None and node.samples is None:
        maybe = node.when is not None or node.policy.on_error == "skip"
        return replace(reply, size=reply.size.maybe(), length=reply.length.maybe()) if maybe else reply
    count = samples
    if node.samples is not None and node.policy.on_error == "skip":
        count = count.maybe()
    if node.over is None:
        return Known(reply.size * count, count, node.value_shape)
    count = length if node.samples is None else length * samples
    return Known(reply.size * count, length, node.value_shape)


def _action(walk: Walk, node: Node, names: Names, path: Path) -> tuple[Share, Known]:
    """Return what one unit of a node takes, and what it gives."""
    match node.action:
        case Ask() as action:
            return ask(walk, node, action, names)
        case Invoke():
            high = node.policy.retry + 1
            calls = Extent(1, 1, high)
            longest = high * node.policy.timeout_s + node.policy.retry * LONGEST_WAIT_S
            share = Share(calls=calls, seconds=Extent(0, node.policy.timeout_s, longest))
            return share, bounded(walk, of_shape(node.shape, walk.types))
        case Choose(branches=branches):
            total = choose(walk, branches, names, path)
            return total, bounded(walk, of_shape(node.shape, walk.types))
        case Repeat() as action:
            return repeat(walk, node, action, names, path)
        case Search() as action:
            return search(walk, node, action, names, path)
        case Subplan() as action:
            return subplan(walk, node, action, names, path), bounded(walk, of_shape(node.shape, walk.types))
        case _:
            return NOTHING, _computed(walk, node, names)


def _computed(walk: Walk, node: Node, names: Names) -> Known:
    expr: Expr | None = getattr(node.action, "value", None) if node.kind == "let" else None
    own = of_shape(node.shape, walk.types)
    if expr is None:
        return bounded(walk, own)
    value = known(expr, names)
    length = own.length if value.length == ANY else value.length
    return Known(own.size if own.size.bounded else value.size, length, node.shape)


def _target(node: Node) -> str:
    match node.action:
        case Ask(model=name) | Invoke(tool=name) | Subplan(plan=name):
            return name
        case _:
            return ""


def _reason(node: Node, units: Extent, once: Share) -> str:
    """Say why a node has no bound where no call fails."""
    if not units.bounded:
        what = "samples" if node.samples is not None and node.over is None else "its list has no `limit` or range"
        return f"`{node.id}`: {what}"
    if not once.reply.bounded and isinstance(node.action, Ask):
        return f"`{node.id}`: neither `max_tokens` nor a range bounds the reply"
    if not once.prompt.bounded and isinstance(node.action, Ask):
        return f"`{node.id}`: the prompt reads a text without a bound"
    return ""
