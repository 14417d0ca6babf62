"""Tests of a plan file: each runs its plans through the engine, with replies written down in the place of models.

Nothing is sent anywhere: a model without a mock is never opened, its first call fails the test.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from msrun.backends.port import Backend, BackendFault, Emit, Reply, Request
from msrun.backends.scripted import Scripted
from msrun.dsl.lower.rewrite import asked
from msrun.dsl.plan import FragmentSpec, ModelSpec, Module
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.testcase import Expect, Mock, RunStep, TestCase
from msrun.dsl.tree import Binary, Call, Constant, Expr, Get, Index, Pipe, Ref, Text, Unary
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.fragments import standard
from msrun.dsl.values.plain import EvaluationError, compact, plain
from msrun.errors import InputInvalid, NotAllowed

JOBS = 8
"""Tests at the same time."""

SHOWN = 160
"""Characters of a value that a failure shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a test failed: one sentence, the place it is about, what values had a part in it, and what to do."""

    message: str
    span: Span = NOWHERE
    notes: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one test ended. `calls` counts the calls to its mocks, `seconds` is the time it took."""

    name: str
    failures: tuple[Failure, ...] = ()
    calls: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


@dataclass(slots=True, eq=False)
class Double:
    """Stands in for a model: replies from its mock's script, and remembers what it was asked and had no reply to."""

    model: str
    script: Scripted | None
    requests: list[Request] = field(default_factory=list[Request])
    lacks: list[BackendFault] = field(default_factory=list[BackendFault])

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        """Answer one request. Raises BackendFault `missing` where no reply is left."""
        self.requests.append(request)
        if self.script is None:
            raise self._lack(
                f"`{request.node}` asks the model `{self.model}`, and the test has no mock of it",
                f'mock {self.model} = replies("…")',
            )
        try:
            return await self.script.call(request, emit)
        except BackendFault:
            raise self._lack(
                f"the mock of `{self.model}` has no reply left for `{request.node}`",
                "add a reply at its end",
            ) from None

    async def aclose(self) -> None:
        """Nothing is open."""

    def _lack(self, message: str, help_: str) -> BackendFault:
        self.lacks.append(BackendFault("missing", message, help=help_))
        return self.lacks[-1]


def run_tests(
    module: Module,
    *,
    wanted: Callable[[str], bool] = bool,
    jobs: int = JOBS,
    seed: int = 0,
    allow: Sequence[str] = (),
    root: Path = Path(),
) -> tuple[Verdict, ...]:
    """Run the tests of a module whose names are wanted and return a verdict for each, in the order of the text.

    jobs: tests at the same time. allow: grants of tools (`tool:web`), which are called as in any run; `root` is the
    folder that their modules are looked up in. Inside a running event loop use `arun_tests`.
    """
    import anyio

    return anyio.run(partial(arun_tests, module, wanted=wanted, jobs=jobs, seed=seed, allow=allow, root=root))


async def arun_tests(
    module: Module,
    *,
    wanted: Callable[[str], bool] = bool,
    jobs: int = JOBS,
    seed: int = 0,
    allow: Sequence[str] = (),
    root: Path = Path(),
) -> tuple[Verdict, ...]:
    """Do what `run_tests` does inside an event loop."""
    import anyio

    cases = [case for case in module.tests if wanted(case.name)]
    verdicts: dict[int, Verdict] = {}
    places = anyio.CapacityLimiter(max(1, jobs))

    async def run(at: int, case: TestCase) -> None:
        async with places:
            verdicts[at] = await _Trial(module, case, seed, tuple(allow), root).run()

    async with anyio.create_task_group() as group:
        for at, case in enumerate(cases):
            group.start_soon(run, at, case)
    return tuple(verdicts[at] for at in range(len(cases)))


class _Trial:
    """One test on its way: the values of its names so far, and the stand-ins for the models."""

    def __init__(self, module: Module, case: TestCase, seed: int, allow: tuple[str, ...], root: Path) -> None:
        self._module, self._case = module, case
        self._seed, self._allow, self._root = seed, allow, root
        self._fragments = {fragment.name: fragment for fragment in module.fragments}
        self._values: dict[str, Any] = {each.name: standard(each) for plan in module.plans for each in plan.params}
        self._doubles: dict[str, Double] = {}

    async def run(self) -> Verdict:
        """Run the steps one after the other, then judge every `expect`; a step that fails ends the test."""
        started = perf_counter()
        failures = await self._failures()
        calls = sum(len(double.requests) for double in self._doubles.values())
        return Verdict(name=self._case.name, failures=tuple(failures), calls=calls, seconds=perf_counter() - started)

    async def _failures(self) -> list[Failure]:
        try:
            self._doubles = {mock.model: self._double(mock) for mock in self._case.mocks}
        except EvaluationError as error:
            return [Failure(message=f"a reply of a mock has no value: {error.message}", span=error.span)]
        for step in self._case.runs:
            failure = await self._step(step)
            if failure is not None:
                return [failure]
        names = {**self._values, **self._asked()}
        judged = [judge(expect, names, self._fragments) for expect in self._case.expects]
        return [failure for failure in judged if failure is not None]

    def _double(self, mock: Mock) -> Double:
        replies = [self._value(expr) for expr in mock.replies]
        nodes = {name: [self._value(expr) for expr in exprs] for name, exprs in mock.nodes}
        return Double(mock.model, Scripted(replies, nodes=nodes))

    def _value(self, expr: Expr) -> Any:
        return plain(compile_expr(expr, self._fragments)(self._values))

    def _open(self, spec: ModelSpec) -> Backend:
        return self._doubles.setdefault(spec.name, Double(spec.name, None))

    async def _step(self, step: RunStep) -> Failure | None:
        """Run one plan; its calls are made one at a time, so that the order in which they take replies is one."""
        from msrun.inputs import check_inputs
        from msrun.preflight import refuse_ungranted
        from msrun.runtime.engine import execute
        from msrun.runtime.journal import MemoryJournal
        from msrun.runtime.tools import open_tool

        plan = self._module.plan(step.plan)
        try:
            inputs = check_inputs(plan, {name: self._value(expr) for name, expr in step.args})
            refuse_ungranted(plan, self._allow)
        except EvaluationError as error:
            return Failure(message=f"an argument has no value: {error.message}", span=error.span)
        except (InputInvalid, NotAllowed) as error:
            return Failure(message=error.message, span=step.span, help=error.help)
        outcome = await execute(
            plan,
            inputs,
            backends=self._open,
            tools=partial(open_tool, allow=self._allow, root=self._root, types=plan.types),
            journal=MemoryJournal(),
            seed=self._seed,
            width=1,
        )
        self._values[step.name] = outcome.value
        lacks = [lack for double in self._doubles.values() for lack in double.lacks]
        if lacks:
            return Failure(message=lacks[0].message, span=step.span, help=lacks[0].help)
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


def judge(expect: Expect, names: Mapping[str, Any], fragments: Mapping[str, FragmentSpec]) -> Failure | None:
    """Return why an `expect` does not hold, None where it does."""
    try:
        held = compile_expr(expect.expr, fragments)(names)
    except EvaluationError as error:
        return Failure(message=f"this has no value: {error.message}", span=expect.span)
    if held is True:
        return None
    notes = dict.fromkeys(_notes(expect, expect.expr, names, fragments))
    source = " ".join(expect.source.split())
    return Failure(message=f"this does not hold: {source}".rstrip(": "), span=expect.span, notes=tuple(notes))


def _notes(
    expect: Expect, expr: Expr, names: Mapping[str, Any], fragments: Mapping[str, FragmentSpec]
) -> Iterator[str]:
    """Say what the parts of a condition were: `calls(worker)` was 3, expected 2."""
    match expr:
        case Binary("and" | "or", left, right):
            for side in (left, right):
                if _value(side, names, fragments) != "true":
                    yield from _notes(expect, side, names, fragments)
        case Unary("not", operand):
            yield from _notes(expect, operand, names, fragments)
        case Binary("==", left, Constant() | Text() as right):
            wanted = _value(right, names, fragments)
            yield f"`{_written(expect, left)}` was {_value(left, names, fragments)}, expected {wanted}"
        case Binary(_, left, right):
            yield from _parts(expect, (left, right), names, fragments)
        case Pipe(base, _, args):
            arguments = [argument.value for argument in args or ()]
            yield from _parts(expect, (base, *arguments), names, fragments)
        case _:
            yield from _parts(expect, (expr,), names, fragments)


def _parts(
    expect: Expect, parts: Sequence[Expr], names: Mapping[str, Any], fragments: Mapping[str, FragmentSpec]
) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Ref | Get | Index | Pipe | Call | Binary):
            value = _value(part, names, fragments)
            if value:
                yield f"`{_written(expect, part)}` was {value}"


def _value(expr: Expr, names: Mapping[str, Any], fragments: Mapping[str, FragmentSpec]) -> str:
    """Print what an expression gives; nothing where it gives nothing on its own, such as `.score`."""
    try:
        text = compact(compile_expr(expr, fragments)(names))
    except EvaluationError:
        return ""
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _written(expect: Expect, part: Expr) -> str:
    """Return a part of an `expect` as it is written in the file."""
    start, end = part.span.start - expect.span.start, part.span.end - expect.span.start
    return expect.source[start:end] if 0 <= start < end <= len(expect.source) else "a part of it"
