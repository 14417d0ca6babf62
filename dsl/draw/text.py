"""A plan's graph for a terminal: a row for each value, a rail for as long as somebody still reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from msrun.dsl.draw.width import clean, columns, shorten
from msrun.dsl.graph import NOTHING, Costs, Edge, Family, Vertex, edges, vertices
from msrun.dsl.plan import Plan
from msrun.dsl.shapes import spell

MARKS: dict[Family, str] = {
    "input": "○",
    "split": "◆",
    "model": "●",
    "tool": "■",
    "value": "□",
    "stage": "▲",
    "group": "▣",
    "answer": "◎",
}
_NAME_COLUMNS = 32
_SHAPE_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class _Row:
    """What the rails look like in one row: the columns that others take, those read from and which of them end.

    `after` are the columns that go on below it.
    """

    at: int
    passing: frozenset[int]
    joined: frozenset[int]
    ending: frozenset[int]
    after: frozenset[int]


def text(plan: Plan, *, opened: bool = False, costs: Costs = NOTHING) -> str:
    """Return the drawing; where two rails cross, the upright one is drawn through.

    A mark stands under the value it reads, or is tied to it: `├` and `┼` where the value is read again later,
    `╰` and `┴` where this is the last time. The graphs inside a node stand below it, right of a dotted line.
    """
    lines = _graph(vertices(plan, opened=opened, costs=costs), edges(plan))
    head = f"{clean(plan.name)}({', '.join(clean(i.name) for i in plan.inputs)}) -> {clean(spell(plan.result))}"
    return "\n".join([head, "", *_lined_up(lines)]) + "\n"


def _graph(shown: Sequence[Vertex], reads: Sequence[Edge]) -> list[tuple[str, ...]]:
    """Return a row for every vertex, and for those inside it: its rails, then what stands beside them."""
    order = _ordered(shown, reads)
    lines: list[tuple[str, ...]] = []
    for row, vertex in zip(_rows(order, reads), order, strict=True):
        lines.append((_rails(row, MARKS[vertex.family]), *_cells(vertex)))
        margin = "".join("│ " if at in row.after else "  " for at in range(max((row.at, *row.after)) + 1)) + "┊ "
        for part in vertex.parts:
            if part.label:
                lines.append((margin + shorten(clean(part.label), _SHAPE_COLUMNS), "", "", "", ""))
            back = f"→ {clean(part.loop[1])}" if part.loop else ""
            for rail, *cells in _graph(part.vertices, part.edges):
                again = part.loop is not None and part.loop[0] in (cells[1], cells[0] if not cells[1] else "")
                rest = " · ".join(each for each in (cells[3], back) if each) if again else cells[3]
                lines.append((margin + rail, *cells[:3], rest))
    return lines


def _cells(vertex: Vertex) -> tuple[str, str, str, str]:
    rest = " · ".join(part for part in (vertex.model, vertex.fan, vertex.note) if part)
    name = "" if vertex.family == "answer" else shorten(clean(vertex.id), _NAME_COLUMNS)
    return vertex.kind, name, shorten(clean(vertex.shape), _SHAPE_COLUMNS), clean(rest)


def _lined_up(rows: Sequence[tuple[str, ...]]) -> list[str]:
    named = [row for row in rows if any(row[1:])]  # a label of a part stands alone, and may be long
    widths = [max(columns(row[place]) for row in named) for place in range(len(named[0]))]
    return [
        "  ".join(cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _ordered(drawn: Sequence[Vertex], reads: Sequence[Edge]) -> list[Vertex]:
    """Return the vertices, each after what it reads, as near to the order of the text as that allows."""
    place = {vertex.id: number for number, vertex in enumerate(drawn)}
    waiting = [0] * len(drawn)
    readers: list[list[int]] = [[] for _ in drawn]
    for edge in reads:
        waiting[place[edge.target]] += 1
        readers[place[edge.source]].append(place[edge.target])
    ready = [number for number, count in enumerate(waiting) if count == 0]
    order: list[Vertex] = []
    while ready:
        number = heappop(ready)
        order.append(drawn[number])
        for reader in readers[number]:
            waiting[reader] -= 1
            if waiting[reader] == 0:
                heappush(ready, reader)
    return order


def _rows(order: Sequence[Vertex], reads: Sequence[Edge]) -> list[_Row]:
    row_of = {vertex.id: number for number, vertex in enumerate(order)}
    last = {vertex.id: 0 for vertex in order}
    sources: dict[str, list[str]] = {vertex.id: [] for vertex in order}
    for edge in reads:
        last[edge.source] = max(last[edge.source], row_of[edge.target])
        sources[edge.target].append(edge.source)
    rails: dict[str, int] = {}
    rows: list[_Row] = []
    stale = frozenset[int]()  # columns that ended in the row above: a mark there would look tied to it
    for number, vertex in enumerate(order):
        joined = {rails[name] for name in sources[vertex.id]}
        ending = {rails[name] for name in sources[vertex.id] if last[name] == number}
        at = max(ending) if ending else _free(set(rails.values()) | stale, joined)
        passing = frozenset(rails.values()) - joined
        rails = {name: column for name, column in rails.items() if column not in ending}
        stale = frozenset(ending)
        if last[vertex.id] > number:
            rails[vertex.id] = at
        else:
            stale |= {at}
        rows.append(_Row(at, passing, frozenset(joined), frozenset(ending), frozenset(rails.values())))
    return rows


def _free(taken: set[int], joined: set[int]) -> int:
    column = max(joined, default=-1) + 1
    while column in taken:
        column += 1
    return column


def _rails(row: _Row, mark: str) -> str:
    tied = row.joined - {row.at}
    left, right = min(tied | {row.at}), max(tied | {row.at})
    drawn: list[str] = []
    for column in range(max((right, *row.passing)) + 1):
        inside = left <= column < right
        drawn.append(mark if column == row.at else _crossing(row, column, left, right))
        drawn.append("─" if inside else " ")
    return "".join(drawn).rstrip()


def _crossing(row: _Row, column: int, left: int, right: int) -> str:
    if column in row.passing:
        return "│"
    if column not in row.joined:
        return "─" if left < column < right else " "
    ends = column in row.ending
    if column == left:
        return "╰" if ends else "├"
    if column == right:
        return "╯" if ends else "┤"
    return "┴" if ends else "┼"
