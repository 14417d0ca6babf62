"""The Python front door: a file becomes a checked plan, its inputs become a result or a stream of events."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msrun.dsl.plan import Module, Plan
from msrun.errors import InsideLoop, RunFailed
from msrun.files import choose_plan, read_module, split_target
from msrun.sessions import split_session, store_at, turn_of

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from msrun.backends.knowledge.port import Knowledge
    from msrun.backends.port import Backend, SecretSource, Usage
    from msrun.dsl.cost.catalogue import Catalogue
    from msrun.dsl.diagnostic import Diagnostic
    from msrun.runtime.durable.journal import Assume
    from msrun.runtime.engine import Outcome
    from msrun.runtime.events import Event
    from msrun.runtime.journal import Keeping
    from msrun.runtime.moderation import Moderate
    from msrun.runtime.sessions.port import SessionStore
    from msrun.runtime.turn import Redact
    from msrun.runtime.views.progress import NodeProgress, Progress
    from msrun.stream import EventStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run gave. `nodes` says of every node its state, value, calls and usage; `seconds` is the run's length."""

    value: Any
    calls: int
    usage: "Usage"
    run: str
    seconds: float
    nodes: "Mapping[str, NodeProgress]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A checked plan with everything that is decided before it runs. Nothing is open; `run` may be called again.

    With a `journal` every run is kept in that file; `resume` is the id of one that goes on, whose finished calls are
    not made again, and `assume` says what to do about calls that nobody knows the end of. `overrides` is what the
    file was changed by, kept for the resumption.
    """

    plan: Plan
    module: Module
    root: Path
    warnings: "tuple[Diagnostic, ...]" = ()
    allow: tuple[str, ...] = ()
    backends: "Mapping[str, Backend]" = field(default_factory=dict[str, "Backend"])
    moderations: "Mapping[str, Moderate]" = field(default_factory=dict[str, "Moderate"])
    knowledge: "Mapping[str, Knowledge]" = field(default_factory=dict[str, "Knowledge"])
    seed: int = 0
    width: int = 64
    prices: "Catalogue | None" = None
    secret: "SecretSource" = os.environ.get
    journal: Path | None = None
    resume: str | None = None
    assume: "Assume | None" = None
    overrides: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sessions: "SessionStore | None" = None
    redact: "Redact | None" = None

    @property
    def plans(self) -> tuple[str, ...]:
        """The names of all plans of the file."""
        return tuple(plan.name for plan in self.module.plans)

    def run(self, *, session: str | None = None, **inputs: Any) -> Result:
        """Run the plan and return its result. Raises InputInvalid, NotAllowed, SecretMissing, RunFailed.

        session: whose turn the run is, of a plan within a session; without an id nothing is kept of it. Raises
        SessionUnusable.

        Inside a running event loop use `await plan.arun(…)`: here InsideLoop is raised and nothing is started.
        """
        _refuse_inside_a_loop()
        import anyio

        return anyio.run(partial(self.arun, session=session, **inputs))

    async def arun(self, *, session: str | None = None, **inputs: Any) -> Result:
        """Run the plan inside an event loop (asyncio or trio). Cancelling it closes all that it opened."""
        session, inputs = split_session(self.plan, session, inputs)
        return await self.execute(inputs, session=session)

    def events(self, *, session: str | None = None, **inputs: Any) -> "EventStream":
        """Return an async iterator over the events of a run, which ends with the run and then has its `result`."""
        from msrun.stream import EventStream

        session, inputs = split_session(self.plan, session, inputs)
        return EventStream(partial(self.execute, inputs, session=session))

    async def execute(
        self,
        inputs: Mapping[str, Any],
        on_event: "Callable[[Event], None] | None" = None,
        progress: "Progress | None" = None,
        *,
        session: str | None = None,
    ) -> Result:
        """Do what `arun` does with the inputs in a mapping.

        Every event is folded into `progress` as it happens, and then handed to `on_event`.
        """
        from msrun.backends.port import Surroundings
        from msrun.inputs import check_inputs
        from msrun.preflight import opened, ready_models, refuse_ungranted, refuse_without_secrets, searchable
        from msrun.prices import priced
        from msrun.runtime.engine import execute
        from msrun.runtime.tools import open_tool
        from msrun.runtime.views.progress import Progress, fold

        values = check_inputs(self.plan, inputs)
        refuse_ungranted(self.plan, self.allow)
        refuse_without_secrets(self.plan, self.secret, given=self.backends)
        state = Progress() if progress is None else progress

        def see(event: "Event") -> None:
            fold(state, event)
            if on_event is not None:
                on_event(event)

        plan = priced(self.plan, self.prices)
        models = ready_models(self.module, plan, self.root, given=self.backends)
        around = Surroundings(secret=self.secret, root=str(self.root), allow=tuple(self.allow))
        async with (
            turn_of(self.plan, self.sessions, session, self.redact) as talk,
            opened(models, around) as own,
            self._keeping(values, session) as keeping,
        ):
            backends = {**own, **self.backends}
            knowledge = await searchable(self.plan, around, self.knowledge)
            outcome = await execute(
                plan,
                values,
                backends=lambda spec: backends[spec.name],
                tools=partial(open_tool, allow=self.allow, root=self.root, types=plan.types),
                moderations=self.moderations,
                secret=self.secret,
                journal=keeping.journal,
                run=keeping.run,
                on_event=see,
                session=talk,
                knowledge=lambda spec: knowledge[spec.name],
                seed=self.seed,
                width=self.width,
            )
            await keeping.end(outcome)
        return _result(outcome, state)

    def _keeping(self, inputs: Mapping[str, Any], session: str | None) -> "AbstractAsyncContextManager[Keeping]":
        """Open the journal, or one in memory where nothing is to be kept."""
        if self.journal is None:
            from msrun.runtime.journal import in_memory

            return in_memory()
        from msrun.keeping import kept

        begin = {"inputs": dict(inputs), "seed": self.seed, **self.overrides}
        if session is not None:
            begin["session"] = session
        file = str(Path(self.module.file).resolve())
        return kept(self.journal, self.plan.name, file, begin, resume=self.resume, assume=self.assume)


def load(
    path: str | os.PathLike[str],
    *,
    allow: Sequence[str] = (),
    backends: "Mapping[str, Backend] | None" = None,
    moderations: "Mapping[str, Moderate] | None" = None,
    settings: Mapping[str, object] | None = None,
    models: Mapping[str, str] | None = None,
    profile: str | None = None,
    seed: int = 0,
    width: int = 64,
    prices: str | os.PathLike[str] | None = None,
    secret: "SecretSource" = os.environ.get,
    journal: str | os.PathLike[str] | None = None,
    resume: str | None = None,
    assume: "Assume | None" = None,
    knowledge: "Mapping[str, Knowledge] | None" = None,
    sessions: "str | os.PathLike[str] | SessionStore | None" = None,
    redact: "Redact | None" = None,
) -> Loaded:
    """Read and check a plan file; `x.plan:name` chooses one plan of several.

    `allow` grants tools (`"tool:web"`, `"tool:*"`); `backends` gives models, and `knowledge` knowledge bases, by their
    name in the plan, `moderations` functions that a guard's `deny` may name; `profile` names one of the file, over
    which `settings` and `models` are overrides (`{"small.temperature": 0.2}`, `{"worker": "strong"}`); `width` is how
    many calls may be on their way at the same time; `prices` is a file of what models cost (docs/costs.md); `secret`
    looks a secret up by name; `journal` is a file that keeps every run (none: kept in memory), `resume` the id of a
    run in it that goes on with the inputs it is given again; `sessions` is the file that keeps the sessions of a plan
    within one (none: kept in memory), and `redact` takes out of what a session's history keeps what must not be stored.
    Raises PlanInvalid, OverrideInvalid, OSError.
    """
    from msrun.overrides import refuse_leaks, require_models, set_values, swap_models, use_profile
    from msrun.prices import read_prices

    file, name = split_target(os.fspath(path))
    module, warnings = read_module(file)
    if profile is not None:
        module = use_profile(module, profile)
    plan = choose_plan(module, name, file)
    if models:
        plan = swap_models(module, plan, models)
    plan = set_values(plan, settings or {})
    if models or settings:
        refuse_leaks(plan)
    given = dict(backends or {})
    require_models(given, module)
    return Loaded(
        plan=plan,
        module=module,
        root=file.parent,
        warnings=warnings,
        allow=tuple(allow),
        backends=given,
        moderations=dict(moderations or {}),
        seed=seed,
        width=width,
        prices=None if prices is None else read_prices(os.fspath(prices)),
        secret=secret,
        journal=None if journal is None else Path(journal),
        resume=resume,
        assume=assume,
        overrides={"settings": dict(settings or {}), "models": dict(models or {}), "profile": profile},
        knowledge=dict(knowledge or {}),
        sessions=store_at(sessions) if plan.session is not None else None,
        redact=redact,
    )


def _result(outcome: "Outcome", progress: "Progress") -> Result:
    from msrun.dsl.values.plain import plain

    failure = outcome.failure
    if outcome.status != "ok":
        raise RunFailed(
            failure.message if failure else "the run was cancelled",
            fault=failure.fault if failure else "cancelled",
            node=failure.node if failure else None,
            run=outcome.run,
            calls=outcome.calls,
            usage=outcome.usage,
            help=failure.help if failure else "",
        )
    return Result(
        value=plain(outcome.value),
        calls=outcome.calls,
        usage=outcome.usage,
        run=outcome.run,
        seconds=progress.at_s,
        nodes=progress.nodes,
    )


def _refuse_inside_a_loop() -> None:
    """Both libraries are asked only where they are loaded already: a loop cannot run without its library."""
    asyncio, trio = sys.modules.get("asyncio"), sys.modules.get("trio")
    inside = trio is not None and trio.lowlevel.in_trio_run()
    if asyncio is not None and not inside:
        inside = asyncio.events._get_running_loop() is not None
    if inside:
        raise InsideLoop(
            "run() was called inside a running event loop", help="result = await msrun.load(path).arun(question=…)"
        )
