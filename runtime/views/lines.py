"""Plain lines for a pipe or a log: one when a node starts, one when it ends, in the order of the events."""

from collections.abc import Callable

from msrun.runtime.events import Event, NodeFailed, NodeFinished
from msrun.runtime.views.progress import NodeProgress, Progress
from msrun.runtime.views.summary import counted, duration, tokens
from msrun.runtime.views.terminal import one_line


class Lines:
    """Writes lines through `write`, which gets each without its line break. Reads the progress, folds nothing."""

    def __init__(self, progress: Progress, write: Callable[[str], None]) -> None:
        self._progress = progress
        self._write = write

    def show(self, event: Event) -> None:
        """Write what the event has to say, after it was folded into the progress."""
        text = self._line(event)
        if text:
            self._write(f"{event.at_s:8.2f} s  {text}")

    def _line(self, event: Event) -> str:
        match event.kind:
            case "node_started":
                of = f", {counted(event.cells, 'cell')}" if event.cells else ""
                return f"{event.node}: started{of}"
            case "call_failed":
                then = "" if event.retry_in_s is None else f"; again in {duration(event.retry_in_s)}"
                return f"{event.node}: {event.fault}: {one_line(event.message)}{then}"
            case "node_finished" | "node_failed":
                return self._ended(event, self._progress.node(event.node))
            case _:
                return ""

    def _ended(self, event: NodeFinished | NodeFailed, node: NodeProgress) -> str:
        if node.state == "skipped":
            return f"{node.id}: skipped"
        if isinstance(event, NodeFailed):
            return f"{node.id}: failed after {duration(node.seconds(event.at_s))}"
        return f"{node.id}: done, " + ", ".join(facts(node, event.at_s))


def facts(node: NodeProgress, now_s: float) -> list[str]:
    """Return what there is to say about a node in numbers: cells or items, calls, tokens, time."""
    found: list[str] = []
    if node.cells is not None:
        lost = [f"{n} {word}" for word in ("skipped", "failed") if (n := list(node.done.values()).count(word))]
        found.append(counted(len(node.done), "cell") + (f" ({', '.join(lost)})" if lost else ""))
    elif node.items:
        found.append(counted(node.items, "item"))
    if node.turns and node.cells is None:
        found.append(counted(node.turns, "proposal" if node.kind == "search" else "round"))
    if node.exhausted:
        found.append("limit reached")
    if node.all_calls:
        found += [counted(node.all_calls, "call"), tokens(node.all_usage)]
    return [*found, duration(node.seconds(now_s))]
