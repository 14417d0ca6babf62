"""A `test` statement becomes a `TestCase`: its runs and mocks are checked against the plans, then what it expects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from msrun.dsl.check.names import UNKNOWN, File, Header, Scope, Symbol
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.calls import arguments
from msrun.dsl.infer.where import Where, imported, truth
from msrun.dsl.kinds.testing import IN_TESTS, RUN, TEST
from msrun.dsl.lower.gather import gather
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.mock import check_mocks, lower_mock
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import chosen
from msrun.dsl.plan import FragmentSpec, Module, Plan
from msrun.dsl.shapes import INT, TEXT, Shape
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.testcase import Expect, Mock, RunStep, TestCase
from msrun.dsl.tree import Arm, Call, Expr, Outcome, Statement

FUNCTIONS: Mapping[str, Symbol] = {
    "calls": Symbol("calls", "function", INT, NOWHERE),
    "sent_to": Symbol("sent_to", "function", TEXT, NOWHERE),
}
"""What a test may ask about a model: the number of calls to it, and the text of all prompts sent to it."""


@dataclass(slots=True)
class Trial:
    """One test under check: its members in the order of the text, and the names of its runs.

    `plans` are those without errors, its own file's and imported ones, by ids.
    """

    file: File
    statement: Statement
    plans: Mapping[str, Plan]
    names: dict[str, Symbol] = field(default_factory=dict[str, Symbol])
    members: list[Statement] = field(default_factory=list[Statement])
    expects: list[Outcome] = field(default_factory=list[Outcome])

    @property
    def where(self) -> Where:
        """The place of an expression of the test: runs so far, functions of tests, the file's names."""
        return Where(self.file, Scope(self.names, Scope(FUNCTIONS, self.file.scope)))


def lower_tests(file: File, statements: Iterable[Statement], plans: Iterable[Plan]) -> tuple[TestCase, ...]:
    """Check the tests of a file; `plans` are its own, none where it has errors."""
    lowered = {plan.name: plan for plan in plans}
    if not file.errors:
        lowered.update({name: gather(file, plan) for name, plan in file.plans.items() if name not in lowered})
    seen: dict[str, Span] = {}
    tests: list[TestCase] = []
    for statement in statements:
        if statement.name is not None and statement.name.text in seen:
            file.say("E0102", statement.name.span, seen[statement.name.text], name=statement.name.text)
        elif statement.name is not None:
            seen[statement.name.text] = statement.name.span
        tests.append(_lower(Trial(file, statement, lowered)))
    return tuple(tests)


def fragments_of(file: File, tests: Iterable[TestCase]) -> tuple[FragmentSpec, ...]:
    """Return the fragments that the tests name, and those that these are made of, in the order of the text."""
    exprs: list[Expr] = []
    for test in tests:
        exprs += [expect.expr for expect in test.expects]
        exprs += [value for run in test.runs for _, value in run.args]
        exprs += [reply for mock in test.mocks for reply in mock.replies]
        exprs += [reply for mock in test.mocks for _, replies in mock.nodes for reply in replies]
    pending = [name for name in names_in(*exprs) if name in file.fragments]
    seen = set(pending)
    while pending:
        for name in names_in(file.fragments[pending.pop()].text):
            if name in file.fragments and name not in seen:
                seen.add(name)
                pending.append(name)
    return tuple(spec for name, spec in file.fragments.items() if name in seen)


def _lower(trial: Trial) -> TestCase:
    statement, file = trial.statement, trial.file
    check_header(file, statement, TEST)
    chosen(file, statement.block, (), "test")
    _sort(trial)
    runs = [run for member in _of(trial, "run") if (run := _run(trial, member)) is not None]
    mocks: dict[str, Mock] = {}
    written: list[tuple[Mock, Statement]] = []
    for member in _of(trial, "mock"):
        mock = lower_mock(Where(file, file.scope), member, mocks)
        if mock is not None:
            mocks[mock.model] = mock
            written.append((mock, member))
    if len(runs) == len(_of(trial, "run")):
        check_mocks(file, written, runs, trial.plans)
    expects = [_expect(trial, outcome) for outcome in trial.expects]
    if not expects:
        _warn(trial, runs)
    name = statement.name.text if statement.name else ""
    return TestCase(
        name=name, mocks=tuple(mocks.values()), runs=tuple(runs), expects=tuple(expects), span=statement.span
    )


def _sort(trial: Trial) -> None:
    """Sort what stands in the braces; whatever is no part of a test is reported."""
    for item in trial.statement.block.items if trial.statement.block else ():
        match item:
            case Statement() if item.kind.text in IN_TESTS:
                trial.members.append(item)
            case Statement():
                trial.file.miss("E0103/test", item.kind.text, item.kind.span, list(IN_TESTS))
                trial.file.used.update(names_in(item))
            case Outcome("expect"):
                trial.expects.append(item)
            case Outcome(word):
                trial.file.miss("E0103/test", word, item.word_span, list(IN_TESTS))
            case Arm():
                trial.file.miss("E0103/test", "case", item.span, list(IN_TESTS))
            case _:
                pass


def _of(trial: Trial, kind: str) -> list[Statement]:
    return [member for member in trial.members if member.kind.text == kind]


def _run(trial: Trial, statement: Statement) -> RunStep | None:
    """Check a run's plan and arguments, and make its name known with what the plan gives."""
    file = trial.file
    check_header(file, statement, RUN)
    source = statement.clause("from")
    step, shape = _called(trial, source.value) if source is not None else (None, UNKNOWN)
    if statement.name is None:
        return None
    name = statement.name.text
    known = trial.names.get(name) or file.symbols.get(name)
    if known is not None and known.what in ("node", "fragment", "tool", "param"):
        file.say("E0102", statement.name.span, known.span, name=name)
        return None
    trial.names[name] = Symbol(name, "node", shape, statement.name.span, "run")
    file.note(statement.name.span, trial.names[name])
    if step is None:
        return None
    return RunStep(name=name, plan=step[0], args=step[1], span=statement.span)


def _called(trial: Trial, expr: Expr) -> tuple[tuple[str, tuple[tuple[str, Expr], ...]] | None, Shape]:
    """Return the plan that is run, its arguments, and what it gives; None where it was reported."""
    file, where = trial.file, trial.where
    callee = expr.callee if isinstance(expr, Call) else expr
    name = imported(where, callee)
    symbol = file.symbols.get(name)
    header = file.headers.get(symbol.key) if symbol is not None and symbol.what == "plan" else None
    if symbol is not None and header is not None and isinstance(expr, Call):
        file.mark(name, callee.span)
        bound = arguments(where, expr, header.inputs)
        return (symbol.key, tuple((key, rewrite(value, where.rewrites)) for key, value in bound)), _result(header)
    if symbol is None and name:
        if not file.absent(name, callee.span):
            file.miss("E0101/plan", name, callee.span, file.named("plan"))
    elif symbol is None or symbol.shape != UNKNOWN:  # else the import was reported
        file.say("E0202/run", expr.span, example=_example(trial, name))
    if isinstance(expr, Call):
        for argument in expr.args:
            where.shape(argument.value)
    return None, UNKNOWN


def _result(header: Header) -> Shape:
    return UNKNOWN if header.result is None else header.result


def _example(trial: Trial, name: str) -> str:
    plans = trial.file.named("plan")
    plan = name if name in plans else next(iter(plans), "ask")
    header = trial.file.headers.get(trial.file.id(plan))
    params = header.inputs if header is not None else ()
    return f"{plan}({', '.join(f'{each.name}: …' for each in params if each.required)})"


def _expect(trial: Trial, outcome: Outcome) -> Expect:
    where = trial.where
    truth(where, outcome.value)
    span = _inside(trial.file, Span(outcome.word_span.end, outcome.span.end))
    return Expect(expr=rewrite(outcome.value, where.rewrites), source=trial.file.written(span), span=span)


def _inside(file: File, span: Span) -> Span:
    """Return a span without the blanks at its ends; brackets around an expression are no part of its own span."""
    text = file.written(span)
    return Span(span.start + len(text) - len(text.lstrip()), span.end - len(text) + len(text.rstrip()))


def _warn(trial: Trial, runs: list[RunStep]) -> None:
    head = trial.statement.name or trial.statement.kind
    example = f"{runs[0].name} != null" if runs else "calls(small) == 1"
    trial.file.say("W0406", head.span, name=head.text, example=example)


def with_tests(file: File, module: Module, tests: tuple[TestCase, ...]) -> Module:
    """Return the module with its tests and what they name."""
    own = {plan.name for plan in module.plans}
    run = dict.fromkeys(step.plan for test in tests for step in test.runs if step.plan not in own)
    others = tuple(gather(file, file.plans[name]) for name in run if name in file.plans)
    return replace(module, tests=tests, fragments=fragments_of(file, tests), others=others)
