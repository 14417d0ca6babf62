"""A `mock` of a test: the replies of a model, checked against the nodes that the test's runs are certain to call."""

from collections.abc import Iterable, Mapping

from msrun.dsl.check.names import File, a
from msrun.dsl.check.notes import Part
from msrun.dsl.infer.where import Where, wants
from msrun.dsl.kinds.testing import MOCK
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.nested import plan_nodes
from msrun.dsl.plan import Ask, Node, Plan
from msrun.dsl.shapes import JSON
from msrun.dsl.source import Span
from msrun.dsl.testcase import Mock, RunStep
from msrun.dsl.tree import Argument, Call, Constant, Expr, ListExpr, Ref, Statement


def lower_mock(where: Where, statement: Statement, known: Mapping[str, Mock]) -> Mock | None:
    """Check one mock; `known` are those of the test that stand above it. None where it stands in for nothing."""
    file = where.file
    check_header(file, statement, MOCK)
    replies = _replies(where, statement)
    if statement.name is None or not statement.name.text:
        return None
    name, span = statement.name.text, statement.name.span
    symbol = file.model(name)
    if symbol is not None:
        file.note(span, symbol)
    if symbol is None:
        file.miss("E0805", name, span, file.named("model"))
    elif symbol.what != "model":
        file.say("E0805/other", span, symbol.span, name=name, what=a(symbol.kind))
    elif symbol.key in known:
        file.say("E0102", span, known[symbol.key].span, name=name)
    elif replies is not None:
        return Mock(model=symbol.key, replies=replies[0], nodes=replies[1], span=span)
    return None


def _replies(
    where: Where, statement: Statement
) -> tuple[tuple[Expr, ...], tuple[tuple[str, tuple[Expr, ...]], ...]] | None:
    """Read `replies(a, b, node: [c, d])`."""
    value = statement.value
    if value is None:
        return None
    if not isinstance(value, Call) or not isinstance(value.callee, Ref) or value.callee.name != "replies":
        where.file.say("E0202/mock", value.span, name=statement.name.text if statement.name else "small")
        return None
    before = where.file.errors
    shared = [_reply(where, argument.value) for argument in value.args if argument.name is None]
    nodes: dict[str, tuple[Expr, ...]] = {}
    for argument in value.args:
        if argument.name is None:
            continue
        if argument.name in nodes:
            where.file.say("E0207/twice", argument.span, name=argument.name, owner="replies")
        nodes[argument.name] = _of_node(where, argument)
    return (tuple(shared), tuple(nodes.items())) if where.file.errors == before else None


def _reply(where: Where, expr: Expr) -> Expr:
    """Anything that is JSON may be a reply, of the wrong type too: tests try what a plan does with it."""
    wants(where, expr, JSON)
    return rewrite(expr, where.rewrites)


def _of_node(where: Where, argument: Argument) -> tuple[Expr, ...]:
    if not isinstance(argument.value, ListExpr):
        where.file.say("E0202/of_node", argument.value.span, name=argument.name or "answer")
        return ()
    return tuple(_reply(where, item) for item in argument.value.items)


def check_mocks(
    file: File, mocks: Iterable[tuple[Mock, Statement]], runs: Iterable[RunStep], plans: Mapping[str, Plan]
) -> None:
    """Report mocks that no run can reach, and those with fewer replies than the runs are certain to ask for.

    Nothing is said where a plan has errors of its own.
    """
    steps = list(runs)
    if any(step.plan not in plans for step in steps):
        return
    for mock, statement in mocks:
        asking = [(step, node) for step in steps for node in plan_nodes(plans[step.plan]) if _asks(node, mock.model)]
        if not asking:
            file.say("W0407", mock.span, name=file.written(mock.span))
            continue
        names = list(dict.fromkeys(str(node.id) for _, node in asking))
        keyed = dict(mock.nodes)
        for name in keyed:
            if name not in names:
                file.miss("E0805/node", name, _written(statement, name), names, model=file.written(mock.span))
            for step, node in asking:
                if node.id == name:
                    file.note(_written(statement, name), Part(step.plan, name))
        for name, replies in keyed.items():
            _check_count(file, mock, len(replies), [(s, n) for s, n in asking if n.id == name], plans)
        _check_count(file, mock, len(mock.replies), [(s, n) for s, n in asking if n.id not in keyed], plans)


def _written(statement: Statement, node: str) -> Span:
    args = statement.value.args if isinstance(statement.value, Call) else ()
    return next((argument.name_span for argument in args if argument.name == node), statement.span)


def _asks(node: Node, model: str) -> bool:
    return isinstance(node.action, Ask) and node.action.model == model


def _check_count(
    file: File, mock: Mock, count: int, asking: list[tuple[RunStep, Node]], plans: Mapping[str, Plan]
) -> None:
    needed = 0
    first: Span | None = None
    for step, node in asking:
        certain = certain_calls(plans[step.plan], node)
        needed += certain
        first = step.span if certain and first is None else first
    if needed > count and first is not None:
        name = file.written(mock.span)
        file.say("E0806", mock.span, first, model=name, calls=str(needed), count=str(count))


def certain_calls(plan: Plan, node: Node) -> int:
    """Return how many calls a node makes in every run of its plan that does not fail: 0 where that is open.

    A fan-out may have no items; a node with `when`, and what reads one that may be skipped, may not run at all; how
    often a node inside another one runs, or one of a plan that is run, is left open.
    """
    nodes = {str(each.id): each for each in plan.nodes}
    if node.over is not None or nodes.get(str(node.id)) is not node:
        return 0
    pending, seen = [str(node.id)], {str(node.id)}
    while pending:
        at = nodes[pending.pop()]
        skipped = at is not node and at.over is None and at.policy.on_error == "skip"
        if at.when is not None or skipped:
            return 0
        new = [read for read in at.reads if read in nodes and read not in seen]
        seen.update(new)
        pending += new
    match node.samples:
        case None:
            return 1
        case Constant(int() as count) if not isinstance(count, bool):
            return count
        case _:
            return 0
