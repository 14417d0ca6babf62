"""The live picture of a run on a terminal: one row per node in the order of the plan, and the totals below.

Everything that comes from a model or a tool passes through `terminal.neutral`; nothing is read as rich's markup.
"""

from time import monotonic
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from msrun.runtime.views.inside import around
from msrun.runtime.views.progress import NodeProgress, Progress, State, stop_running
from msrun.runtime.views.summary import counted, duration, summary, tokens
from msrun.runtime.views.terminal import one_line

BAR_CELLS = 16
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_MARKS: dict[State, tuple[str, str, str]] = {  # mark, the same in ASCII, colour
    "waiting": ("·", ".", "dim"),
    "running": ("", "", "cyan"),
    "ok": ("✓", "+", "green"),
    "skipped": ("–", "-", "dim"),
    "failed": ("✗", "x", "red"),
    "cancelled": ("⊘", "!", "yellow"),
}


class LiveView:
    """Draws the progress whenever `paint` is called, on the terminal behind `file`; `close` leaves the last picture."""

    def __init__(self, progress: Progress, file: TextIO) -> None:
        self._progress = progress
        self._console = Console(file=file, force_terminal=True, highlight=False, markup=False, emoji=False)
        self._frames = 0
        self._seen_s = 0.0
        self._seen_at = monotonic()
        self._live = Live(
            console=self._console, auto_refresh=False, transient=False, redirect_stdout=False, redirect_stderr=False
        )

    def open(self) -> None:
        """Take the lines below the cursor."""
        self._live.start()

    def paint(self) -> None:
        """Draw the progress as it is now."""
        self._frames += 1
        rows = max(self._console.height - 3, 1)
        now = picture(self._progress, self._frames, rows, now_s=self._now_s(), ascii_only=self._ascii_only)
        self._live.update(now, refresh=True)

    def close(self) -> None:
        """Draw once more, without what only mattered while it ran, and give the cursor back."""
        stop_running(self._progress)
        rows = max(self._console.height - 2, 1)
        end = picture(self._progress, None, rows, ascii_only=self._ascii_only)
        self._live.update(end, refresh=True)
        self._live.stop()

    def _now_s(self) -> float:
        """Return the run's time, which goes on between two events."""
        if self._progress.at_s != self._seen_s:
            self._seen_s, self._seen_at = self._progress.at_s, monotonic()
        return self._seen_s + monotonic() - self._seen_at if self._progress.run else 0.0

    @property
    def _ascii_only(self) -> bool:
        return not self._console.encoding.casefold().startswith("utf")


def picture(
    progress: Progress, frame: int | None, rows: int, *, now_s: float | None = None, ascii_only: bool = False
) -> Group:
    """Return at most `rows` rows of nodes and what was left out; while it runs (`frame` given) also the totals.

    `now_s` is the run's time; that of the last event where it is not given.
    """
    now_s = progress.at_s if now_s is None else now_s
    nodes = in_order(progress)
    shown = choose(nodes, rows)
    names = {node.id: _name(node, progress) for node in shown}
    table = Table.grid(padding=(0, 2))
    for column in range(6):
        table.add_column(justify="right" if column == 5 else "left", no_wrap=True, overflow="ellipsis")
    for node in shown:
        table.add_row(*_row(node, names[node.id], now_s, frame, ascii_only=ascii_only))
    parts: list[Table | Text] = [table]
    if len(shown) < len(nodes):
        parts.append(Text(f"  and {len(nodes) - len(shown):,} more", style="dim"))
    if frame is not None:
        parts += [*_tail(shown), Text(summary(progress, now_s), style="dim")]
    return Group(*parts)


def in_order(progress: Progress) -> list[NodeProgress]:
    """Return the rows: every node of the plan in the order of its text, below it those inside it as they came."""
    inside: dict[str, list[NodeProgress]] = {}
    for row in progress.rows.values():
        inside.setdefault(next((path for path in around(row.id) if path in progress.rows), ""), []).append(row)
    found: list[NodeProgress] = []
    waiting = inside.get("", [])[::-1]
    while waiting:
        row = waiting.pop()
        found.append(row)
        waiting.extend(reversed(inside.get(row.id, [])))
    return found


def _name(node: NodeProgress, progress: Progress) -> str:
    """Return what the row is called: the rest of its path, two blanks further in for everything it stands in."""
    groups = [path for path in around(node.id) if path in progress.rows]
    return "  " * len(groups) + (node.id.removeprefix(f"{groups[0]}.") if groups else node.id)


def choose(nodes: list[NodeProgress], rows: int) -> list[NodeProgress]:
    """Return the nodes that matter most where not all have room, in the order of the plan."""
    if len(nodes) <= rows:
        return nodes
    urgency: dict[State, int] = {"running": 0, "failed": 0, "cancelled": 1, "waiting": 2, "ok": 3, "skipped": 4}
    ranked = sorted(range(len(nodes)), key=lambda at: (urgency[nodes[at].state], at))
    return [nodes[at] for at in sorted(ranked[: max(rows - 1, 1)])]


def _row(node: NodeProgress, name: str, now_s: float, frame: int | None, *, ascii_only: bool) -> tuple[Text, ...]:
    mark, plain_mark, colour = _MARKS[node.state]
    if node.state == "running":
        mark, plain_mark = _SPINNER[(frame or 0) % len(_SPINNER)], "|/-\\"[(frame or 0) % 4]
    return (
        Text(plain_mark if ascii_only else mark, style=colour),
        Text(name, style="bold" if node.state == "running" else ""),
        Text(node.kind, style="dim"),
        _work(node, ascii_only=ascii_only),
        Text(tokens(node.all_usage) if node.all_calls else "", style="dim"),
        Text("" if node.state == "waiting" else duration(node.seconds(now_s)), style="dim"),
    )


def _work(node: NodeProgress, *, ascii_only: bool) -> Text:
    """Return the bar of a fan-out, the number of items of a decomposer, or nothing."""
    if node.state == "skipped":
        return Text("skipped", style="dim")
    if node.cells is None or (node.cells == 1 and "." in node.id):
        return Text(_amount(node), style="dim")
    done = len(node.done)
    full = round(BAR_CELLS * done / node.cells) if node.cells else 0
    on, off = ("#", "-") if ascii_only else ("━", "─")
    more = "" if node.cells_known or node.state != "running" else "+"
    return Text.assemble(
        (on * full, "red" if "failed" in node.done.values() else "green"),
        (off * (BAR_CELLS - full), "dim"),
        f" {done}/{node.cells}{more}",
    )


def _amount(node: NodeProgress) -> str:
    if node.turns:
        turns = counted(node.turns, "proposal" if node.kind == "search" else "round")
        return f"{turns}, limit reached" if node.exhausted else turns
    return counted(node.items, "item") if node.items else ""


def _tail(shown: list[NodeProgress]) -> list[Text]:
    """Return the end of the newest reply that is still being written, on one line."""
    writing = [node for node in shown if node.state == "running" and node.tail]
    if not writing:
        return []
    node = max(writing, key=lambda candidate: candidate.started_s)
    return [Text(f"  {node.id} › {one_line(node.tail)[-60:]}", style="dim", no_wrap=True, overflow="ellipsis")]
