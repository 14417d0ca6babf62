"""A `plan` statement becomes a `Plan`: its nodes checked after what they read. What it names is gathered later."""

from msrun.dsl.check.names import UNKNOWN, File, Header
from msrun.dsl.check.private import check_private
from msrun.dsl.infer.fit import as_values
from msrun.dsl.infer.types import parts, resolve
from msrun.dsl.infer.where import wants
from msrun.dsl.kinds import declared
from msrun.dsl.lower.body import Members, Owner, check_hidden, check_unused, lower_expects, lower_nodes, members
from msrun.dsl.lower.declared import Defaults, inputs
from msrun.dsl.lower.draft import Bench
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.limits import bounds, limits_of
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.session import check_updates, enter, said
from msrun.dsl.plan import Input, Plan
from msrun.dsl.shapes import Scalar, Shape
from msrun.dsl.tree import Expr, Statement

OWNER = Owner("a plan", "a plan ends with `return answer`", ("return", "expect"))


def plan_header(file: File, statement: Statement) -> Header:
    """Return what a plan takes and promises; what is wrong in it is said when the plan is lowered."""
    before = len(file.found)
    found, _ = inputs(file, statement.params or ())
    result = resolve(file, statement.result) if statement.result else None
    file.forget(before)
    return Header(found, result, statement.clause("within") is not None)


def lower_plan(file: File, statement: Statement, defaults: Defaults, params: tuple[Input, ...]) -> Plan | None:
    """Check a plan and return it without what it names, None where something in its file was reported so far."""
    check_header(file, statement, declared.PLAN)
    own = bounds(file, statement.block, declared.PLAN.settings, "plan")
    found, names = inputs(file, statement.params or ())
    name = statement.name.text if statement.name else ""
    bench = Bench(file, name, names, defaults.model, defaults.policy)
    for symbol in names.values():
        check_hidden(bench, symbol)
        file.note(symbol.span, symbol)
    enter(bench, statement)
    check_updates(file, statement.block)
    written = resolve(file, statement.result) if statement.result else None
    inside = members(bench, statement.block.items if statement.block else (), OWNER)
    nodes = lower_nodes(bench, inside)
    returns, result = _returns(bench, statement, inside, written)
    check_private(bench, nodes, found, returns)
    expects = lower_expects(bench, inside)
    if returns is not None:
        check_unused(bench, inside)
    file.headers[file.id(name)] = Header(found, result, bench.session is not None)
    if returns is None or file.errors:
        return None
    return Plan(
        name=file.id(name),
        inputs=found,
        params=params,
        result=result,
        nodes=nodes,
        returns=returns,
        expects=expects,
        limits=limits_of(file, file.id(name), own),
        fragments=tuple(bench.fragments.values()),
        session=file.sessions.get(bench.session) if bench.session else None,
        said=said(found, nodes) if bench.session else None,
        file=file.source.name,
    )


def _returns(bench: Bench, statement: Statement, inside: Members, wanted: Shape | None) -> tuple[Expr | None, Shape]:
    """Check `return`; return its expression and what the plan gives."""
    returns = inside.of("return")
    if not returns:
        head = statement.name or statement.kind
        last = next(reversed(inside.nodes), "answer")
        bench.file.say("E0302", head.span, name=head.text, last=last if "(" not in last else "answer")
        return None, UNKNOWN if wanted is None else wanted
    for second in returns[1:]:
        bench.file.say("E0303/return", second.word_span, returns[0].word_span)
    value = returns[0].value
    where = bench.where
    if wanted is None:
        given = where.shape(value)
        if any(part == Scalar("secret") for part in parts(given)):
            bench.file.say("E0308/value", value.span)
    else:
        at = statement.result.span if statement.result else statement.kind.span
        given = wants(where, value, wanted, "E0209", at)
    return rewrite(value, where.rewrites), wanted if wanted is not None else as_values(given)
