"""A node of the plan made ready to run: its expressions compiled, what it waits for, and how urgent it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, TypeAlias

from msrun.dsl.plan import Ask, FragmentSpec, Invoke, Node, Plan
from msrun.dsl.tree import Expr, Get, Pipe, Ref
from msrun.dsl.values.evaluate import compile_expr
from msrun.runtime.mentions import mentions

Read: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""Gives an expression's value from the values of names. Raises EvaluationError."""


@dataclass(slots=True, kw_only=True)
class Recipe:
    """One node. `waits` are the nodes whose whole value it needs, `follows` the one whose items it takes as they come.

    `urgency` is the number of calls on the longest path from here to the end of the plan.
    """

    node: Node
    waits: tuple[str, ...]
    follows: str | None
    urgency: int = 0
    when: Read | None = None
    samples: Read | None = None
    alias: Read | None = None
    over: Read | None = None
    needs: Read | None = None
    holder: Read | None = None  # the record that carries the `needs` and the key they name


def recipes(plan: Plan, fragments: Mapping[str, FragmentSpec]) -> dict[str, Recipe]:
    """Compile all nodes of a plan. Raises CycleError where a node needs itself."""
    nodes = {str(node.id): node for node in plan.nodes}
    made = {id_: _recipe(node, nodes, fragments) for id_, node in nodes.items()}
    _rank(made)
    return made


def streams(node: Node) -> bool:
    """Whether readers may take this node's items before it has ended."""
    if node.over is not None:
        return True
    if node.samples is not None:
        return node.policy.on_error == "fail"  # a draw that is skipped has no place in the list
    return isinstance(node.action, Ask | Invoke) and node.action.stream_items


def _recipe(node: Node, nodes: Mapping[str, Node], fragments: Mapping[str, FragmentSpec]) -> Recipe:
    follows = _follows(node, nodes)
    needs = node.given.needs if node.given is not None else None
    holder = _holder(needs)

    def compiled(expr: Expr | None) -> Read | None:
        return None if expr is None else compile_expr(expr, fragments)

    return Recipe(
        node=node,
        waits=tuple(dict.fromkeys(name for name in node.reads if name in nodes and name != follows)),
        follows=follows,
        when=compiled(node.when),
        samples=compiled(node.samples),
        alias=compiled(node.source) if node.alias is not None else None,
        over=compiled(node.over.source) if node.over is not None and follows is None else None,
        needs=compiled(needs),
        holder=compiled(holder),
    )


def _follows(node: Node, nodes: Mapping[str, Node]) -> str | None:
    """Return the node that is read item by item: named after `in`, and nowhere else in this node."""
    if node.over is None or not isinstance(node.over.source, Ref):
        return None
    source = nodes.get(node.over.source.name)
    if source is None or not streams(source):
        return None
    elsewhere = mentions(node.action, node.given, node.samples, node.limit, node.when, node.source)
    return None if source.id in elsewhere else str(source.id)


def _holder(needs: Expr | None) -> Expr | None:
    """Return the `step` of `step.needs`, under whatever filters."""
    while isinstance(needs, Pipe):
        needs = needs.base
    return needs.base if isinstance(needs, Get) else None


def _rank(made: Mapping[str, Recipe]) -> None:
    readers: dict[str, list[str]] = {id_: [] for id_ in made}
    for id_, recipe in made.items():
        for source in (*recipe.waits, *((recipe.follows,) if recipe.follows else ())):
            readers[source].append(id_)
    for id_ in TopologicalSorter(readers).static_order():  # readers first
        recipe = made[id_]
        after = max((made[reader].urgency for reader in readers[id_]), default=0)
        recipe.urgency = after + isinstance(recipe.node.action, Ask | Invoke)
