"""A line chart as SVG: a few series over whole-number x, y from 0 to 100 percent."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 44, 48
DASHES = ("", "6 4", "2 3")
COLOURS = ("#1f6feb", "#b35900", "#57606a")


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, and y in percent for every x of the chart."""

    name: str
    percent: Sequence[float]


def chart(title: str, x_label: str, xs: Sequence[int], lines: Sequence[Series]) -> str:
    """Return the SVG document; lines differ by dash and marker as well as by colour."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{escape(title)}">'
        ),
        (
            "<style>.ink{fill:#1f2328}.grid{stroke:#d0d7de}.bg{fill:#ffffff}"
            "@media (prefers-color-scheme: dark){.ink{fill:#e6edf3}.grid{stroke:#30363d}.bg{fill:#0d1117}}</style>"
        ),
        f'<rect class="bg" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        f'<text class="ink" x="{LEFT}" y="26" font-size="15" font-weight="600">{escape(title)}</text>',
        *_axes(x_label, xs),
    ]
    for number, line in enumerate(lines):
        parts += _line(number, line, xs)
    return "\n".join([*parts, "</svg>", ""])


def _x(index: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * index / max(count - 1, 1)


def _y(percent: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - percent / 100)


def _axes(x_label: str, xs: Sequence[int]) -> list[str]:
    parts: list[str] = []
    for percent in (0, 25, 50, 75, 100):
        y = _y(percent)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="ink" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent}%</text>')
    for index, x in enumerate(xs):
        at = _x(index, len(xs))
        parts.append(f'<text class="ink" x="{at:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="ink" x="{middle:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x_label)}</text>')
    return parts


def _line(number: int, line: Series, xs: Sequence[int]) -> list[str]:
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    points = [(_x(index, len(xs)), _y(value)) for index, value in enumerate(line.percent)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts = [f'<polyline fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}" points="{path}"/>']
    for x, y in points:
        if number % 2:
            parts.append(f'<rect fill="{colour}" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>')
        else:
            parts.append(f'<circle fill="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
    x, y = points[-1]
    parts.append(f'<text class="ink" x="{x + 12:.1f}" y="{y + 4:.1f}">{escape(line.name)}</text>')
    return parts
