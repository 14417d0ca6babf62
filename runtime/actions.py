"""What a node does, made ready: a call to a model or tool for a worker, or a function for a pure node."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msrun.backends.knowledge.port import Knowledge
from msrun.backends.port import Backend, BackendFault
from msrun.dsl.plan import Compute, FragmentSpec, KnowledgeSpec, ModelSpec, Node, Plan, Rank, Screen, Tally, ToolSpec
from msrun.dsl.values.evaluate import compile_expr
from msrun.runtime.outcome import NodeFault
from msrun.runtime.progress import Progress
from msrun.runtime.rank import Ranker
from msrun.runtime.recipe import Inline
from msrun.runtime.vote import Voter

if TYPE_CHECKING:
    from msrun.runtime.moderation import Moderate
    from msrun.runtime.screen import Screener
    from msrun.runtime.tools import Tool


def no_knowledge(spec: KnowledgeSpec) -> Knowledge:
    """Open no knowledge base."""
    raise BackendFault("missing", f"nobody opened the knowledge base `{spec.name}`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """How the outside world is reached: the backend of a model, the tool behind a declaration, and who may deny texts.

    `secret` gives a secret that a tool is called with. `moderations` are the operator's own, by name, before those
    that are shipped or installed.
    """

    backends: Callable[[ModelSpec], Backend]
    tools: "Callable[[ToolSpec], Tool]"
    knowledge: Callable[[KnowledgeSpec], Knowledge] = no_knowledge
    secret: "Callable[[str], str | None]" = field(default=lambda _name: None)
    moderations: "Mapping[str, Moderate]" = field(default_factory=dict[str, "Moderate"])


@dataclass(slots=True, eq=False)
class Opened:
    """The models and tools of a plan and of those that it runs. Each in use is opened once, before the first call."""

    plans: Sequence[Plan]
    ports: Ports
    _models: dict[str, tuple[ModelSpec, Backend]] = field(default_factory=dict[str, tuple[ModelSpec, Backend]])
    _tools: "dict[str, tuple[ToolSpec, Tool]]" = field(default_factory=dict[str, "tuple[ToolSpec, Tool]"])

    def model(self, name: str) -> tuple[ModelSpec, Backend]:
        """Return a model with its backend. Raises NodeFault."""
        if name not in self._models:
            spec = next((spec for plan in self.plans for spec in plan.models if spec.name == name), None)
            if spec is None:
                raise NodeFault("plan", f"the plan has no model `{name}`")
            try:
                self._models[name] = spec, self.ports.backends(spec)
            except BackendFault as fault:
                raise NodeFault(fault.kind, f"model `{name}`: {fault.message}", help=fault.help) from fault
        return self._models[name]

    def tool(self, name: str) -> "tuple[ToolSpec, Tool]":
        """Return a tool with what is behind it. Raises NodeFault."""
        if name not in self._tools:
            spec = next((spec for plan in self.plans for spec in plan.tools if spec.name == name), None)
            if spec is None:
                raise NodeFault("plan", f"the plan has no tool `{name}`")
            try:
                self._tools[name] = spec, self.ports.tools(spec)
            except BackendFault as fault:
                raise NodeFault(fault.kind, f"tool `{name}`: {fault.message}", help=fault.help) from fault
        return self._tools[name]

    def knowledge(self, name: str) -> Knowledge:
        """Return a knowledge base. Raises NodeFault."""
        spec = next((spec for plan in self.plans for spec in plan.knowledge if spec.name == name), None)
        if spec is None:
            raise NodeFault("plan", f"the plan has no knowledge base `{name}`")
        try:
            return self.ports.knowledge(spec)
        except BackendFault as fault:
            raise NodeFault(fault.kind, f"knowledge base `{name}`: {fault.message}", help=fault.help) from fault

    def screener(self, node: Node, action: Screen, fragments: Mapping[str, FragmentSpec]) -> "Screener":
        """Return how a guard works, its moderations opened. Raises NodeFault."""
        from msrun.runtime.moderation import open_moderation
        from msrun.runtime.screen import Screener

        return Screener(
            action=action,
            source=compile_expr(action.source, fragments),
            on_deny=None if action.on_deny is None else compile_expr(action.on_deny, fragments),
            judges={name: open_moderation(name, self.ports.moderations) for name in action.deny},
            timeout_s=node.policy.timeout_s,
        )


def pure(action: Compute | Tally | Rank, fragments: Mapping[str, FragmentSpec]) -> Inline:
    """Return how a node that makes no calls is computed."""
    match action:
        case Compute(value=value):
            read = compile_expr(value, fragments)

            def compute(_progress: Progress, names: Mapping[str, Any]) -> Any:
                return read(names)

            return compute
        case Tally():
            return Voter(action, fragments)
        case Rank():
            return Ranker(action, fragments)
