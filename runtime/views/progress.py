"""The state of a run so far, folded from its events: what every drawing of a run reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from msrun.backends.port import Usage
from msrun.runtime.events import Event, Stamp
from msrun.runtime.views.inside import around, turn, written

State: TypeAlias = Literal["waiting", "running", "ok", "skipped", "failed", "cancelled"]

TAIL_CHARACTERS = 400
"""How much of the newest reply is kept for a view."""


@dataclass(slots=True, kw_only=True)
class NodeProgress:
    """One node. `cells` is the length of its fan-out as far as it is known, None where there is none.

    `calls` and `usage` are its own; those of nodes inside it are counted beside them. `turns` counts the rounds or
    proposals that have begun, `exhausted` says that the last of them was one too few.
    """

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
    calls_inside: int = 0
    usage_inside: Usage = Usage()
    turns: int = 0
    exhausted: bool = False

    @property
    def all_calls(self) -> int:
        """Its calls and those of nodes inside it."""
        return self.calls + self.calls_inside

    @property
    def all_usage(self) -> Usage:
        """What it took and what nodes inside it took."""
        return self.usage + self.usage_inside

    def seconds(self, now_s: float) -> float:
        """Return how long the node has run, or ran."""
        if self.state == "waiting":
            return 0.0
        return (now_s if self.ended_s is None else self.ended_s) - self.started_s


@dataclass(slots=True, kw_only=True)
class Progress:
    """One run. `nodes` stand in the order of the plan's text; those inside others follow by their paths, as they come.

    `rows` have one for every node of the text: what `verdicts[3].verdict` and its like do is summed up in
    `verdicts.verdict`, whose cells are the times that it has begun.
    """

    run: str = ""
    plan: str = ""
    seed: int = 0
    nodes: dict[str, NodeProgress] = field(default_factory=dict[str, NodeProgress])
    rows: dict[str, NodeProgress] = field(default_factory=dict[str, NodeProgress])
    at_s: float = 0.0
    calls: int = 0
    usage: Usage = Usage()
    ended: bool = False

    def __post_init__(self) -> None:
        self.rows = self.rows or dict(self.nodes)

    def node(self, id_: str) -> NodeProgress:
        """Return the node, made on first mention."""
        if id_ not in self.nodes:
            self.nodes[id_] = NodeProgress(id=id_, kind="")
            self.rows.setdefault(
                written(id_), self.nodes[id_] if "." not in id_ else NodeProgress(id=written(id_), kind="")
            )
        return self.nodes[id_]

    def above(self, id_: str) -> "Iterator[tuple[str, NodeProgress]]":
        """Yield the nodes that a node stands in with their paths, and their rows where these are others."""
        for path in around(id_):
            if path in self.nodes:
                node, row = self.nodes[path], self.rows[written(path)]
                yield path, node
                if row is not node:
                    yield path, row


def fold(progress: Progress, event: Event) -> None:
    """Take one event into account."""
    progress.at_s = event.at_s
    match event.kind:
        case "run_started":
            progress.run, progress.plan, progress.seed = event.run, event.plan, event.seed
            progress.nodes = {id_: NodeProgress(id=id_, kind=kind) for id_, kind in event.nodes}
            progress.rows = dict(progress.nodes)
        case "run_finished":
            progress.calls, progress.usage, progress.ended = event.calls, event.usage, True
        case "run_failed":
            progress.calls, progress.usage, progress.ended = event.calls, event.usage, True
            stop_running(progress)
        case _:
            node = progress.node(event.node)
            _fold_node(progress, node, event)
            row = progress.rows[written(event.node)]
            if row is not node:
                _sum_up(row, event)


def _sum_up(row: NodeProgress, event: Event) -> None:
    """Count what one of the nodes does that share a row."""
    match event.kind:
        case "node_started":
            row.kind = event.of or row.kind
            row.started_s = event.at_s if row.state == "waiting" else row.started_s
            row.state, row.ended_s, row.cells = "running", None, (row.cells or 0) + 1
        case "node_finished" | "node_failed":
            status = "failed" if event.kind == "node_failed" else event.status
            row.done[len(row.done)] = status
            row.cells = max(row.cells or 0, len(row.done))
            if len(row.done) == row.cells:
                kinds = set(row.done.values())
                row.state = "failed" if "failed" in kinds else "skipped" if kinds == {"skipped"} else "ok"
                row.ended_s, row.tail = event.at_s, ""
        case "call_started":
            row.calls += 1
            row.retries += event.attempt > 1
            row.tail = ""
        case "call_delta":
            row.tail = (row.tail + event.text)[-TAIL_CHARACTERS:]
        case "call_finished":
            row.usage += event.usage
        case _:
            pass


def _fold_node(progress: Progress, node: NodeProgress, event: Event) -> None:
    match event.kind:
        case "node_started":
            node.kind = event.of or node.kind
            node.state, node.started_s = "running", event.at_s
            node.cells, node.cells_known = event.cells, event.cells is not None
            for path, group in progress.above(event.node):
                group.turns = max(group.turns, turn(event.node, path))
        case "item_produced":
            node.items = max(node.items, event.index + 1)
        case "items_reset":
            node.items = event.index
        case "cell_finished":
            node.done[event.index] = event.status
            _see_cell(node, event.index)
            if event.status != "ok":
                _stop_inside(progress, f"{node.id}[{event.index}]")
        case "node_finished":
            _end(node, "skipped" if event.status == "skipped" else "ok", event)
            node.value, node.exhausted = event.value, event.exhausted
            if event.status == "skipped":
                _stop_inside(progress, node.id)
            if node.done and not node.cells_known:
                node.cells, node.cells_known = len(node.done), True
        case "node_failed":
            _end(node, "failed", event)
            node.message = event.message
            _stop_inside(progress, node.id)
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
            for _, group in progress.above(event.node):
                group.calls_inside += 1
        case "call_delta":
            node.tail = (node.tail + event.text)[-TAIL_CHARACTERS:]
        case "call_finished":
            node.usage += event.usage
            progress.usage += event.usage
            for _, group in progress.above(event.node):
                group.usage_inside += event.usage
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
    for node in (*progress.nodes.values(), *progress.rows.values()):
        if node.state == "running":
            node.state, node.ended_s = "cancelled", progress.at_s


def _stop_inside(progress: Progress, place: str) -> None:
    """A group was given up: what ran in it is not waited for any more."""
    for path, node in progress.nodes.items():
        if node.state == "running" and path.startswith(place) and path[len(place) :][:1] in (".", "#", "~", "["):
            node.state, node.ended_s = "cancelled", progress.at_s
            row = progress.rows[written(path)]
            row.done[len(row.done)] = "skipped"
            if len(row.done) == row.cells:
                row.state, row.ended_s = "ok", progress.at_s
