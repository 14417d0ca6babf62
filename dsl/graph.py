"""The graph of a plan: what reads what, and how. Inputs and the answer are vertices; edges come from names only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from msrun.dsl.check.read import names_in
from msrun.dsl.nested import every_node, expressions, own_expressions
from msrun.dsl.plan import (
    SESSION,
    Action,
    Ask,
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
from msrun.dsl.shapes import spell
from msrun.dsl.spelled import spelled
from msrun.dsl.tree import Constant, Expr, Get, Ref

if TYPE_CHECKING:
    import networkx as nx

ANSWER = "return"
"""The id of the answer's vertex: a reserved word, so no node has it."""

Family: TypeAlias = Literal["input", "split", "model", "tool", "value", "stage", "group", "answer"]
"""What a vertex is to a reader: `split` is a model call that gives a list of parts, `value` needs no call, a `group`
has a graph inside."""

How: TypeAlias = Literal["for", "from", "given", "on", "when", "samples", "limit", "hole", "args", "value", "return"]
"""Where a node names what it reads; a `hole` is one of its prompt, or stands in a graph inside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """An input, a node or the answer. `shape` is what readers of the name get, as the language writes it.

    `model` is the model or tool that is called, `fan` says why there are many calls ("for step", "8 samples"), `note`
    holds the clauses that bound or order them. `parts` are the graphs inside.
    """

    id: str
    kind: str
    family: Family
    shape: str
    model: str = ""
    fan: str = ""
    note: str = ""
    parts: "tuple[Part, ...]" = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` reads `source`, in these places; the first is the one that shapes the graph most."""

    source: str
    target: str
    how: tuple[How, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A graph inside a vertex: an arm of `choose`, a round of `repeat`, a step of `search`, or a plan that is run.

    Ids are names within the part. What a vertex reads from around it stands in its `note`. `loop` says which of them
    gives the value of which in the next round.
    """

    label: str = ""
    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...]
    loop: tuple[str, str] | None = None


Costs: TypeAlias = Mapping[tuple[int, int], str]
"""A few words about what nodes cost, by where they stand in the file: start and end."""

NOTHING: Costs = {}


def vertices(plan: Plan, *, opened: bool = False, costs: Costs = NOTHING) -> tuple[Vertex, ...]:
    """Return inputs (those of the plan, then params of the file that are read), nodes in text order, the answer.

    Where `opened`, the graph of a plan that is run stands inside the node that runs it. `costs` are added to the notes.
    """
    return _of_plan(_Around(plan, {each.name: each for each in (plan, *plan.plans)} if opened else {}, costs))


def _of_plan(around: "_Around") -> tuple[Vertex, ...]:
    plan = around.plan
    read = {edge.source for edge in edges(plan)}
    inputs = (*plan.inputs, *(param for param in plan.params if param.name in read))
    return (
        *(Vertex(id=given.name, kind="input", family="input", shape=spell(given.shape)) for given in inputs),
        *_session(plan, read),
        *(_vertex(node, around) for node in plan.nodes),
        Vertex(id=ANSWER, kind="return", family="answer", shape=spell(plan.result)),
    )


def edges(plan: Plan) -> tuple[Edge, ...]:
    """Return what every node and the answer read, readers in text order; networkx is not loaded."""
    params = {param.name for param in plan.params}
    known = {given.name for given in plan.inputs} | {str(node.id) for node in plan.nodes} | params
    known |= {SESSION} if plan.session is not None else set()
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


def names(*exprs: Expr | None) -> Iterator[str]:
    """Yield the names that expressions read, in the order of the text, some more than once."""
    return names_in(*exprs)


def _edges(node: Node, known: set[str], params: set[str]) -> Iterator[Edge]:
    """Yield what a node reads: what it waits for, and the params it names, which nobody waits for."""
    places: tuple[tuple[How, tuple[Expr | None, ...]], ...] = (
        ("for", (node.over.source if node.over else None,)),
        ("from", (node.source,)),
        ("given", (node.given.needs if node.given else None,)),
        ("when", (node.when,)),
        ("samples", (node.samples,)),
        ("limit", (node.limit,)),
        *_inside(node.action),
    )
    found: dict[str, dict[How, None]] = {name: {} for name in node.reads if name in known}
    for how, exprs in places:
        for name in dict.fromkeys(names(*exprs)):
            if name in found or name in params:
                found.setdefault(name, {})[how] = None
    # a name that only the defaults of the kind read stands nowhere in the text: it is what the prompt is filled with
    return (Edge(name, str(node.id), tuple(how) or ("hole",)) for name, how in found.items())


def _inside(action: Action) -> Iterator[tuple[How, tuple[Expr | None, ...]]]:
    """Yield where an action names what it reads: first around it, then in the graphs inside it."""
    match action:
        case Ask() | Search():
            how: How = "hole"
        case Invoke() | Subplan() | Retrieve():
            how = "args"
        case Compute() | Stage() | Update():
            how = "value"
        case Tally() | Rank() | Screen() | Repeat():
            how = "from"
        case Choose():
            how = "on"
        case _:
            assert_never(action)
    yield how, tuple(own_expressions(action))
    for _, nodes, beside in bodies(action):
        yield "hole", beside
        for node in every_node(nodes):
            yield "hole", tuple(expressions(node))


@dataclass(frozen=True, slots=True)
class _Around:
    """The plan that is drawn, and those that may be opened inside it."""

    plan: Plan
    plans: Mapping[str, Plan]
    costs: Costs


def _session(plan: Plan, read: set[str]) -> Iterator[Vertex]:
    """Yield the session that a plan reads."""
    if plan.session is not None and SESSION in read:
        yield Vertex(id=SESSION, kind=SESSION, family="input", shape=plan.session.name)


def _vertex(node: Node, around: _Around, outside: Sequence[str] = ()) -> Vertex:
    reads = [f"reads {', '.join(outside)}"] if outside else []
    return Vertex(
        id=str(node.id),
        kind=node.kind,
        family=_family(node),
        shape=spell(node.value_shape),
        model=_called(node.action),
        fan=", ".join(_fan(node)),
        note=", ".join([*_note(node), *reads, *_cost(node, around)]),
        parts=tuple(_parts(node, around)),
    )


def _cost(node: Node, around: _Around) -> Iterator[str]:
    said = around.costs.get((node.span.start, node.span.end))
    if said:
        yield said


def _parts(node: Node, around: _Around) -> Iterator[Part]:
    match node.action:
        case Choose(branches=branches):
            for branch in branches:
                tests = ", ".join(_case(test) for test in branch.tests)
                yield _part(branch.body.nodes, around, ends={ANSWER: branch.body.returns}, label=tests or "else")
        case Repeat(nodes=nodes, until=until, following=following):
            name = str(node.id)
            start = Vertex(id=name, kind="so far", family="input", shape=spell(node.shape))
            ends = {"until": until, "next": following}
            yield _part(nodes, around, start=start, ends=ends, loop=("next", name))
        case Search(so_far=so_far, expand=expand, score=score, stop=stop):
            start = Vertex(id=so_far, kind="so far", family="input", shape=spell(node.shape))
            nodes = (expand,) if score is None else (expand, score)
            ends = {} if stop is None else {"stop": stop}
            yield _part(nodes, around, start=start, ends=ends, loop=(str(nodes[-1].id), so_far))
        case Subplan(plan=name) if name in around.plans:
            plan = around.plans[name]
            inside = _Around(plan, {other: made for other, made in around.plans.items() if other != name}, around.costs)
            yield Part(label=f"plan {name}", vertices=_of_plan(inside), edges=edges(plan))
        case _:
            pass


def _case(test: Expr) -> str:
    """A label without quotes, a condition as it is written."""
    return test.value if isinstance(test, Constant) and isinstance(test.value, str) else spelled(test)


def _part(
    nodes: Sequence[Node],
    around: _Around,
    *,
    ends: Mapping[str, Expr],
    start: Vertex | None = None,
    label: str = "",
    loop: tuple[str, str] | None = None,
) -> Part:
    """Return a graph inside a node: where it starts from, its nodes, and what becomes of it."""
    first = () if start is None else (start,)
    known = {*(vertex.id for vertex in first), *(str(node.id) for node in nodes)}
    inner = [_vertex(node, around, [name for name in node.reads if name not in known]) for node in nodes]
    last = [Vertex(id=word, kind=word, family="answer", shape=spelled(expr)) for word, expr in ends.items()]
    found = [edge for node in nodes for edge in _edges(node, known, set())]
    for word, expr in ends.items():
        found += [Edge(name, word, ("return",)) for name in dict.fromkeys(names(expr)) if name in known]
    return Part(label=label, vertices=(*first, *inner, *last), edges=tuple(found), loop=loop)


def _family(node: Node) -> Family:
    match node.action:
        case Ask(stream_items=stream):
            return "split" if stream else "model"
        case Invoke() | Retrieve():
            return "tool"
        case Compute() | Update() | Tally() | Rank() | Screen():
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
        case Retrieve(knowledge=name):
            return name
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
