"""One test on its way: its runs, made with stand-ins for the models, become a verdict."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from msrun.backends.port import Backend, BackendFault, Emit, Reply, Request, Surroundings
from msrun.backends.scripted import Scripted
from msrun.dsl.lower.rewrite import asked
from msrun.dsl.plan import ModelSpec, Module
from msrun.dsl.testcase import Mock, RunStep, TestCase
from msrun.dsl.tree import Expr
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.fragments import standard
from msrun.dsl.values.plain import EvaluationError, plain
from msrun.errors import InputInvalid, NotAllowed, RunFailed, SessionUnusable
from msrun.judge import judge
from msrun.runtime.sessions.memory import MemorySessions
from msrun.sessions import turn_of
from msrun.verdict import Failure, Verdict

if TYPE_CHECKING:
    from msrun.tape import Tape


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all tests of a file share: the runs' seed, grants, the folder of tools, and the tape of recorded replies."""

    seed: int = 0
    allow: tuple[str, ...] = ()
    root: Path = Path()
    tape: "Tape | None" = None


@dataclass(slots=True, eq=False)
class Double:
    """Stands in for a model in a test: hands calls on, and remembers what it was asked and had no reply to."""

    answer: Callable[[Request, Emit | None], Awaitable[Reply]]
    requests: list[Request] = field(default_factory=list[Request])
    lacks: list[BackendFault] = field(default_factory=list[BackendFault])

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        """Answer one request. Raises BackendFault `missing` where no reply is left."""
        self.requests.append(request)
        try:
            return await self.answer(request, emit)
        except BackendFault as fault:
            if fault.kind == "missing":
                self.lacks.append(fault)
            raise

    async def aclose(self) -> None:
        """Nothing is open."""


class Trial:
    """One test on its way: the values of its names so far, and the stand-ins for the models."""

    def __init__(self, module: Module, case: TestCase, setting: Setting) -> None:
        self._module, self._case, self._setting = module, case, setting
        self._fragments = {fragment.name: fragment for fragment in module.fragments}
        plans = (*module.plans, *module.others)
        self._values: dict[str, Any] = {each.name: standard(each) for plan in plans for each in plan.params}
        self._doubles: dict[str, Double] = {}
        self._sessions = MemorySessions()  # of this test alone: its runs are turns of one conversation

    async def run(self) -> Verdict:
        """Run the steps one after the other, then judge every `expect`; a step that fails ends the test."""
        started = perf_counter()
        broken = await self._run()
        failures = [broken] if broken is not None else self._judged()
        return Verdict(
            name=self._case.name,
            failures=tuple(failures),
            calls=self._calls(),
            seconds=perf_counter() - started,
            ended=broken is None,
        )

    async def _run(self) -> Failure | None:
        try:
            self._doubles = {mock.model: self._double(mock) for mock in self._case.mocks}
        except EvaluationError as error:
            return Failure(message=f"a reply of a mock has no value: {error.message}", span=error.span)
        for step in self._case.runs:
            failure = await self._step(step)
            if failure is not None:
                return failure
        return None

    def _judged(self) -> list[Failure]:
        names = {**self._values, **self._asked()}
        judged = [judge(expect, names, self._fragments) for expect in self._case.expects]
        return [failure for failure in judged if failure is not None]

    def _calls(self) -> int:
        return sum(len(double.requests) for double in self._doubles.values())

    def _double(self, mock: Mock) -> Double:
        replies = [self._value(expr) for expr in mock.replies]
        nodes = {name: [self._value(expr) for expr in exprs] for name, exprs in mock.nodes}
        return Double(partial(_mocked, mock.model, Scripted(replies, nodes=nodes)))

    def _value(self, expr: Expr) -> Any:
        return plain(compile_expr(expr, self._fragments)(self._values))

    def _open(self, spec: ModelSpec) -> Backend:
        known = self._doubles.get(spec.name)
        if known is None:
            known = self._doubles[spec.name] = Double(partial(self._taped, spec))
        return known

    async def _taped(self, spec: ModelSpec, request: Request, emit: Emit | None) -> Reply:
        tape = self._setting.tape
        if tape is None:
            message = f"`{request.node}` asks the model `{spec.name}`, and the test has no mock of it"
            raise BackendFault("missing", message, help=f'mock {spec.name} = replies("…")')
        reply = await tape.answer(spec, request, self._case.name, self._calls())
        if emit is not None:
            emit(reply.text)
        return reply

    async def _step(self, step: RunStep) -> Failure | None:
        """Run one plan; its calls are made one at a time, so that the order in which they take replies is one."""
        from msrun.inputs import check_inputs
        from msrun.preflight import refuse_ungranted, searchable
        from msrun.runtime.engine import execute
        from msrun.runtime.journal import MemoryJournal
        from msrun.runtime.tools import open_tool

        plan = self._module.tested(step.plan)
        try:
            inputs = check_inputs(plan, {name: self._value(expr) for name, expr in step.args})
            refuse_ungranted(plan, self._setting.allow)
        except EvaluationError as error:
            return Failure(message=f"an argument has no value: {error.message}", span=error.span)
        except (InputInvalid, NotAllowed) as error:
            return Failure(message=error.message, span=step.span, help=error.help)
        try:
            async with turn_of(plan, self._sessions, "test", None) as talk:
                knowledge = await searchable(plan, Surroundings(root=str(self._setting.root)), {}, by_words=True)
                outcome = await execute(
                    plan,
                    inputs,
                    backends=self._open,
                    tools=partial(open_tool, allow=self._setting.allow, root=self._setting.root, types=plan.types),
                    journal=MemoryJournal(),
                    session=talk,
                    knowledge=lambda spec: knowledge[spec.name],
                    seed=self._setting.seed,
                    width=1,
                )
        except (SessionUnusable, RunFailed) as error:
            return Failure(message=error.message, span=step.span, help=error.help)
        self._values[step.name] = outcome.value
        lacks = [lack for double in self._doubles.values() for lack in double.lacks]
        if lacks:
            notes: tuple[str, ...] = getattr(lacks[0], "notes", ())
            return Failure(message=lacks[0].message, span=step.span, notes=notes, help=lacks[0].help)
        if outcome.failure is None:
            return None
        node = f" at `{outcome.failure.node}`" if outcome.failure.node else ""
        message = f"the run of `{plan.name}` failed{node}: {outcome.failure.message}"
        return Failure(message=message, span=step.span, help=outcome.failure.help)

    def _asked(self) -> dict[str, Any]:
        """Return what `calls(m)` and `sent_to(m)` are, for every model of the file."""
        asked_of: dict[str, Any] = {}
        for name in (*(model.name for model in self._module.models), *self._doubles):
            double = self._doubles.get(name)
            requests = double.requests if double is not None else []
            asked_of[asked("calls", name)] = len(requests)
            texts = [message.content for request in requests for message in request.messages]
            asked_of[asked("sent_to", name)] = "\n".join(texts)
        return asked_of


async def _mocked(model: str, script: Scripted, request: Request, emit: Emit | None) -> Reply:
    try:
        return await script.call(request, emit)
    except BackendFault:
        message = f"the mock of `{model}` has no reply left for `{request.node}`"
        raise BackendFault("missing", message, help="add a reply at its end") from None
