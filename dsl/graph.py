"""The graph of a plan: what reads what, and how. Inputs and the answer are vertices; edges come from names only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from msrun.dsl.plan import (
    Action,
    Ask,
    Choose,
    Compute,
    Invoke,
    Node,
    NodeId,
    Plan,
    Rank,
    Repeat,
    Search,
    Stage,
    Subplan,
    Tally,
    bodies,
)
from msrun.dsl.shapes import spell
from msrun.dsl.tree import (
    Binary,
    Call,
    Constant,
    Expr,
    Get,
    Hole,
    Index,
    ListExpr,
    Pipe,
    RecordExpr,
    Ref,
    Text,
    Unary,
)

if TYPE_CHECKING:
    import networkx as nx

ANSWER = "return"
"""The id of the answer's vertex: a reserved word, so no node has it."""

Family: TypeAlias = Literal["input", "split", "model", "tool", "value", "stage", "group", "answer"]
"""What a vertex is to a reader: `split` is a model call that gives a list of parts, `value` needs no call, a `group`
has a graph inside."""

How: TypeAlias = Literal["for", "from", "given", "when", "samples", "limit", "hole", "args", "value", "return"]
"""Where a node names what it reads; a `hole` is one of its prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """An input, a node or the answer. `shape` is what readers of the name get, as the language writes it.

    `model` is the model or tool that is called, `fan` says why there are many calls ("for step", "8 samples"), `note`
    holds the clauses that bound or order them.
    """

    id: str
    kind: str
    family: Family
    shape: str
    model: str = ""
    fan: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` reads `source`, in these places; the first is the one that shapes the graph most."""

    source: str
    target: str
    how: tuple[How, ...]


def vertices(plan: Plan) -> tuple[Vertex, ...]:
    """Return inputs (those of the plan, then params of the file that are read), nodes in text order, the answer."""
    read = {edge.source for edge in edges(plan)}
    inputs = (*plan.inputs, *(param for param in plan.params if param.name in read))
    return (
        *(Vertex(id=given.name, kind="input", family="input", shape=spell(given.shape)) for given in inputs),
        *(_vertex(node) for node in plan.nodes),
        Vertex(id=ANSWER, kind="return", family="answer", shape=spell(plan.result)),
    )


def edges(plan: Plan) -> tuple[Edge, ...]:
    """Return what every node and the answer read, readers in text order; networkx is not loaded."""
    params = {param.name for param in plan.params}
    known = {given.name for given in plan.inputs} | {str(node.id) for node in plan.nodes} | params
    found = [edge for node in plan.nodes for edge in _edges(node, known, params)]
    found += [Edge(name, ANSWER, ("return",)) for name in dict.fromkeys(names(plan.returns)) if name in known]
    return tuple(found)


def to_networkx(plan: Plan) -> "nx.DiGraph[str]":
    """Return the graph with `kind family shape model fan note` on its nodes and `name how` on its edges.

    `how` is a tuple, `name` the name that is read. The graph has no cycle: the checker refuses a plan that has one.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph(name=plan.name)
    for vertex in vertices(plan):
        graph.add_node(
            vertex.id,
            kind=vertex.kind,
            family=vertex.family,
            shape=vertex.shape,
            model=vertex.model,
            fan=vertex.fan,
            note=vertex.note,
        )
    for edge in edges(plan):
        graph.add_edge(edge.source, edge.target, name=edge.source, how=edge.how)
    return graph


def calls(node: Node) -> float:
    """Return 1 for a node that calls a model, 0 for any other: the weight that counts round trips."""
    return 1.0 if isinstance(node.action, Ask) else 0.0


def critical_path(plan: Plan, weight: Callable[[Node], float] = calls) -> tuple[NodeId, ...]:
    """Return the nodes of a longest path, in order: no run can take less than the sum of their weights.

    Cells of a fan-out count as one, for they may run at the same time. Of paths of equal weight the one with the
    fewest nodes is taken, then the one that stands first in the text. Empty for a plan without nodes.
    """
    nodes = {str(node.id): node for node in plan.nodes}
    before = {name: [read for read in node.reads if read in nodes] for name, node in nodes.items()}
    best: dict[str, tuple[float, int]] = {}
    back: dict[str, str | None] = {}
    for name in TopologicalSorter(before).static_order():
        back[name] = max(before[name], key=best.__getitem__, default=None)
        length, count = best[back[name] or ""] if back[name] else (0.0, 0)
        best[name] = (length + weight(nodes[name]), count - 1)
    at = max(nodes, key=best.__getitem__, default=None)
    path: list[NodeId] = []
    while at is not None:
        path.append(nodes[at].id)
        at = back[at]
    return tuple(reversed(path))


def names(*exprs: Expr | None) -> Iterator[str]:
    """Yield the names that expressions read, in the order of the text, some more than once."""
    waiting: list[Expr | None] = list(reversed(exprs))
    while waiting:
        expr = waiting.pop()
        if isinstance(expr, Ref):
            yield expr.name
        elif expr is not None:
            waiting.extend(reversed(_parts(expr)))


def _parts(expr: Expr) -> list[Expr | None]:
    match expr:
        case Constant() | Ref():
            return []
        case Text(parts):
            return [part.expr for part in parts if isinstance(part, Hole)]
        case Get(base):
            return [base]
        case Index(base, index):
            return [base, index]
        case Call(callee, args):
            return [callee, *(arg.value for arg in args)]
        case Pipe(base, _, args):
            return [base, *(arg.value for arg in args or ())]
        case ListExpr(items):
            return list(items)
        case RecordExpr(entries):
            return [entry.value for entry in entries]
        case Unary(_, operand):
            return [operand]
        case Binary(_, left, right):
            return [left, right]
        case _:
            assert_never(expr)


def _edges(node: Node, known: set[str], params: set[str]) -> Iterator[Edge]:
    """Yield what a node reads: what it waits for, and the params it names, which nobody waits for."""
    places: tuple[tuple[How, tuple[Expr | None, ...]], ...] = (
        ("for", (node.over.source if node.over else None,)),
        ("from", (node.source,)),
        ("given", (node.given.needs if node.given else None,)),
        ("when", (node.when,)),
        ("samples", (node.samples,)),
        ("limit", (node.limit,)),
        _inside(node.action),
    )
    found: dict[str, dict[How, None]] = {name: {} for name in node.reads if name in known}
    for how, exprs in places:
        for name in dict.fromkeys(names(*exprs)):
            if name in found or name in params:
                found.setdefault(name, {})[how] = None
    # a name that only the defaults of the kind read stands nowhere in the text: it is what the prompt is filled with
    return (Edge(name, str(node.id), tuple(how) or ("hole",)) for name, how in found.items())


def _inside(action: Action) -> tuple[How, tuple[Expr | None, ...]]:
    match action:
        case Ask():
            return "hole", (action.prompt, action.system, *action.images)
        case Invoke():
            return "args", tuple(value for _, value in action.args)
        case Compute():
            return "value", (action.value,)
        case Tally():
            return "from", (action.source, action.by)
        case Rank():
            return "from", (action.source, action.by, action.marks, action.keep)
        case Stage():
            return "value", ()
        case Subplan(args=args):
            return "args", tuple(value for _, value in args)
        case Choose(on=on):
            return "from", (on, *_within(action))
        case Repeat(start=start):
            return "from", (start, *_within(action))
        case Search():
            return "hole", tuple(_within(action))
        case _:
            assert_never(action)


def _within(action: Action) -> Iterator[Expr]:
    """Yield every expression of the graphs inside an action, those nested deeper too."""
    for _, nodes, beside in bodies(action):
        yield from beside
        for node in nodes:
            heads = (node.over.source if node.over else None, node.given.needs if node.given else None)
            yield from (e for e in (*heads, node.when, node.samples, node.limit, node.source) if e is not None)
            yield from (expr for expr in _inside(node.action)[1] if expr is not None)


def _vertex(node: Node) -> Vertex:
    return Vertex(
        id=str(node.id),
        kind=node.kind,
        family=_family(node),
        shape=spell(node.value_shape),
        model=_called(node.action),
        fan=", ".join(_fan(node)),
        note=", ".join(_note(node)),
    )


def _family(node: Node) -> Family:
    match node.action:
        case Ask(stream_items=stream):
            return "split" if stream else "model"
        case Invoke():
            return "tool"
        case Compute() | Tally() | Rank():
            return "value"
        case Stage():
            return "stage"
        case Subplan() | Choose() | Repeat() | Search():
            return "group"
        case _:
            assert_never(node.action)


def _called(action: Action) -> str:
    match action:
        case Ask(model=model):
            return model
        case Invoke(tool=tool):
            return tool
        case Subplan(plan=name):
            return name
        case _:
            return ""


def _fan(node: Node) -> Iterator[str]:
    if node.over is not None:
        yield f"for {node.over.binder}"
    if node.samples is not None:
        yield f"{_short(node.samples)} samples"


def _note(node: Node) -> Iterator[str]:
    if node.given is not None:
        yield "given earlier" if node.given.needs is None else f"given {_short(node.given.needs)}"
    if node.limit is not None:
        yield f"limit {_short(node.limit)}"
    if node.when is not None:
        yield "when …"


def _short(expr: Expr) -> str:
    match expr:
        case Constant(value, unit):
            return f"{value}" if not unit else "…"
        case Ref(name):
            return name
        case Get(base, attr):
            return f"{_short(base)}.{attr}" if base is not None else f".{attr}"
        case _:
            return "…"
