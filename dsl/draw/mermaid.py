"""A plan's graph as a mermaid flowchart."""

from collections.abc import Iterator

from msrun.dsl.draw.width import clean
from msrun.dsl.graph import Edge, Family, Vertex, edges, vertices
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


def mermaid(plan: Plan) -> str:
    """Return the flowchart, top down; every name of the plan is escaped, ids are numbers of our own."""
    drawn = vertices(plan)
    ids = {vertex.id: f"n{number}" for number, vertex in enumerate(drawn)}
    families = {vertex.family for vertex in drawn}
    lines = [
        "flowchart TD",
        *(_node(ids[vertex.id], vertex) for vertex in drawn),
        *(_edge(ids, edge) for edge in edges(plan)),
        *(f"  classDef {family} {style}" for family, style in _STYLES.items() if family in families),
    ]
    return "\n".join(lines) + "\n"


def _node(id_: str, vertex: Vertex) -> str:
    before, after = _BRACKETS[vertex.family]
    label = "<br/>".join(escape(line) for line in _lines(vertex))
    return f'  {id_}{before}"{label}"{after}:::{vertex.family}'


def _lines(vertex: Vertex) -> Iterator[str]:
    yield vertex.kind if vertex.family == "answer" else f"{vertex.kind} {vertex.id}"
    yield vertex.shape
    calls = " · ".join(part for part in (vertex.model, vertex.fan, vertex.note) if part)
    if calls:
        yield calls


def _edge(ids: dict[str, str], edge: Edge) -> str:
    arrow = "-->" if edge.how[0] in ("hole", "return", "value") else f'-->|"{edge.how[0]}"|'
    return f"  {ids[edge.source]} {arrow} {ids[edge.target]}"


def escape(text: str) -> str:
    """Return a text that mermaid shows as it is.

    >>> escape('list<"a#b">')
    'list#lt;#quot;a#35;b#quot;#gt;'
    """
    text = clean(text)
    for char, entity in _ENTITIES:
        text = text.replace(char, entity)
    return text
