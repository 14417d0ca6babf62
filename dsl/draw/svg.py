"""A plan's graph as one SVG file: no scripts, nothing remote, readable by day and by night."""

from collections.abc import Mapping

from msrun.dsl.draw.card import NAME_PX, SMALL_PX, safe
from msrun.dsl.draw.scene import drawing, scene
from msrun.dsl.graph import NOTHING, Costs, Family, edges, vertices
from msrun.dsl.plan import Plan
from msrun.dsl.shapes import spell

_MARGIN_PX = 24.0

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


def svg(plan: Plan, *, opened: bool = False, costs: Costs = NOTHING) -> str:
    """Return the drawing, from the inputs at the top to the answer at the bottom.

    Kinds and clauses are written small above a name, its type and its model below; a fan-out is a stack of cards, and
    the graphs inside a node stand in frames below its name. `opened`: those of plans that are run too.
    """
    made = scene(vertices(plan, opened=opened, costs=costs), edges(plan))
    width, height = made.width + 2 * _MARGIN_PX, made.height + 2 * _MARGIN_PX
    head = f"{plan.name}({', '.join(given.name for given in plan.inputs)}) -> {spell(plan.result)}"
    size = f'width="{width:.0f}" height="{height:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" {size} role="img">',
        f"<title>{safe(head)}</title>",
        f"<style>{_style()}</style>",
        _ARROW,
        f'<rect class="page" {size} rx="12"/>',
        f'<g transform="translate({_MARGIN_PX:g} {_MARGIN_PX:g})">',
        *drawing(made),
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
        ".edge{fill:none;stroke-width:1.4}.loop{stroke-dasharray:5 4}.part{font-weight:600}"
        ".box,.back{stroke-width:1.3}.ring{fill:none;stroke-width:1}"
        ".how{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}"
        f"{_theme(day, 0)}@media(prefers-color-scheme:dark){{{_theme(night, 2)}}}"
    )


def _theme(tones: Mapping[str, str], first: int) -> str:
    """Return the rules of one colour scheme; `first` is where its colours stand in a row of the table."""
    rules = [
        f".page,.inset{{fill:{tones['page']}}}.part{{fill:{tones['soft']}}}.name{{fill:{tones['ink']}}}.shape{{fill:{tones['soft']}}}",
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
