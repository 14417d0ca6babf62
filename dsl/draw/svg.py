"""A plan's graph as one SVG file: no scripts, nothing remote, readable by day and by night."""

from collections.abc import Mapping, Sequence

from msrun.dsl.draw.card import NAME_PX, SMALL_PX, STACK_PX, Card, card, drawn, safe
from msrun.dsl.draw.layout import Laid, lay_out
from msrun.dsl.graph import Edge, Family, edges, vertices
from msrun.dsl.plan import Plan
from msrun.dsl.shapes import spell

_MARGIN_PX = 24.0
_PORT_PX = 16.0  # the most between two edges that leave the same box

# family: (line and word, fill) by day, then by night
_COLOURS: Mapping[Family, tuple[str, str, str, str]] = {
    "input": ("#475569", "#f8fafc", "#94a3b8", "#1e293b"),
    "split": ("#6d28d9", "#f5f3ff", "#a78bfa", "#2a1f4d"),
    "model": ("#1d4ed8", "#eff6ff", "#7aa5ff", "#172a4f"),
    "tool": ("#a04a00", "#fff7ed", "#f0a860", "#3b2612"),
    "value": ("#0f766e", "#f0fdfa", "#5eead4", "#11322f"),
    "stage": ("#be123c", "#fff1f2", "#fb8ba0", "#401824"),
    "group": ("#0e7490", "#ecfeff", "#67d5ea", "#123a44"),
    "answer": ("#15803d", "#f0fdf4", "#6ee79a", "#12331f"),
}
_FACES = "font-family:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace"


def svg(plan: Plan) -> str:
    """Return the drawing, from the inputs at the top to the answer at the bottom.

    Kinds and clauses are written small above a name, its type and its model below; a fan-out is a stack of cards.
    """
    shown, reads = vertices(plan), edges(plan)
    cards = [card(vertex) for vertex in shown]
    place = {vertex.id: number for number, vertex in enumerate(shown)}
    links = [(place[edge.source], place[edge.target]) for edge in reads]
    laid = lay_out([_size(made) for made in cards], links)
    width, height = laid.width + 2 * _MARGIN_PX, max(laid.bottoms, default=0.0) + 2 * _MARGIN_PX
    head = f"{plan.name}({', '.join(given.name for given in plan.inputs)}) -> {spell(plan.result)}"
    boxes = (drawn(made, *centre) for made, centre in zip(cards, laid.centres, strict=True))
    size = f'width="{width:.0f}" height="{height:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" {size} role="img">',
        f"<title>{safe(head)}</title>",
        f"<style>{_style()}</style>",
        _ARROW,
        f'<rect class="page" {size} rx="12"/>',
        f'<g transform="translate({_MARGIN_PX:g} {_MARGIN_PX:g})">',
        *_lines(cards, laid, reads, links),
        *boxes,
        "</g>",
        "</svg>\n",
    ]
    return "\n".join(lines)


_ARROW = (
    '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="tip" d="M0 0.6L8 4L0 7.4L2 4Z"/></marker></defs>'
)


def _style() -> str:
    day = {"page": "#ffffff", "ink": "#0f172a", "soft": "#475569", "edge": "#94a3b8"}
    night = {"page": "#0d1117", "ink": "#e6edf3", "soft": "#9aa7b5", "edge": "#5b6775"}
    return (
        f"text{{{_FACES};font-size:{SMALL_PX}px}}.name{{font-size:{NAME_PX}px;font-weight:600}}"
        ".edge{fill:none;stroke-width:1.4}.box,.back{stroke-width:1.3}.ring{fill:none;stroke-width:1}"
        ".how{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}"
        f"{_theme(day, 0)}@media(prefers-color-scheme:dark){{{_theme(night, 2)}}}"
    )


def _theme(tones: Mapping[str, str], first: int) -> str:
    """Return the rules of one colour scheme; `first` is where its colours stand in a row of the table."""
    rules = [
        f".page{{fill:{tones['page']}}}.name{{fill:{tones['ink']}}}.shape{{fill:{tones['soft']}}}",
        f".edge{{stroke:{tones['edge']}}}.tip{{fill:{tones['edge']}}}",
        f".how{{fill:{tones['soft']};stroke:{tones['page']}}}.model{{fill:{tones['page']}}}",
    ]
    for family, colours in _COLOURS.items():
        line, fill = colours[first], colours[first + 1]
        rules.append(
            f".{family} .box,.{family} .back{{stroke:{line};fill:{fill}}}.{family} .ring{{stroke:{line}}}"
            f".{family} .caption,.{family} .chip{{fill:{line}}}"
        )
    return "".join(rules)


def _size(made: Card) -> tuple[float, float]:
    """Return a card's size with the stack behind it on both sides, so that its centre stays its centre."""
    extra = 4 * STACK_PX if made.vertex.fan else 0.0
    return made.width + extra, made.height + extra


def _lines(cards: Sequence[Card], laid: Laid, reads: Sequence[Edge], links: Sequence[tuple[int, int]]) -> list[str]:
    leaving, arriving = _ports(cards, laid, links)
    paths: list[str] = []
    labels: list[str] = []
    for at, (edge, (source, target)) in enumerate(zip(reads, links, strict=True)):
        start = leaving[at], _bottom(cards[source], laid.centres[source][1])
        end = arriving[at], laid.centres[target][1] - cards[target].height / 2
        paths.append(
            f'<path class="edge" marker-end="url(#to)" d="{_curve(start, end, laid, laid.bends[at], source)}"/>'
        )
        if edge.how[0] in ("for", "given", "when"):
            beside = end[0] + (5 if end[0] >= laid.centres[target][0] else -5)
            anchor = "start" if beside > end[0] else "end"
            place = f'x="{beside:.1f}" y="{end[1] - 13:.1f}" text-anchor="{anchor}"'
            labels.append(f'<text class="how" {place}>{edge.how[0]}</text>')
    return paths + labels


def _bottom(made: Card, y: float) -> float:
    return y + made.height / 2 + (2 * STACK_PX if made.vertex.fan else 0.0)


def _ports(
    cards: Sequence[Card], laid: Laid, links: Sequence[tuple[int, int]]
) -> tuple[dict[int, float], dict[int, float]]:
    """Return x where every edge leaves its source and where it arrives, spread in the order of the other ends."""
    leaving, arriving = dict[int, float](), dict[int, float]()
    for side, other, found in ((0, 0, leaving), (1, -1, arriving)):
        edges_of: dict[int, list[tuple[float, int]]] = {}
        for at, link in enumerate(links):
            far = laid.bends[at][other][0] if laid.bends[at] else laid.centres[link[1 - side]][0]
            edges_of.setdefault(link[side], []).append((far, at))
        for box, found_edges in edges_of.items():
            step = min(_PORT_PX, (cards[box].width - 36) / max(1, len(found_edges) - 1))
            first = laid.centres[box][0] - step * (len(found_edges) - 1) / 2
            for number, (_, at) in enumerate(sorted(found_edges)):
                found[at] = first + step * number
    for at, bends in enumerate(laid.bends):
        if not bends and abs(leaving[at] - arriving[at]) < _PORT_PX / 2:
            arriving[at] = leaving[at]  # nearly upright looks wrong
    return leaving, arriving


def _curve(
    start: tuple[float, float], end: tuple[float, float], laid: Laid, bends: Sequence[tuple[float, int]], source: int
) -> str:
    """Return the path: bends lie between the layers, upright through every layer that the edge passes."""
    x, y = start
    path = f"M{x:.1f} {y:.1f}"
    below = laid.bottoms[laid.layer_of[source]]
    if bends and below > y:
        path += f"V{below:.1f}"
        y = below
    for bend, layer in bends:
        path += _bent(x, y, bend, laid.tops[layer]) + f"V{laid.bottoms[layer]:.1f}"
        x, y = bend, laid.bottoms[layer]
    return path + _bent(x, y, *end)


def _bent(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(x - to_x) < 0.5:
        return f"L{to_x:.1f} {to_y:.1f}"
    middle = (y + to_y) / 2
    return f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
