"""Runs a plan: its network is started inside one task group, its calls make events, and its end is an Outcome."""

from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import anyio

from msrun.backends.knowledge.port import Knowledge
from msrun.backends.port import Backend
from msrun.dsl.plan import SESSION, KnowledgeSpec, ModelSpec, Plan, ToolSpec
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.fragments import standard
from msrun.dsl.values.plain import EvaluationError, plain
from msrun.runtime.actions import Opened, Ports, no_knowledge
from msrun.runtime.assembly import Assembly
from msrun.runtime.budget import budget, out_of_time, timeout_of
from msrun.runtime.events import Event, RunFailed, RunFinished, RunStarted
from msrun.runtime.frame import Frame
from msrun.runtime.journal import Journal
from msrun.runtime.network import spread
from msrun.runtime.outcome import NodeFault, Outcome, first_cause
from msrun.runtime.pool import Pool
from msrun.runtime.run import Run
from msrun.runtime.turn import Talk

if TYPE_CHECKING:
    from msrun.runtime.moderation import Moderate
    from msrun.runtime.tools import Tool

__all__ = ["Outcome", "execute", "new_run_id"]


def new_run_id() -> str:
    """Return 128 random bits in hexadecimal digits: run ids cannot be guessed."""
    return token_hex(16)


async def execute(
    plan: Plan,
    inputs: Mapping[str, Any],
    *,
    backends: Callable[[ModelSpec], Backend],
    tools: "Callable[[ToolSpec], Tool]",
    knowledge: Callable[[KnowledgeSpec], Knowledge] = no_knowledge,
    moderations: "Mapping[str, Moderate] | None" = None,
    secret: Callable[[str], str | None] = lambda _name: None,
    journal: Journal,
    on_event: Callable[[Event], None] | None = None,
    session: Talk | None = None,
    seed: int = 0,
    width: int = 64,
    run: str | None = None,
    clock: Callable[[], float] = anyio.current_time,
    new_id: Callable[[], str] = new_run_id,
) -> Outcome:
    """Run a plan and return how it ended; a run that fails is an Outcome too, with the fault that ended it.

    inputs: plain values for the plan's inputs and the file's params; those left out take their defaults.
    backends, tools: open what the plan names; they stay their owner's, who closes them.
    secret: gives the secrets that tools are called with. moderations: judges that a guard may name, before those that
    are shipped or installed.
    on_event: gets every event, in order, on the loop's thread; what it raises ends the run and is raised here.
    session: the turn that a plan within a session is; what it keeps is kept before RunFinished is told.
    width: calls on their way at the same time. run: the id of a run to go on with, whose calls the journal knows.
    clock: seconds, monotonic; for events only, deadlines follow the event loop's clock.

    Cancelling it closes every call, tells RunFailed with fault `cancelled`, and lets the cancellation pass. Errors of
    the caller's own objects are raised as they are, never as a group.
    """
    pool = Pool(max(1, width))
    state = Run(
        id=run or new_id(),
        seed=seed,
        journal=journal,
        pool=pool,
        on_event=on_event,
        clock=clock,
        started_s=clock(),
        budget=budget(plan),
    )
    longest = timeout_of(plan)
    made: Frame | None = None
    try:
        async with anyio.create_task_group() as group:
            pool.open(group)
            if longest is not None:
                group.cancel_scope.deadline = anyio.current_time() + longest[0]
            known = {} if session is None else {SESSION: session.value}
            ports = Ports(
                backends=backends, tools=tools, knowledge=knowledge, moderations=moderations or {}, secret=secret
            )
            made = _begin(state, plan, inputs, known, ports)
    except BaseException as error:
        ended = first_cause(error)
        if not isinstance(ended, Exception):
            _fail(state, NodeFault("cancelled", "the run was cancelled"))
        if ended is error:
            raise
        raise ended from ended.__cause__
    if state.crash is not None:
        raise state.crash
    if longest is not None and group.cancel_scope.cancelled_caught:
        state.fail(out_of_time(*longest))
    value = _answer(state, plan, made)
    if session is not None and made is not None and state.fault is None:
        await _keep(made, plan, session, value)
    return _end(state, value)


def _begin(run: Run, plan: Plan, inputs: Mapping[str, Any], known: Mapping[str, Any], ports: Ports) -> Frame | None:
    """Start what can start; None where the plan cannot run at all."""
    nodes = tuple((str(node.id), node.kind) for node in plan.nodes)
    run.tell(RunStarted, run=run.id, plan=plan.name, seed=run.seed, nodes=nodes)
    try:
        if plan.session is not None and not known:
            raise NodeFault("session", f"the plan `{plan.name}` is within a session, and was given none")
        frame = Frame(run=run, inputs={**_inputs(plan, inputs), **known})
        params = {each.name: frame.inputs[each.name] for each in plan.params}
        made = Assembly(plan, Opened((plan, *plan.plans), ports), params).own()
    except NodeFault as fault:
        run.fail(fault)
        return None
    spread(made, frame)
    run.settle()
    run.pool.rest()
    return frame


def _inputs(plan: Plan, given: Mapping[str, Any]) -> dict[str, Any]:
    declared = {each.name: each for each in (*plan.params, *plan.inputs)}
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise NodeFault("input", f"the plan has no input `{unknown[0]}`", help=f"it has: {', '.join(declared)}")
    missing = [name for name, each in declared.items() if each.required and name not in given]
    if missing:
        raise NodeFault("input", f"the input `{missing[0]}` is missing")
    return {name: given[name] if name in given else standard(each) for name, each in declared.items()}


def _answer(run: Run, plan: Plan, made: Frame | None) -> Any:
    """Return what the plan gives; where it gives nothing the run has failed."""
    if run.fault is None and made is not None:
        waiting = [name for name, progress in made.progresses.items() if not progress.ended]
        if waiting:
            run.fail(NodeFault("plan", f"nothing could start any more, and these had not ended: {', '.join(waiting)}"))
    value: Any = None
    if run.fault is None and made is not None:
        fragments = {fragment.name: fragment for fragment in plan.fragments}
        try:
            value = plain(compile_expr(plan.returns, fragments)(made.names()))
        except EvaluationError as error:
            run.fail(NodeFault("evaluate", f"`return`: {error.message}"))
    return value


async def _keep(frame: Frame, plan: Plan, session: Talk, answer: Any) -> None:
    """Keep the turn before anyone knows the answer; a turn that cannot be kept has failed."""
    run, fragments = frame.run, {fragment.name: fragment for fragment in plan.fragments}
    try:
        user = "" if plan.said is None else plain(compile_expr(plan.said, fragments)(frame.names()))
        await session.keep(run.updates, user, answer)
    except EvaluationError as error:
        run.fail(NodeFault("evaluate", f"what the history keeps: {error.message}"))
    except NodeFault as fault:
        run.fail(fault)


def _end(run: Run, value: Any) -> Outcome:
    if run.fault is not None:
        return _fail(run, run.fault)
    run.tell(RunFinished, value=value, calls=run.calls, usage=run.usage)
    return Outcome(run=run.id, status="ok", value=value, calls=run.calls, usage=run.usage)


def _fail(run: Run, fault: NodeFault) -> Outcome:
    failure = RunFailed(
        seq=run.next_seq(),
        at_s=run.age_s(),
        fault=fault.fault,
        message=fault.message,
        help=fault.help,
        node=fault.node,
        calls=run.calls,
        usage=run.usage,
    )
    run.show(failure)
    return Outcome(run=run.id, status="failed", failure=failure, cause=fault, calls=run.calls, usage=run.usage)
