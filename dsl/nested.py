"""Nodes within nodes: every node of a plan at any depth, the expressions of one, and a plan with its nodes changed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from msrun.dsl.plan import (
    Action,
    Ask,
    Check,
    Choose,
    Compute,
    Invoke,
    Node,
    Plan,
    Rank,
    Repeat,
    Retrieve,
    Screen,
    Search,
    Stage,
    Subplan,
    Tally,
    Update,
    bodies,
)
from msrun.dsl.tree import Expr


def every_node(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield the nodes, each followed by those inside it, at any depth. Plans that are run are not entered."""
    pending = list(nodes)[::-1]
    while pending:
        node = pending.pop()
        yield node
        inside = [inner for _, inner, _ in bodies(node.action)]
        pending.extend(reversed([each for group in inside for each in group]))


def plan_nodes(plan: Plan) -> Iterator[Node]:
    """Yield every node that a run of the plan may call: its own, those inside them, and those of plans it runs."""
    for each in (plan, *plan.plans):
        yield from every_node(each.nodes)


def expressions(node: Node) -> Iterator[Expr]:
    """Yield the expressions of a node: its header's, its action's, and those that stand in graphs inside it.

    Those of the nodes in these graphs are theirs.
    """
    over, given = node.over, node.given
    heads = (over.source if over else None, given.needs if given else None, node.samples, node.limit, node.when)
    yield from (expr for expr in (*heads, node.source, node.fallback) if expr is not None)
    yield from own_expressions(node.action)
    for _, _, beside in bodies(node.action):
        yield from beside
    yield from (check.expr for check in checks_inside(node.action))


def own_expressions(action: Action) -> Iterator[Expr]:
    """Yield the expressions of an action that are evaluated around it, not in a graph inside."""
    match action:
        case Ask():
            yield action.prompt
            yield from (expr for expr in (action.system, *action.images) if expr is not None)
        case Invoke(args=args) | Subplan(args=args):
            yield from (value for _, value in args)
        case Compute(value=value) | Update(value=value):
            yield value
        case Retrieve(query=query):
            yield query
        case Tally(source=source, by=by):
            yield from (expr for expr in (source, by) if expr is not None)
        case Screen(source=source, on_deny=on_deny):
            yield from (expr for expr in (source, on_deny) if expr is not None)
        case Rank():
            yield from (e for e in (action.source, action.by, action.marks, action.keep) if e is not None)
        case Choose(on=on):
            yield from (() if on is None else (on,))
        case Repeat(start=start):
            yield start
        case Stage() | Search():
            pass
        case _:
            assert_never(action)


def checks_inside(action: Action) -> tuple[Check, ...]:
    """Return what is expected in the graphs inside an action."""
    match action:
        case Choose(branches=branches):
            return tuple(check for branch in branches for check in branch.body.expects)
        case Repeat(expects=expects):
            return expects
        case _:
            return ()


def with_nodes(plan: Plan, change: Callable[[Node], Node]) -> Plan:
    """Return the plan with every node changed, those inside nodes and those of plans that it runs too."""
    return replace(
        plan,
        nodes=tuple(_changed(node, change) for node in plan.nodes),
        plans=tuple(with_nodes(each, change) for each in plan.plans),
    )


def _changed(node: Node, change: Callable[[Node], Node]) -> Node:
    action = node.action
    match action:
        case Choose(branches=branches):
            inside = [tuple(_changed(each, change) for each in branch.body.nodes) for branch in branches]
            made = [
                replace(branch, body=replace(branch.body, nodes=nodes))
                for branch, nodes in zip(branches, inside, strict=True)
            ]
            node = replace(node, action=replace(action, branches=tuple(made)))
        case Repeat(nodes=nodes):
            node = replace(node, action=replace(action, nodes=tuple(_changed(each, change) for each in nodes)))
        case Search(expand=expand, score=score):
            score = None if score is None else _changed(score, change)
            node = replace(node, action=replace(action, expand=_changed(expand, change), score=score))
        case _:
            pass
    return change(node)
