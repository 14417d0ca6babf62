"""A picture of the loss: `train_report.html`, one file without anything fetched from elsewhere, and `losses.csv`."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

_WIDTH, _HEIGHT, _POINTS = 720, 320, 400

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:46rem;color:#1c1c1c;background:#fff}}
svg{{width:100%;height:auto}}text{{font-size:12px;fill:#555}}polyline{{fill:none;stroke:#2458a6;stroke-width:1.5}}
line{{stroke:#ddd}}@media(prefers-color-scheme:dark){{body{{background:#16181c;color:#e6e6e6}}text{{fill:#aaa}}
line{{stroke:#333}}polyline{{stroke:#7aa7e8}}}}</style></head>
<body><h1>{title}</h1><p>{steps:,} steps; the loss began at {first:.4g} nats and ended at {last:.4g}
(mean of the last {window:,} steps).</p>
<svg viewBox="0 0 {width} {height}" role="img" aria-label="loss by step">{lines}<polyline points="{points}"/></svg>
</body></html>
"""


def write_report(into: Path, stage: str, losses: Sequence[float]) -> None:
    """Write the loss of every step, and its picture: means of at most 400 stretches of steps."""
    rows = "".join(f"{step},{loss!r}\n" for step, loss in enumerate(losses, start=1))
    (into / "losses.csv").write_text("step,loss\n" + rows, encoding="utf-8")
    (into / "train_report.html").write_text(page(stage, losses), encoding="utf-8")


def page(stage: str, losses: Sequence[float]) -> str:
    """Return the page; what a plan calls its stage is escaped."""
    means = _means(losses)
    low, high = min(means), max(means)
    span = (high - low) or 1.0
    across = (_WIDTH - 70) / max(1, len(means) - 1)
    places = [(50 + at * across, 20 + (high - mean) / span * (_HEIGHT - 60)) for at, mean in enumerate(means)]
    window = max(1, len(losses) // 20)
    marks = [(20 + share * (_HEIGHT - 60), high - share * span) for share in (0, 0.25, 0.5, 0.75, 1)]
    lines = "".join(
        f'<line x1="50" x2="{_WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}"/><text x="4" y="{y + 4:.1f}">{value:.3g}</text>'
        for y, value in marks
    )
    ends = f'<text x="50" y="{_HEIGHT - 12}">1</text><text x="{_WIDTH - 70}" y="{_HEIGHT - 12}">{len(losses):,}</text>'
    return _PAGE.format(
        title=escape(f"Training of {stage}"),
        steps=len(losses),
        first=losses[0],
        last=sum(losses[-window:]) / window,
        window=window,
        width=_WIDTH,
        height=_HEIGHT,
        lines=lines + ends,
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places),
    )


def _means(losses: Sequence[float]) -> list[float]:
    size = max(1, -(-len(losses) // _POINTS))
    pieces = [losses[start : start + size] for start in range(0, len(losses), size)]
    return [sum(piece) / len(piece) for piece in pieces]
