"""What a node does, made ready: a call to a model or tool for a worker, or a function for a pure node."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Never, assert_never

from msrun.backends.port import Backend, BackendFault
from msrun.dsl.plan import (
    Ask,
    Choose,
    Compute,
    FragmentSpec,
    Invoke,
    ModelSpec,
    Node,
    Plan,
    Repeat,
    Search,
    Stage,
    Subplan,
    Tally,
    ToolSpec,
)
from msrun.dsl.shapes import TypeDef
from msrun.dsl.values.evaluate import compile_expr
from msrun.runtime.ask import asker
from msrun.runtime.invoke import invoker
from msrun.runtime.outcome import NodeFault
from msrun.runtime.progress import Inline, Progress
from msrun.runtime.unit import Perform, Unit
from msrun.runtime.vote import Voter

if TYPE_CHECKING:
    from msrun.runtime.tools import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """How the outside world is reached: the backend of a model, the tool behind a declaration."""

    backends: Callable[[ModelSpec], Backend]
    tools: "Callable[[ToolSpec], Tool]"


@dataclass(slots=True, eq=False)
class Actions:
    """Makes the actions of a plan's nodes. Every model and tool in use is opened once, before the first call."""

    plan: Plan
    ports: Ports
    fragments: Mapping[str, FragmentSpec]
    _types: dict[str, TypeDef] = field(init=False)
    _models: dict[str, tuple[ModelSpec, Backend]] = field(default_factory=dict[str, tuple[ModelSpec, Backend]])
    _tools: "dict[str, tuple[ToolSpec, Tool]]" = field(default_factory=dict[str, "tuple[ToolSpec, Tool]"])

    def __post_init__(self) -> None:
        self._types = {type_.id: type_ for type_ in self.plan.types}

    def of(self, node: Node, progresses: Mapping[str, Progress]) -> tuple[Perform, Inline | None]:
        """Return how a worker performs the node's calls, and how a pure node is computed. Raises NodeFault."""
        match node.action:
            case Subplan() | Choose() | Repeat() | Search():
                raise NodeFault("plan", f"`{node.id}` has a graph inside, which this engine cannot run yet")
            case Ask() as action:
                return asker(node, action, *self._model(action.model), self._types, self.fragments).perform, None
            case Invoke() as action:
                return invoker(node, action, *self._tool(action.tool), self._types, self.fragments).perform, None
            case Compute(value=value):
                return _never, compile_expr(value, self.fragments)
            case Tally() as action:
                return _never, Voter(node.id, action, self.fragments, progresses)
            case Stage():
                raise NodeFault("stage", f"`{node.id}` is trained, not run", help="msrun train FILE")
            case _:
                assert_never(node.action)

    def _model(self, name: str) -> tuple[ModelSpec, Backend]:
        if name not in self._models:
            spec = next((spec for spec in self.plan.models if spec.name == name), None)
            if spec is None:
                raise NodeFault("plan", f"the plan has no model `{name}`")
            try:
                self._models[name] = spec, self.ports.backends(spec)
            except BackendFault as fault:
                raise NodeFault(fault.kind, f"model `{name}`: {fault.message}", help=fault.help) from fault
        return self._models[name]

    def _tool(self, name: str) -> "tuple[ToolSpec, Tool]":
        if name not in self._tools:
            spec = next((spec for spec in self.plan.tools if spec.name == name), None)
            if spec is None:
                raise NodeFault("plan", f"the plan has no tool `{name}`")
            try:
                self._tools[name] = spec, self.ports.tools(spec)
            except BackendFault as fault:
                raise NodeFault(fault.kind, f"tool `{name}`: {fault.message}", help=fault.help) from fault
        return self._tools[name]


async def _never(unit: Unit) -> Never:
    raise AssertionError(f"`{unit.label}` is pure and makes no calls")
