"""A plan's graph in the dot language of Graphviz."""

from collections.abc import Iterator, Sequence

from msrun.dsl.draw.width import clean
from msrun.dsl.graph import NOTHING, Costs, Edge, Family, Vertex, edges, vertices
from msrun.dsl.plan import Plan

_LOOKS: dict[Family, str] = {
    "input": 'shape=box, style="rounded,filled", fillcolor="#f1f5f9", color="#64748b"',
    "split": 'shape=hexagon, style=filled, fillcolor="#f5f3ff", color="#7c3aed"',
    "model": 'shape=box, style="rounded,filled", fillcolor="#eff6ff", color="#2563eb"',
    "tool": 'shape=component, style=filled, fillcolor="#fffbeb", color="#b45309"',
    "value": 'shape=box, style=filled, fillcolor="#f0fdfa", color="#0f766e"',
    "stage": 'shape=cylinder, style=filled, fillcolor="#fff1f2", color="#be123c"',
    "group": 'shape=box3d, style=filled, fillcolor="#ecfeff", color="#0e7490"',
    "answer": 'shape=box, style="rounded,filled", fillcolor="#f0fdf4", color="#15803d", peripheries=2',
}

_FRAME = 'style="rounded,filled", color="#94a3b8", fillcolor="#ffffff"'


def dot(plan: Plan, *, opened: bool = False, costs: Costs = NOTHING) -> str:
    """Return the digraph, top down; every name of the plan is a quoted and escaped text.

    A node with graphs inside is a cluster, and so is each of them; its own box stands in it, edges end at its frame.
    """
    shown = vertices(plan, opened=opened, costs=costs)
    compound = ", compound=true" if any(vertex.parts for vertex in shown) else ""
    lines = [
        f"digraph {quote(plan.name)} {{",
        f'  graph [rankdir=TB, nodesep=0.35, ranksep=0.5, fontname="sans-serif"{compound}]',
        '  node [fontname="sans-serif", fontsize=11]',
        '  edge [fontname="sans-serif", fontsize=9, color="#64748b"]',
        *_graph(shown, edges(plan), "", "  "),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _graph(shown: Sequence[Vertex], reads: Sequence[Edge], prefix: str, indent: str) -> Iterator[str]:
    groups = {vertex.id for vertex in shown if vertex.parts}
    for vertex in shown:
        if vertex.parts:
            yield from _cluster(vertex, prefix, indent)
        else:
            yield _node(vertex, prefix, indent)
    for edge in reads:
        yield _edge(edge, prefix, indent, groups)


def _cluster(vertex: Vertex, prefix: str, indent: str) -> Iterator[str]:
    id_ = prefix + vertex.id
    yield f"{indent}subgraph {quote('cluster ' + id_)} {{"
    yield f'{indent}  graph [style="rounded,filled", color="#0e7490", fillcolor="#ecfeff"]'
    yield _node(vertex, prefix, indent + "  ")
    for number, part in enumerate(vertex.parts):
        inner = f"{id_}/{number}/"
        yield f"{indent}  subgraph {quote(f'cluster {id_}/{number}')} {{"
        yield f"{indent}    graph [label={quote(part.label)}, {_FRAME}]"
        yield from _graph(part.vertices, part.edges, inner, indent + "    ")
        if part.loop is not None:
            first, then = (quote(inner + name) for name in part.loop)
            yield f"{indent}    {first} -> {then} [style=dashed, constraint=false]"
        yield f"{indent}  }}"
    yield f"{indent}}}"


def _node(vertex: Vertex, prefix: str, indent: str) -> str:
    first = vertex.kind if vertex.family == "answer" else f"{vertex.kind} {vertex.id}"
    calls = " · ".join(part for part in (vertex.model, vertex.fan, vertex.note) if part)
    label = "\\n".join(_escape(line) for line in (first, vertex.shape, calls) if line)
    cards = ", peripheries=2" if vertex.fan else ""
    return f'{indent}{quote(prefix + vertex.id)} [label="{label}", {_LOOKS[vertex.family]}{cards}]'


def _edge(edge: Edge, prefix: str, indent: str, groups: set[str]) -> str:
    marks = [] if edge.how[0] in ("hole", "return", "value") else [f"label={quote(edge.how[0])}"]
    if edge.source in groups:
        marks.append(f"ltail={quote('cluster ' + prefix + edge.source)}")
    if edge.target in groups:
        marks.append(f"lhead={quote('cluster ' + prefix + edge.target)}")
    ends = f"{indent}{quote(prefix + edge.source)} -> {quote(prefix + edge.target)}"
    return ends + (f" [{', '.join(marks)}]" if marks else "")


def quote(text: str) -> str:
    """Return a quoted dot string.

    >>> print(quote('say "hi"'))
    "say \\"hi\\""
    """
    return f'"{_escape(text)}"'


def _escape(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace('"', '\\"')
