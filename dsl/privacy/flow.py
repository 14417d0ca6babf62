"""Where a plan would send personal data to a model or tool outside: its nodes are read in the order of what they read.

What follows from a value is followed: prompts, `from`, fragments, lists, fields, replies of models that saw it, results
of tools that got it, graphs inside nodes and plans that are run. What a plan *does* because of a value is not: which
arm of a `choose` is taken, or whether a node with `when` runs, tells little of a person.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from msrun.dsl.nested import own_expressions
from msrun.dsl.plan import (
    SESSION,
    Ask,
    Choose,
    Compute,
    FragmentSpec,
    Input,
    Invoke,
    ModelSpec,
    Node,
    Plan,
    Rank,
    Repeat,
    Retrieve,
    Screen,
    Search,
    SessionSpec,
    Stage,
    Subplan,
    Tally,
    ToolSpec,
    Update,
    bodies,
)
from msrun.dsl.privacy.data import Data, Step, Trace, clean, either, element, is_marked, made_of, personal
from msrun.dsl.privacy.reading import Env, Reading
from msrun.dsl.privacy.trust import trust_of
from msrun.dsl.shapes import JSON, CellOf, ListOf, Named, TypeDef
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import Expr, Hole, Pipe, Text

ROUNDS = 3
"""How often the graph of a loop is read: what comes out of it goes in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Personal data that would leave: at `node`, to the model or tool `target`; `trace` is how it got there.

    `inside` names the node of a plan that is run, where it is that plan which would send it.
    """

    node: Node
    span: Span
    target: str
    trace: Trace
    plan: str = ""
    inside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What nodes name, by ids."""

    models: Mapping[str, ModelSpec]
    tools: Mapping[str, ToolSpec]
    fragments: Mapping[str, FragmentSpec]
    types: Mapping[str, TypeDef]
    plans: Mapping[str, Plan] = field(default_factory=dict[str, Plan])


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a plan within a session keeps for the next turn, besides its updates: what was said, and the answer."""

    session: SessionSpec
    said: Expr | None
    answer: Expr | None


def leaks(plan: Plan) -> tuple[Leak, ...]:
    """Return where a gathered plan would send personal data outside, in the order of the text."""
    world = World(
        models={model.name: model for model in plan.models},
        tools={tool.name: tool for tool in plan.tools},
        fragments={fragment.name: fragment for fragment in plan.fragments},
        types={type_.id: type_ for type_ in plan.types},
        plans={each.name: each for each in (plan, *plan.plans)},
    )
    turn = None if plan.session is None else Turn(session=plan.session, said=plan.said, answer=plan.returns)
    return leaks_in(plan.nodes, (*plan.params, *plan.inputs), world, running=(plan.name,), turn=turn)


def leaks_in(
    nodes: Sequence[Node],
    inputs: Iterable[Input],
    world: World,
    *,
    running: tuple[str, ...] = (),
    turn: Turn | None = None,
) -> tuple[Leak, ...]:
    """Return where nodes would send personal data outside; each node once."""
    env = {each.name: Data(each.shape, source=(Step("input", each.name),)) for each in inputs}
    flow = Flow(world, running=running)
    if turn is None:
        flow.graph(nodes, env)
    else:
        kept: tuple[tuple[str, Data], ...] = ()
        for _ in range(ROUNDS):  # what one turn keeps, the next one reads
            flow = Flow(world, running=running)
            session = Data(Named(turn.session.name), source=(Step("input", SESSION),), fields=kept)
            kept = flow.kept(turn, flow.graph(nodes, {**env, SESSION: session}), kept)
    return tuple(sorted(flow.found.values(), key=lambda leak: leak.span.start))


@dataclass(slots=True)
class Flow:
    """One walk over a plan. `running` are the plans that are being walked, the outermost first."""

    world: World
    running: tuple[str, ...] = ()
    found: dict[int, Leak] = field(default_factory=dict[int, Leak])
    updated: dict[str, Data] = field(default_factory=dict[str, Data])  # what slots of the session get
    reading: Reading = field(init=False)

    def __post_init__(self) -> None:
        self.reading = Reading(self.world.types, self.world.fragments)

    def graph(self, nodes: Iterable[Node], env: Env) -> dict[str, Data]:
        """Return what all names give once the nodes of a graph have ended."""
        names = dict(env)
        for node in _ordered(nodes):
            names[str(node.id)] = self._node(node, names)
        return names

    def kept(self, turn: Turn, names: Env, before: tuple[tuple[str, Data], ...]) -> tuple[tuple[str, Data], ...]:
        """Return what is known of the session's slots and history after a turn that left these names."""
        types = self.world.types
        found = dict(self.updated)
        told = [self.reading.read(each, names) for each in (turn.said, turn.answer) if each is not None]
        found["history"] = made_of(JSON, *told, types=types)
        past = dict(before)
        slots = {slot: either(past[slot], data, types) if slot in past else data for slot, data in found.items()}
        return tuple((slot, data) for slot, data in slots.items() if personal(data, types) is not None)

    def _node(self, node: Node, env: Env) -> Data:
        step = Step("node", str(node.id), node.span)
        names, item = self._bound(node, env)
        made = self._value(node, names)
        if node.fallback is not None:
            made = either(made, self.reading.read(node.fallback, names), self.world.types)
        outer = replace(made, shape=node.value_shape, item=item if item is not None else made.item)
        return outer.through(step)

    def _bound(self, node: Node, env: Env) -> tuple[dict[str, Data], Data | None]:
        """The names that a node's expressions see, and what its cells stand for."""
        names, item = dict(env), None
        if node.over is not None:
            item = element(self.reading.read(node.over.source, names))
            names[node.over.binder] = item
        if node.given is not None:
            known = Data(ListOf(CellOf(item.shape if item else JSON, node.shape)), item=item)
            names["earlier"] = names[node.given.name or "earlier"] = known
        if node.alias is not None and node.source is not None:
            names[node.alias] = self.reading.read(node.source, names)
        return names, item

    def _value(self, node: Node, env: Env) -> Data:
        """What one call of a node gives."""
        match node.action:
            case Ask() as action:
                return Data(node.shape, self._sent(node, action.model, self.world.models, _holes(action), env))
            case Invoke(tool=tool, args=args):
                return Data(node.shape, self._sent(node, tool, self.world.tools, [value for _, value in args], env))
            case Compute(value=value):
                return self.reading.read(value, env)
            case Update(slot=slot, value=value):
                made = self.reading.read(value, env)
                known = self.updated.get(slot)
                self.updated[slot] = made if known is None else either(known, made, self.world.types)
                return made
            case Retrieve():  # passages of files; which of them are chosen tells little of the question
                return clean(node.shape)
            case Tally(source=source) | Rank(source=source):
                one = element(self.reading.read(source, env))
                return replace(one, shape=node.shape, item=None)
            case Screen():
                return self._screened(node.action, env)
            case Subplan():
                return self._subplan(node, node.action, env)
            case Choose():
                return self._chosen(node, node.action, env)
            case Repeat():
                return self._repeated(node, node.action, env)
            case Search():
                return self._searched(node, node.action, env)
            case Stage():
                return clean(node.shape)
            case _:  # a kind that is not known here: what it reads is in what it gives
                return self._opaque(node, env)

    def _sent(
        self,
        node: Node,
        target: str,
        table: Mapping[str, ModelSpec] | Mapping[str, ToolSpec],
        exprs: Sequence[Expr],
        env: Env,
    ) -> Trace | None:
        """Return how personal data came into what is sent, and note it where it would leave."""
        spec = table.get(target)
        for expr in exprs:
            trace = personal(self.reading.read(expr, env), self.world.types)
            if trace is None:
                continue
            if spec is not None and trust_of(spec) == "external":
                leak = Leak(node=node, span=_written(expr, node), target=target, trace=trace)
                self.found.setdefault(id(node), leak)
            return trace
        return None

    def _screened(self, action: Screen, env: Env) -> Data:
        told = None if action.on_deny is None else self.reading.read(action.on_deny, env)
        passed = replace(self.reading.read(action.source, env), cleared=bool(action.redact))
        return passed if told is None else either(passed, told, self.world.types)

    def _opaque(self, node: Node, env: Env) -> Data:
        found = [self.reading.read(expr, env) for expr in own_expressions(node.action)]
        for _, inside, beside in bodies(node.action):
            names = self.graph(inside, env)
            found += [self.reading.read(expr, names) for expr in beside]
        traces = (personal(each, self.world.types) for each in found)
        return Data(node.shape, next((trace for trace in traces if trace is not None), None))

    # --- graphs inside nodes -----------------------------------------------------------------------------------------

    def _chosen(self, node: Node, action: Choose, env: Env) -> Data:
        made: Data | None = None
        for branch in action.branches:
            names = self.graph(branch.body.nodes, env)
            given = replace(self.reading.read(branch.body.returns, names), shape=node.shape)
            made = given if made is None else either(made, given, self.world.types)
        return made or clean(node.shape)

    def _repeated(self, node: Node, action: Repeat, env: Env) -> Data:
        value = replace(self.reading.read(action.start, env), shape=node.shape)
        return self._again(node, value, lambda names: self._round(node, action, names), env, str(node.id))

    def _round(self, node: Node, action: Repeat, env: Env) -> Data:
        return replace(self.reading.read(action.following, self.graph(action.nodes, env)), shape=node.shape)

    def _searched(self, node: Node, action: Search, env: Env) -> Data:
        def step(names: Env) -> Data:
            score = () if action.score is None else (action.score,)
            found = self.graph((action.expand, *score), names)
            return replace(found[str(action.expand.id)], shape=ListOf(action.expand.shape), item=None)

        return self._again(node, clean(ListOf(action.expand.shape)), step, env, action.so_far)

    def _again(self, node: Node, value: Data, step: Callable[[Env], Data], env: Env, name: str) -> Data:
        for _ in range(ROUNDS):
            value = either(value, step({**env, name: value}), self.world.types)
        return replace(value, shape=node.shape)

    # --- plans that are run ------------------------------------------------------------------------------------------

    def _subplan(self, node: Node, action: Subplan, env: Env) -> Data:
        args = {name: self.reading.read(expr, env) for name, expr in action.args}
        plan = self.world.plans.get(action.plan)
        types = self.world.types
        traces = {name: trace for name, data in args.items() if (trace := personal(data, types)) is not None}
        if plan is None or action.plan in self.running:
            return Data(node.shape, next(iter(traces.values()), None))
        names = {each.name: Data(each.shape, source=(Step("input", each.name),)) for each in plan.params}
        for each in plan.inputs:
            given = traces.get(each.name)
            own = is_marked(each.shape, types)  # then the plan itself answers for it, where it is checked
            source = args[each.name].source if each.name in args else ()
            names[each.name] = Data(each.shape, None if own else given, source)
        inner = Flow(self.world, running=(*self.running, action.plan))
        made = inner.reading.read(plan.returns, inner.graph(plan.nodes, names))
        spans = {name: expr.span for name, expr in action.args}
        for leak in inner.found.values():
            cause = next((name for name, trace in traces.items() if trace == leak.trace[: len(trace)]), None)
            if cause is not None:
                outer = replace(leak, node=node, span=spans[cause], trace=traces[cause], plan=action.plan)
                self.found.setdefault(id(node), replace(outer, inside=leak.inside or str(leak.node.id)))
        return replace(made, shape=node.shape)


def _ordered(nodes: Iterable[Node]) -> Iterator[Node]:
    by_id = {str(node.id): node for node in nodes}
    graph = {id_: [name for name in node.reads if name in by_id and name != id_] for id_, node in by_id.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError:  # reported where it stands
        order = list(by_id)
    return (by_id[id_] for id_ in order)


def _written(expr: Expr, node: Node) -> Span:
    """Where an expression stands in the text; what a default prompt puts around it stands nowhere."""
    while isinstance(expr, Pipe) and expr.span == NOWHERE:
        expr = expr.base
    return node.span if expr.span == NOWHERE else expr.span


def _holes(action: Ask) -> list[Expr]:
    """What a call shows its model, hole by hole, so that a finding can point at the one that matters."""
    found: list[Expr] = []
    for text in (action.prompt, action.system):
        found += [part.expr for part in text.parts if isinstance(part, Hole)] if isinstance(text, Text) else []
    return [*found, *action.images]
