"""The state of a run so far, folded from its events: what every drawing of a run reads."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from msrun.backends.port import Usage
from msrun.runtime.events import Event, Stamp

State: TypeAlias = Literal["waiting", "running", "ok", "skipped", "failed", "cancelled"]

TAIL_CHARACTERS = 400
"""How much of the newest reply is kept for a view."""


@dataclass(slots=True, kw_only=True)
class NodeProgress:
    """One node. `cells` is the length of its fan-out as far as it is known, None where there is none."""

    id: str
    kind: str
    state: State = "waiting"
    started_s: float = 0.0
    ended_s: float | None = None
    cells: int | None = None
    cells_known: bool = False  # whether `cells` is final
    done: dict[int, str] = field(default_factory=dict[int, str])  # status of each finished cell
    items: int = 0
    calls: int = 0
    retries: int = 0
    usage: Usage = Usage()
    tail: str = ""
    value: Any = None
    message: str = ""

    def seconds(self, now_s: float) -> float:
        """Return how long the node has run, or ran."""
        if self.state == "waiting":
            return 0.0
        return (now_s if self.ended_s is None else self.ended_s) - self.started_s


@dataclass(slots=True, kw_only=True)
class Progress:
    """One run. `nodes` stand in the order of the plan's text."""

    run: str = ""
    plan: str = ""
    seed: int = 0
    nodes: dict[str, NodeProgress] = field(default_factory=dict[str, NodeProgress])
    at_s: float = 0.0
    calls: int = 0
    usage: Usage = Usage()
    ended: bool = False

    def node(self, id_: str) -> NodeProgress:
        """Return the node, made on first mention."""
        if id_ not in self.nodes:
            self.nodes[id_] = NodeProgress(id=id_, kind="")
        return self.nodes[id_]


def fold(progress: Progress, event: Event) -> None:
    """Take one event into account."""
    progress.at_s = event.at_s
    match event.kind:
        case "run_started":
            progress.run, progress.plan, progress.seed = event.run, event.plan, event.seed
            progress.nodes = {id_: NodeProgress(id=id_, kind=kind) for id_, kind in event.nodes}
        case "run_finished":
            progress.calls, progress.usage, progress.ended = event.calls, event.usage, True
        case "run_failed":
            progress.calls, progress.usage, progress.ended = event.calls, event.usage, True
            stop_running(progress)
        case _:
            _fold_node(progress, progress.node(event.node), event)


def _fold_node(progress: Progress, node: NodeProgress, event: Event) -> None:
    match event.kind:
        case "node_started":
            node.state, node.started_s = "running", event.at_s
            node.cells, node.cells_known = event.cells, event.cells is not None
        case "item_produced":
            node.items = max(node.items, event.index + 1)
        case "items_reset":
            node.items = event.index
        case "cell_finished":
            node.done[event.index] = event.status
            _see_cell(node, event.index)
        case "node_finished":
            _end(node, event.status, event)
            node.value = event.value
            if node.done and not node.cells_known:
                node.cells, node.cells_known = len(node.done), True
        case "node_failed":
            _end(node, "failed", event)
            node.message = event.message
        case _:
            _fold_call(progress, node, event)


def _fold_call(progress: Progress, node: NodeProgress, event: Event) -> None:
    match event.kind:
        case "call_started":
            node.calls += 1
            progress.calls += 1
            node.retries += event.attempt > 1
            node.tail = ""
            if event.cell is not None:
                _see_cell(node, event.cell)
        case "call_delta":
            node.tail = (node.tail + event.text)[-TAIL_CHARACTERS:]
        case "call_finished":
            node.usage += event.usage
            progress.usage += event.usage
        case "call_failed":
            node.message = event.message
        case _:
            raise AssertionError(event.kind)


def _see_cell(node: NodeProgress, index: int) -> None:
    if not node.cells_known:
        node.cells = max(node.cells or 0, index + 1)


def _end(node: NodeProgress, state: State, stamp: Stamp) -> None:
    if node.state == "waiting":
        node.started_s = stamp.at_s
    node.state, node.ended_s, node.tail = state, stamp.at_s, ""


def stop_running(progress: Progress) -> None:
    """Mark what still runs as cancelled."""
    for node in progress.nodes.values():
        if node.state == "running":
            node.state, node.ended_s = "cancelled", progress.at_s
