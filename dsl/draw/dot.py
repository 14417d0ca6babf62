"""A plan's graph in the dot language of Graphviz."""

from msrun.dsl.draw.width import clean
from msrun.dsl.graph import Edge, Family, Vertex, edges, vertices
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


def dot(plan: Plan) -> str:
    """Return the digraph, top down; every name of the plan is a quoted and escaped text."""
    lines = [
        f"digraph {quote(plan.name)} {{",
        '  graph [rankdir=TB, nodesep=0.35, ranksep=0.5, fontname="sans-serif"]',
        '  node [fontname="sans-serif", fontsize=11]',
        '  edge [fontname="sans-serif", fontsize=9, color="#64748b"]',
        *(_node(vertex) for vertex in vertices(plan)),
        *(_edge(edge) for edge in edges(plan)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _node(vertex: Vertex) -> str:
    first = vertex.kind if vertex.family == "answer" else f"{vertex.kind} {vertex.id}"
    calls = " · ".join(part for part in (vertex.model, vertex.fan, vertex.note) if part)
    label = "\\n".join(_escape(line) for line in (first, vertex.shape, calls) if line)
    cards = ", peripheries=2" if vertex.fan else ""
    return f'  {quote(vertex.id)} [label="{label}", {_LOOKS[vertex.family]}{cards}]'


def _edge(edge: Edge) -> str:
    label = "" if edge.how[0] in ("hole", "return", "value") else f" [label={quote(edge.how[0])}]"
    return f"  {quote(edge.source)} -> {quote(edge.target)}{label}"


def quote(text: str) -> str:
    """Return a quoted dot string.

    >>> print(quote('say "hi"'))
    "say \\"hi\\""
    """
    return f'"{_escape(text)}"'


def _escape(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace('"', '\\"')
