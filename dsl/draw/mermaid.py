"""A plan's graph as a mermaid flowchart."""

from collections.abc import Iterator, Sequence

from msrun.dsl.draw.width import clean
from msrun.dsl.graph import NOTHING, Costs, Edge, Family, Vertex, edges, vertices
from msrun.dsl.plan import Plan

_BRACKETS: dict[Family, tuple[str, str]] = {
    "input": ("([", "])"),
    "split": ("{{", "}}"),
    "model": ("(", ")"),
    "tool": ("[[", "]]"),
    "value": ("[", "]"),
    "stage": ("[(", ")]"),
    "group": ("[[", "]]"),
    "answer": ("(((", ")))"),
}

_STYLES: dict[Family, str] = {
    "input": "fill:#f1f5f9,stroke:#64748b,color:#0f172a",
    "split": "fill:#f5f3ff,stroke:#7c3aed,color:#0f172a",
    "model": "fill:#eff6ff,stroke:#2563eb,color:#0f172a",
    "tool": "fill:#fffbeb,stroke:#b45309,color:#0f172a",
    "value": "fill:#f0fdfa,stroke:#0f766e,color:#0f172a",
    "stage": "fill:#fff1f2,stroke:#be123c,color:#0f172a",
    "group": "fill:#ecfeff,stroke:#0e7490,color:#0f172a",
    "answer": "fill:#f0fdf4,stroke:#15803d,color:#0f172a",
}

# A # begins an entity, so it goes first; a backtick would begin Markdown.
_ENTITIES = (("#", "#35;"), ("&", "#amp;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("`", "#96;"))


def mermaid(plan: Plan, *, opened: bool = False, costs: Costs = NOTHING) -> str:
    """Return the flowchart, top down; every name of the plan is escaped, ids are numbers of our own.

    A node with graphs inside is a subgraph, and so is each of them that has a label.
    """
    shown = vertices(plan, opened=opened, costs=costs)
    families = {vertex.family for vertex in _all(shown)}
    lines = [
        "flowchart TD",
        *_graph(shown, edges(plan), "n", "  "),
        *(f"  classDef {family} {style}" for family, style in _STYLES.items() if family in families),
    ]
    return "\n".join(lines) + "\n"


def _all(shown: Sequence[Vertex]) -> Iterator[Vertex]:
    for vertex in shown:
        yield vertex
        for part in vertex.parts:
            yield from _all(part.vertices)


def _graph(shown: Sequence[Vertex], reads: Sequence[Edge], prefix: str, indent: str) -> Iterator[str]:
    """Write a graph; ids inside the vertex `n3` are `n3_0_1`: part 0, vertex 1."""
    ids = {vertex.id: f"{prefix}{number}" for number, vertex in enumerate(shown)}
    for vertex in shown:
        if vertex.parts:
            yield from _group(ids[vertex.id], vertex, indent)
        else:
            yield _node(ids[vertex.id], vertex, indent)
    for edge in reads:
        yield _edge(ids, edge, indent)


def _group(id_: str, vertex: Vertex, indent: str) -> Iterator[str]:
    title = " · ".join(escape(line) for line in _lines(vertex))
    yield f'{indent}subgraph {id_}["{title}"]'
    for number, part in enumerate(vertex.parts):
        prefix, inner = f"{id_}_{number}_", indent + "  "
        if part.label:
            yield f'{inner}subgraph {id_}_{number}["{escape(part.label)}"]'
            inner += "  "
        yield from _graph(part.vertices, part.edges, prefix, inner)
        if part.loop is not None:
            first, then = (_place(part.vertices, name) for name in part.loop)
            yield f"{inner}{prefix}{first} -.-> {prefix}{then}"
        if part.label:
            yield f"{indent}  end"
    yield f"{indent}end"
    yield f"{indent}class {id_} {vertex.family}"


def _place(shown: Sequence[Vertex], name: str) -> int:
    return next(number for number, vertex in enumerate(shown) if vertex.id == name)


def _node(id_: str, vertex: Vertex, indent: str) -> str:
    before, after = _BRACKETS[vertex.family]
    label = "<br/>".join(escape(line) for line in _lines(vertex))
    return f'{indent}{id_}{before}"{label}"{after}:::{vertex.family}'


def _lines(vertex: Vertex) -> Iterator[str]:
    yield vertex.kind if vertex.family == "answer" else f"{vertex.kind} {vertex.id}"
    yield vertex.shape
    calls = " · ".join(part for part in (vertex.model, vertex.fan, vertex.note) if part)
    if calls:
        yield calls


def _edge(ids: dict[str, str], edge: Edge, indent: str) -> str:
    arrow = "-->" if edge.how[0] in ("hole", "return", "value") else f'-->|"{edge.how[0]}"|'
    return f"{indent}{ids[edge.source]} {arrow} {ids[edge.target]}"


def escape(text: str) -> str:
    """Return a text that mermaid shows as it is.

    >>> escape('list<"a#b">')
    'list#lt;#quot;a#35;b#quot;#gt;'
    """
    text = clean(text)
    for char, entity in _ENTITIES:
        text = text.replace(char, entity)
    return text
