"""A `plan` statement becomes a `Plan`: its nodes checked after what they read, and all that it needs with it."""

from dataclasses import dataclass, field

from msrun.dsl.check.names import UNKNOWN, File, Symbol
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.order import order
from msrun.dsl.infer.types import resolve
from msrun.dsl.infer.where import Where, truth, wants
from msrun.dsl.kinds import declared
from msrun.dsl.kinds.common import TEXTS
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.declared import Defaults, inputs
from msrun.dsl.lower.draft import Bench
from msrun.dsl.lower.gather import gather
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.kinds import kind_in_plan
from msrun.dsl.lower.limits import bounds, limits_of
from msrun.dsl.lower.node import lower_node
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import settings_of
from msrun.dsl.plan import Check, Input, Node, Plan
from msrun.dsl.shapes import CellOf, ListOf, MapOf, Maybe, Shape, UnionOf
from msrun.dsl.tree import Arm, Expr, Outcome, Statement, TypeExpr


@dataclass(slots=True)
class Body:
    """What stands between a plan's braces: its nodes by name, what it returns and expects, who reads what."""

    nodes: dict[str, Statement] = field(default_factory=dict[str, Statement])
    specs: dict[str, KindSpec | None] = field(default_factory=dict[str, "KindSpec | None"])
    returns: list[Outcome] = field(default_factory=list[Outcome])
    expects: list[Outcome] = field(default_factory=list[Outcome])
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def lower_plan(file: File, statement: Statement, defaults: Defaults, params: tuple[Input, ...]) -> Plan | None:
    """Check a plan and return it, None where something in its file was reported so far."""
    check_header(file, statement, declared.PLAN)
    own = bounds(file, statement.block, declared.PLAN.settings, "plan")
    found, names = inputs(file, statement.params or ())
    bench = Bench(file, statement.name.text if statement.name else "", names, defaults.model, defaults.policy)
    for symbol in names.values():
        _check_hidden(bench, symbol)
    written = resolve(file, statement.result) if statement.result else None
    body = _body(bench, statement)
    nodes = _nodes(bench, body)
    returns, result = _returns(bench, statement, body, written)
    expects = tuple(_expect(bench, outcome) for outcome in body.expects)
    _check_unused(bench, body)
    if returns is None or file.errors:
        return None
    plan = Plan(
        name=bench.plan,
        inputs=found,
        params=params,
        result=result,
        nodes=nodes,
        returns=returns,
        expects=expects,
        limits=limits_of(file, bench.plan, own),
        file=file.source.name,
    )
    return gather(file, plan, bench.fragments)


def _body(bench: Bench, statement: Statement) -> Body:
    """Sort what stands in the braces; every node's name is known before any is checked, for the order means nothing."""
    body = Body()
    for item in statement.block.items if statement.block else ():
        match item:
            case Statement():
                _declare(bench, body, item)
            case Outcome("return"):
                body.returns.append(item)
            case Outcome("expect"):
                body.expects.append(item)
            case Outcome(word):
                bench.file.say("E0103/outcome", item.word_span, name=word)
            case Arm():
                bench.file.say("E0103/outcome", item.span, name="case")
            case _:
                pass
    for name, node in body.nodes.items():
        body.reads[name] = _reads(bench, node, body.specs[name])
    return body


def _declare(bench: Bench, body: Body, statement: Statement) -> None:
    spec = kind_in_plan(bench, statement)
    head = statement.name or statement.kind
    name = head.text if statement.name and head.text else f"({statement.kind.text} at {statement.span.start})"
    if name in bench.names:
        bench.file.say("E0102", head.span, bench.names[name].span, name=name)
        name = f"({name} at {statement.span.start})"
    body.nodes[name] = statement
    body.specs[name] = spec
    bench.names[name] = Symbol(name, "node", UNKNOWN, head.span, statement.kind.text)
    _check_hidden(bench, bench.names[name])


def _check_hidden(bench: Bench, symbol: Symbol) -> None:
    """A plan's name that is also a fragment, tool or param of the file would leave open which of them is meant."""
    other = bench.file.symbols.get(symbol.name)
    if other is not None and other.what in ("fragment", "tool", "param", "import"):
        bench.file.say("E0102", symbol.span, other.span, name=symbol.name)


def _reads(bench: Bench, statement: Statement, spec: KindSpec | None) -> tuple[str, ...]:
    """The inputs and nodes that a node needs, in the order they are first named; never its own binders."""
    exprs: list[Expr | TypeExpr | Statement] = [] if statement.value is None else [statement.value]
    exprs += [clause.value for clause in statement.clauses if clause.word != "using"]
    own = {clause.name.text for clause in statement.clauses if clause.name is not None}
    if spec is None:
        exprs.append(statement)
    else:
        exprs += [s.value for s in settings_of(statement.block) if s.key.text in TEXTS]
    return tuple(dict.fromkeys(name for name in names_in(*exprs) if name in bench.names and name not in own))


def _nodes(bench: Bench, body: Body) -> tuple[Node, ...]:
    """Check the nodes, each after what it reads; return those that can run in the order of the text."""
    graph = {
        name: [read for read in reads if read in body.nodes] if body.specs[name] else []
        for name, reads in body.reads.items()
    }
    names, cycles = order(graph)
    for cycle in cycles:
        bench.file.say("E0301", bench.names[cycle[0]].span, name=cycle[0], path=" → ".join(cycle))
    made: dict[str, Node] = {}
    for name in names:
        spec, statement = body.specs[name], body.nodes[name]
        if spec is None:
            bench.file.used.update(names_in(statement))
            continue
        node, shape = lower_node(bench, statement, spec, body.reads[name])
        bench.names[name] = Symbol(name, "node", shape, bench.names[name].span, spec.name)
        if node is not None:
            made[name] = node
    return tuple(made[name] for name in body.nodes if name in made)


def _returns(bench: Bench, statement: Statement, body: Body, wanted: Shape | None) -> tuple[Expr | None, Shape]:
    """Check `return`; return its expression and what the plan gives."""
    if not body.returns:
        head = statement.name or statement.kind
        last = next(reversed(body.nodes), "answer")
        bench.file.say("E0302", head.span, name=head.text, last=last if "(" not in last else "answer")
        return None, UNKNOWN
    for second in body.returns[1:]:
        bench.file.say("E0303/return", second.word_span, body.returns[0].word_span)
    value = body.returns[0].value
    where = Where(bench.file, bench.scope)
    if wanted is None:
        given = where.shape(value)
    else:
        at = statement.result.span if statement.result else statement.kind.span
        given = wants(where, value, wanted, "E0209", at)
    return rewrite(value, where.rewrites), wanted if wanted is not None else as_values(given)


def as_values(shape: Shape) -> Shape:
    """Return a shape with its cells read as their values."""
    match shape:
        case CellOf(_, value):
            return as_values(value)
        case ListOf(item, bounds):
            return ListOf(as_values(item), bounds)
        case MapOf(item):
            return MapOf(as_values(item))
        case Maybe(item):
            return Maybe(as_values(item))
        case UnionOf(options):
            return UnionOf(tuple(map(as_values, options)))
        case _:
            return shape


def _expect(bench: Bench, outcome: Outcome) -> Check:
    where = Where(bench.file, bench.scope)
    truth(where, outcome.value)
    reads = dict.fromkeys(name for name in names_in(outcome.value) if name in bench.names)
    return Check(expr=rewrite(outcome.value, where.rewrites), reads=tuple(reads), span=outcome.span)


def _check_unused(bench: Bench, body: Body) -> None:
    """Warn of nodes and inputs that nothing reads. A name that a misspelling may have meant counts as read."""
    if not body.returns:
        return
    read = {name for reads in body.reads.values() for name in reads}
    read.update(name for outcome in (*body.returns, *body.expects) for name in names_in(outcome.value))
    for name, symbol in bench.names.items():
        if name in read or name in bench.file.used or (name in body.nodes and body.specs[name] is None) or "(" in name:
            continue
        bench.file.say("W0403" if symbol.what == "input" else "W0401", symbol.span, name=name, kind=symbol.kind)
