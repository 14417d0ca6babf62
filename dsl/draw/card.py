"""The box of a vertex: what stands in it, how large it is, and its SVG. Colour, outline and word say the family."""

from dataclasses import dataclass
from html import escape

from msrun.dsl.draw.width import clean, columns, shorten
from msrun.dsl.graph import Family, Vertex

NAME_PX, SMALL_PX = 14, 11
_NAME_COLUMN_PX, _SMALL_COLUMN_PX = 8.45, 6.65  # of a monospaced face: 0.603 em
_PAD_PX, _HEIGHT_PX, _END_HEIGHT_PX = 14.0, 66.0, 46.0
STACK_PX = 5.0
"""How far the cards of a fan-out stand out behind each other."""
_NAME_COLUMNS, _SHAPE_COLUMNS, _CHIP_COLUMNS, _CAPTION_COLUMNS = 36, 34, 24, 40
_ENDS: tuple[Family, ...] = ("input", "answer")


@dataclass(frozen=True, slots=True)
class Card:
    """A vertex with its texts cut to size; width and height in px, the stack behind it not counted."""

    vertex: Vertex
    caption: str
    name: str
    shape: str
    chip: str
    width: float
    height: float


def card(vertex: Vertex) -> Card:
    """Return the card of a vertex."""
    end = vertex.family in _ENDS
    words = [vertex.kind, vertex.fan, vertex.note]
    caption = shorten(clean(" · ".join(word for word in words if word)), _CAPTION_COLUMNS)
    name = shorten(clean(vertex.id), _NAME_COLUMNS) if vertex.family != "answer" else clean(vertex.kind)
    shape = shorten(clean(vertex.shape), _SHAPE_COLUMNS)
    chip = shorten(clean(vertex.model), _CHIP_COLUMNS)
    if end:
        inner = max(_small(f"{caption}  {shape}"), _name(name))
        return Card(vertex, caption, name, shape, "", inner + 2 * _PAD_PX + 12, _END_HEIGHT_PX)
    last = _small(shape) + (_small(chip) + 26 if chip else 0)
    inner = max(_small(caption), _name(name), last)
    return Card(vertex, caption, name, shape, chip, max(96.0, inner + 2 * _PAD_PX), _HEIGHT_PX)


def _name(text: str) -> float:
    return columns(text) * _NAME_COLUMN_PX


def _small(text: str) -> float:
    return columns(text) * _SMALL_COLUMN_PX


def drawn(made: Card, x: float, y: float) -> str:
    """Return the card's SVG with its centre at (x, y), its whole text in a `title` for those who point at it."""
    left, top = x - made.width / 2, y - made.height / 2
    back = (2, 1) if made.vertex.fan else ()
    boxes = "".join(_outline(made, left + step * STACK_PX, top + step * STACK_PX, "back") for step in back)
    inside = _end_text(made, x, top) if made.vertex.family in _ENDS else _text(made, left, top)
    body = boxes + _outline(made, left, top, "box") + inside
    return f'<g class="{made.vertex.family}"><title>{safe(_whole(made.vertex))}</title>{body}</g>'


def _whole(vertex: Vertex) -> str:
    parts = (f"{vertex.kind} {vertex.id}: {vertex.shape}", vertex.model, vertex.fan, vertex.note)
    return ", ".join(part for part in parts if part)


def _outline(made: Card, left: float, top: float, role: str) -> str:
    width, height = made.width, made.height
    match made.vertex.family:
        case "tool" | "split":
            cut = 9.0 if made.vertex.family == "tool" else 14.0
            sides = _hexagon(left, top, width, height, cut) if cut > 9 else _clipped(left, top, width, height, cut)
            return f'<path class="{role}" d="{sides}"/>'
        case "input" | "answer":
            radius = height / 2
        case "model" | "stage" | "group":
            radius = 10.0
        case "value":
            radius = 0.0
    shape = _rect(left, top, width, height, radius, role)
    if made.vertex.family == "answer" and role == "box":
        shape += _rect(left + 3, top + 3, width - 6, height - 6, radius - 3, "ring")
    return shape


def _rect(left: float, top: float, width: float, height: float, radius: float, role: str) -> str:
    place = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{role}" {place} rx="{radius:g}"/>'


def _hexagon(left: float, top: float, width: float, height: float, cut: float) -> str:
    right, middle = left + width, top + height / 2
    points = ((left, top), (right, top), (right + cut / 2, middle), (right, top + height), (left, top + height))
    return _closed((*points, (left - cut / 2, middle)))


def _clipped(left: float, top: float, width: float, height: float, cut: float) -> str:
    right, bottom = left + width, top + height
    return _closed(
        (
            *((left + cut, top), (right - cut, top), (right, top + cut), (right, bottom - cut)),
            *((right - cut, bottom), (left + cut, bottom), (left, bottom - cut), (left, top + cut)),
        )
    )


def _closed(points: tuple[tuple[float, float], ...]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _text(made: Card, left: float, top: float) -> str:
    lines = _line("caption", left + _PAD_PX, top + 19, made.caption)
    lines += _line("name", left + _PAD_PX, top + 38, made.name) + _line("shape", left + _PAD_PX, top + 56, made.shape)
    if not made.chip:
        return lines
    wide = _small(made.chip) + 14
    x = left + made.width - wide - 8
    chip = f'<rect class="chip" x="{x:.1f}" y="{top + 44:.1f}" width="{wide:.1f}" height="16" rx="8"/>'
    return lines + chip + _line("model", x + 7, top + 56, made.chip)


def _end_text(made: Card, x: float, top: float) -> str:
    """An input's or the answer's text: the name above, kind and type below, in the middle."""
    word = f'<tspan class="caption">{safe(made.caption)}</tspan> ' if made.vertex.family == "input" else ""
    below = word + safe(made.shape)
    name = f'<text class="name" x="{x:.1f}" y="{top + 20:.1f}" text-anchor="middle">{safe(made.name)}</text>'
    return name + f'<text class="shape" x="{x:.1f}" y="{top + 36:.1f}" text-anchor="middle">{below}</text>'


def _line(role: str, x: float, y: float, text: str) -> str:
    return f'<text class="{role}" x="{x:.1f}" y="{y:.1f}">{safe(text)}</text>'


def safe(text: str) -> str:
    """Return a text as XML content: in one line, escaped, without characters that XML forbids."""
    return escape(clean(text), quote=True)
