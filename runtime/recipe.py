"""A node of the plan made ready to run: its expressions compiled, what it waits for, and how urgent it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, TypeAlias

from msrun.dsl.plan import Ask, Choose, FragmentSpec, Invoke, Node, Repeat, Search, Subplan
from msrun.dsl.tree import Expr, Get, Pipe, Ref
from msrun.dsl.values.evaluate import compile_expr
from msrun.runtime.mentions import mentions

if TYPE_CHECKING:
    from msrun.runtime.place import Drawn, Place
    from msrun.runtime.progress import Progress, Rank, Work
    from msrun.runtime.unit import Perform

Read: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""Gives an expression's value from the values of names. Raises EvaluationError."""

Inline: TypeAlias = "Callable[[Progress, Mapping[str, Any]], Any]"
"""Computes a pure node's value from the values of names. Raises EvaluationError or NodeFault."""

Enter: TypeAlias = "Callable[[Progress, Place, int | None, Rank], Work]"
"""Makes the visit of a group for one of its places, or for one draw of it."""


async def no_call(_unit: Any) -> Any:
    """Stand where a node makes no calls."""
    raise AssertionError("a pure node makes no calls")


@dataclass(slots=True, kw_only=True, eq=False)
class Recipe:
    """One node. `waits` are the nodes whose whole value it needs, `follows` the one whose items it takes as they come.

    `urgency` is the number of calls on the longest path from here to the end of its graph, `after` that without its
    own. How it works is one of three: `perform` makes its calls, `inline` computes it, `enter` opens the graph inside.
    """

    node: Node
    waits: tuple[str, ...]
    follows: str | None
    urgency: int = 0
    after: int = 0
    when: Read | None = None
    samples: Read | None = None
    alias: Read | None = None
    over: Read | None = None
    needs: Read | None = None
    holder: Read | None = None  # the record that carries the `needs` and the key they name
    fallback: Read | None = None
    draws: int | None = None  # made to judge how sure a reply is
    judge: "Callable[[Sequence[Drawn]], Any] | None" = None  # makes one value of them, or of the only one
    weighed: bool = False  # a vote asks for the log-probabilities of its draws
    key_fields: tuple[str, ...] = ()  # where that record's key may stand
    perform: "Perform" = no_call
    inline: "Inline | None" = None
    enter: "Enter | None" = None


def recipes(
    nodes: Sequence[Node], around: Mapping[str, Node], fragments: Mapping[str, FragmentSpec]
) -> dict[str, Recipe]:
    """Compile the nodes of a graph, which may read the nodes `around` it too."""
    seen = {**around, **{str(node.id): node for node in nodes}}
    return {str(node.id): _recipe(node, seen, fragments) for node in nodes}


def rank(made: Mapping[str, Recipe], calls: Mapping[str, int]) -> int:
    """Set how urgent the nodes of a graph are; `calls` is how many stand one after the other in each of them.

    Returns the number of calls on its longest path. Raises CycleError where a node needs itself.
    """
    readers: dict[str, list[str]] = {id_: [] for id_ in made}
    for id_, recipe in made.items():
        for source in recipe.node.reads:
            if source in readers:
                readers[source].append(id_)
    for id_ in TopologicalSorter(readers).static_order():  # readers first
        recipe = made[id_]
        recipe.after = max((made[reader].urgency for reader in readers[id_]), default=0)
        recipe.urgency = recipe.after + calls[id_]
    return max((recipe.urgency for recipe in made.values()), default=0)


def streams(node: Node) -> bool:
    """Whether readers may take this node's items before it has ended."""
    if node.over is not None:
        return True
    if node.samples is not None:
        return node.policy.on_error != "skip"  # a draw that is skipped has no place in the list
    return isinstance(node.action, Ask | Invoke) and node.action.stream_items


def _recipe(node: Node, nodes: Mapping[str, Node], fragments: Mapping[str, FragmentSpec]) -> Recipe:
    head = _head(node)
    follows = _follows(node, nodes, head)
    needs = node.given.needs if node.given is not None else None
    at_first = None if head is None else mentions(node.over, *head)
    needed = [name for name in node.reads if at_first is None or name in at_first]

    def compiled(expr: Expr | None) -> Read | None:
        return None if expr is None else compile_expr(expr, fragments)

    return Recipe(
        node=node,
        waits=tuple(dict.fromkeys(name for name in needed if name in nodes and name != follows)),
        follows=follows,
        when=compiled(node.when),
        samples=compiled(node.samples),
        alias=compiled(node.source) if node.alias is not None else None,
        over=compiled(node.over.source) if node.over is not None and follows is None else None,
        needs=compiled(needs),
        holder=compiled(_holder(needs)),
        fallback=compiled(node.fallback),
    )


def _head(node: Node) -> tuple[Any, ...] | None:
    """Return what of a group is read when it starts, None for any other node: its graph waits for the rest itself."""
    alias = node.source if node.alias is not None else None
    head = (node.given, node.samples, node.limit, node.when, node.fallback, alias)
    match node.action:
        case Subplan(args=args):
            return (*head, args)
        case Choose():
            return head
        case Repeat(start=start):
            return (*head, start)
        case Search(stop=stop, expand=expand):
            return (*head, stop, expand.samples)
        case _:
            return None


def _follows(node: Node, nodes: Mapping[str, Node], head: tuple[Any, ...] | None) -> str | None:
    """Return the node that is read item by item: named after `in`, and nowhere else where the whole is needed."""
    if node.over is None or not isinstance(node.over.source, Ref):
        return None
    source = nodes.get(node.over.source.name)
    if source is None or source is node or not streams(source):
        return None
    whole = (
        (node.action, node.given, node.samples, node.limit, node.when, node.source, node.fallback)
        if head is None
        else head
    )
    return None if source.id in mentions(*whole) else str(source.id)


def _holder(needs: Expr | None) -> Expr | None:
    """Return the `step` of `step.needs`, under whatever filters."""
    while isinstance(needs, Pipe):
        needs = needs.base
    return needs.base if isinstance(needs, Get) else None
