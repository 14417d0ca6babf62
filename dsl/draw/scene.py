"""One graph laid out and drawn as SVG: cards, the curves between them, and the graphs inside cards, scenes too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from msrun.dsl.draw.card import STACK_PX, Card, card, drawn, safe
from msrun.dsl.draw.layout import Laid, lay_out
from msrun.dsl.draw.width import clean, columns, shorten
from msrun.dsl.graph import Edge, Part, Vertex

_PORT_PX = 16.0  # the most between two edges that leave the same box
_HEAD_PX, _PAD_PX, _LABEL_PX, _GAP_PX, _LOOP_PX = 66.0, 14.0, 20.0, 12.0, 26.0
_TALLER_PX = 20.0  # by how much a box stands back from the edge of its layer before edges heed it
_ROW_PX = 980.0
"""Parts stand beside each other up to this width, then below."""
_LABEL_COLUMNS = 48


@dataclass(frozen=True, slots=True)
class Scene:
    """A graph with its places; width and height in px. `insets` are the graphs inside a card, by its number."""

    cards: tuple[Card, ...]
    laid: Laid
    reads: tuple[Edge, ...]
    links: tuple[tuple[int, int], ...]
    insets: "dict[int, tuple[Inset, ...]]"
    loop: tuple[int, int] | None

    @property
    def width(self) -> float:
        """The width, with the way back of a loop."""
        return self.laid.width + (_LOOP_PX if self.loop else 0.0)

    @property
    def height(self) -> float:
        """The height."""
        return max(self.laid.bottoms, default=0.0)


@dataclass(frozen=True, slots=True)
class Inset:
    """A graph inside a card: where its frame stands from the card's upper left corner, and how large it is."""

    label: str
    scene: Scene
    left: float
    top: float
    width: float
    height: float


def scene(shown: Sequence[Vertex], reads: Sequence[Edge], loop: tuple[str, str] | None = None) -> Scene:
    """Lay a graph out, and the graphs inside its vertices before it."""
    made = [_framed(vertex) for vertex in shown]
    place = {vertex.id: number for number, vertex in enumerate(shown)}
    links = tuple((place[edge.source], place[edge.target]) for edge in reads)
    return Scene(
        cards=tuple(each for each, _ in made),
        laid=lay_out([_size(each) for each, _ in made], links),
        reads=tuple(reads),
        links=links,
        insets={number: insets for number, (_, insets) in enumerate(made) if insets},
        loop=None if loop is None else (place[loop[0]], place[loop[1]]),
    )


def _framed(vertex: Vertex) -> tuple[Card, tuple[Inset, ...]]:
    """Return a vertex's card, made large enough for the graphs inside it, in rows below its head."""
    made = card(vertex)
    if not vertex.parts:
        return made, ()
    insets: list[Inset] = []
    left, top, low, right = _PAD_PX, _HEAD_PX, _HEAD_PX, made.width
    for inset in map(_inset, vertex.parts):
        if left > _PAD_PX and left + inset.width > _ROW_PX:
            left, top = _PAD_PX, low + _GAP_PX
        insets.append(replace(inset, left=left, top=top))
        low, right = max(low, top + inset.height), max(right, left + inset.width + _PAD_PX)
        left += inset.width + _GAP_PX
    return replace(made, width=right, height=low + _PAD_PX), tuple(insets)


def _inset(part: Part) -> Inset:
    inner = scene(part.vertices, part.edges, part.loop)
    label = shorten(clean(part.label), _LABEL_COLUMNS)
    head = _LABEL_PX if label else 0.0
    width = max(inner.width, columns(label) * 6.65) + 2 * _PAD_PX
    return Inset(label, inner, 0.0, 0.0, width, inner.height + head + 2 * _PAD_PX)


def drawing(made: Scene) -> list[str]:
    """Return the scene's SVG, its upper left corner at (0, 0)."""
    lines = _lines(made)
    if made.loop is not None:
        lines.append(_way_back(made, *made.loop))
    for number, (each, centre) in enumerate(zip(made.cards, made.laid.centres, strict=True)):
        lines.append(drawn(each, *centre))
        left, top = centre[0] - each.width / 2, centre[1] - each.height / 2
        for inset in made.insets.get(number, ()):
            lines += _drawn_inset(inset, left + inset.left, top + inset.top)
    return lines


def _drawn_inset(inset: Inset, left: float, top: float) -> Iterator[str]:
    head = _LABEL_PX if inset.label else 0.0
    inner = (inset.width - inset.scene.width) / 2
    place = f'x="{left:.1f}" y="{top:.1f}" width="{inset.width:.1f}" height="{inset.height:.1f}"'
    yield f'<rect class="inset" {place} rx="8"/>'
    if inset.label:
        yield f'<text class="part" x="{left + _PAD_PX:.1f}" y="{top + 20:.1f}">{safe(inset.label)}</text>'
    yield f'<g transform="translate({left + inner:.1f} {top + head + _PAD_PX:.1f})">'
    yield from drawing(inset.scene)
    yield "</g>"


def _way_back(made: Scene, last: int, first: int) -> str:
    """The dashed line from what a round gives to where the next one starts, round the right side of all that is."""
    (x, y), (to_x, to_y) = made.laid.centres[last], made.laid.centres[first]
    start, end = x + made.cards[last].width / 2, to_x + made.cards[first].width / 2
    right = made.laid.width + _LOOP_PX - 8
    path = f"M{start:.1f} {y:.1f}H{right - 8:.1f}Q{right:.1f} {y:.1f} {right:.1f} {y - 8:.1f}"
    path += f"V{to_y + 8:.1f}Q{right:.1f} {to_y:.1f} {right - 8:.1f} {to_y:.1f}H{end:.1f}"
    return f'<path class="edge loop" marker-end="url(#to)" d="{path}"/>'


def _size(made: Card) -> tuple[float, float]:
    """Return a card's size with the stack behind it on both sides, so that its centre stays its centre."""
    extra = 4 * STACK_PX if made.vertex.fan else 0.0
    return made.width + extra, made.height + extra


def _lines(made: Scene) -> list[str]:
    cards, laid, reads, links = made.cards, made.laid, made.reads, made.links
    leaving, arriving = _ports(cards, laid, links)
    paths: list[str] = []
    labels: list[str] = []
    for at, (edge, (source, target)) in enumerate(zip(reads, links, strict=True)):
        start = leaving[at], _bottom(cards[source], laid.centres[source][1])
        end = arriving[at], laid.centres[target][1] - cards[target].height / 2
        paths.append(f'<path class="edge" marker-end="url(#to)" d="{_curve(start, end, laid, at, (source, target))}"/>')
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


def _curve(start: tuple[float, float], end: tuple[float, float], laid: Laid, at: int, link: tuple[int, int]) -> str:
    """Return the path of an edge: bends lie between the layers, upright through every layer that the edge passes.

    In a layer with much taller boxes than its own it is upright too, for it would run through them.
    """
    x, y = start
    source, target = link
    bends = laid.bends[at]
    path = f"M{x:.1f} {y:.1f}"
    below, above = laid.bottoms[laid.layer_of[source]], laid.tops[laid.layer_of[target]]
    if below > y and (bends or below - y > _TALLER_PX):
        path += f"V{below:.1f}"
        y = below
    for bend, layer in bends:
        path += _bent(x, y, bend, laid.tops[layer]) + f"V{laid.bottoms[layer]:.1f}"
        x, y = bend, laid.bottoms[layer]
    if end[1] - above > _TALLER_PX:
        return path + _bent(x, y, end[0], above) + f"V{end[1]:.1f}"
    return path + _bent(x, y, *end)


def _bent(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(x - to_x) < 0.5:
        return f"L{to_x:.1f} {to_y:.1f}"
    middle = (y + to_y) / 2
    return f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
