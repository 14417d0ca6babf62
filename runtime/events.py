"""Events: the spine of a run. The engine alone makes and stamps them; journal, console, report and traces are folds.

`node` is a path: the id of a node of the plan, and for one inside it `draft#2.critique` (round), `reply.refund.r`
(arm), `verdicts[3].verdict` (cell), `path#12.step` (proposal).
`seq` orders the events of a run and `at_s` is seconds since its start on a monotonic clock; order
never depends on time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from msrun.backends.port import Finish, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every event carries."""

    seq: int
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Stamp):
    """The run exists; `nodes` maps each node's id to its kind."""

    run: str
    plan: str
    seed: int
    nodes: tuple[tuple[str, str], ...]
    kind: Literal["run_started"] = field(default="run_started", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStarted(Stamp):
    """A node's inputs are ready. `cells` is the length of its fan-out where that is known already.

    `of` is the kind of a node inside another one; those of the plan's own nodes stand in RunStarted.
    """

    node: str
    cells: int | None = None
    of: str = ""
    kind: Literal["node_started"] = field(default="node_started", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProduced(Stamp):
    """A decomposer (or a streaming tool) handed on one item while it was still writing."""

    node: str
    index: int
    item: Any
    kind: Literal["item_produced"] = field(default="item_produced", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsReset(Stamp):
    """A repaired reply differs from what was handed on: items from `index` on are taken back, their cells run again."""

    node: str
    index: int
    kind: Literal["items_reset"] = field(default="items_reset", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(Stamp):
    """A call was dispatched to a model or tool. `cell` is the place in the fan-out, `sample` the draw, both from 0."""

    call: str
    node: str
    target: str
    cell: int | None = None
    sample: int | None = None
    attempt: int = 1
    kind: Literal["call_started"] = field(default="call_started", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDelta(Stamp):
    """A piece of a reply arrived. Views may drop these."""

    call: str
    node: str
    text: str
    kind: Literal["call_delta"] = field(default="call_delta", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFinished(Stamp):
    """A call answered. Whether its reply is valid is said by what follows: a cell, a node or a repair."""

    call: str
    node: str
    usage: Usage
    finish: Finish = "stop"
    took_s: float = 0.0
    cached: bool = False
    kind: Literal["call_finished"] = field(default="call_finished", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFailed(Stamp):
    """A call did not answer, or its reply was not valid. `retry_in_s`: wait before the next attempt, None: no more."""

    call: str
    node: str
    fault: str
    message: str
    retry_in_s: float | None = None
    kind: Literal["call_failed"] = field(default="call_failed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFinished(Stamp):
    """One cell of a fan-out has its value (`status` ok or, where its node fell back, fallback), or was given up
    (`skipped`, `failed`).

    `exhausted`: it is a `repeat` or `search` that ended at its `limit`. `notes` is what its node says about the value
    by name, such as `share`.
    """

    node: str
    index: int
    value: Any
    status: Literal["ok", "fallback", "skipped", "failed"] = "ok"
    exhausted: bool = False
    notes: Mapping[str, Any] | None = None
    kind: Literal["cell_finished"] = field(default="cell_finished", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFinished(Stamp):
    """A node has its value, committed. `skipped`: its `when` was false, or it was given up under `on_error: skip`.

    `fallback`: its calls failed, and the value is the one that the node falls back to.

    `shares` are a vote's: every answer, as it was counted, with its share of the weight (0 to 1). `exhausted`: a
    `repeat` or `search` ended at its `limit`. `notes` is what the node says about its value by name: `share`, `denied`.
    """

    node: str
    value: Any
    status: Literal["ok", "fallback", "skipped"] = "ok"
    shares: tuple[tuple[str, float], ...] | None = None
    exhausted: bool = False
    notes: Mapping[str, Any] | None = None
    kind: Literal["node_finished"] = field(default="node_finished", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFailed(Stamp):
    """A node will have no value; what depends on it does not run. One inside another may be all that is given up."""

    node: str
    fault: str
    message: str
    kind: Literal["node_failed"] = field(default="node_failed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Stamp):
    """The last event of a run that answered."""

    value: Any
    calls: int
    usage: Usage
    kind: Literal["run_finished"] = field(default="run_finished", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(Stamp):
    """The last event of a run that did not. `fault`: a backend's kind, `reply`, `expect`, `budget`, `cancelled` …"""

    fault: str
    message: str
    help: str
    node: str | None
    calls: int
    usage: Usage
    kind: Literal["run_failed"] = field(default="run_failed", init=False)


Event: TypeAlias = (
    RunStarted
    | NodeStarted
    | ItemProduced
    | ItemsReset
    | CallStarted
    | CallDelta
    | CallFinished
    | CallFailed
    | CellFinished
    | NodeFinished
    | NodeFailed
    | RunFinished
    | RunFailed
)
