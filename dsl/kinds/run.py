"""`run`: another plan, or the same one again, once or for every item of a list."""

from msrun.dsl.check.names import UNKNOWN, Header, Symbol, a
from msrun.dsl.infer.calls import arguments
from msrun.dsl.infer.where import imported, path
from msrun.dsl.kinds.common import GROUPED
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.plan import Subplan
from msrun.dsl.tree import Call, Expr

SPEC = KindSpec(
    name="run",
    family="reasoning",
    help="run another plan and take its value",
    clauses=frozenset({"from", "for", "given", "when", "samples", "limit"}),
    needs=("from",),
    settings=GROUPED,
    example="run verdict from check(claim: answer)",
)


def lower(draft: Draft) -> Lowered | None:
    """Run the plan after `from` with its arguments; one that can reach itself again needs a `limit`."""
    clause = draft.clause("from")
    if clause is None:
        return None
    found = _plan(draft, clause.value)
    if found is None or not isinstance(clause.value, Call):
        for argument in clause.value.args if isinstance(clause.value, Call) else ():
            draft.where.shape(argument.value)
        return None
    symbol, header = found
    _check_bound(draft, symbol)
    if header.within:
        draft.file.say("E0311/run", clause.value.span, symbol.span, name=symbol.name)
    bound = arguments(draft.where, clause.value, header.inputs)
    shape = header.result
    if shape is None:
        draft.file.say("E0206/result", clause.value.span, symbol.span, name=symbol.name)
        shape = UNKNOWN
    args = tuple((name, rewrite(value, draft.where.rewrites)) for name, value in bound)
    return Lowered(Subplan(plan=symbol.key, args=args), shape, shape)


def _plan(draft: Draft, expr: Expr) -> tuple[Symbol, Header] | None:
    """The plan that is run; anything else is reported. A node may have the name of a plan: here the plan is meant."""
    file = draft.file
    callee = expr.callee if isinstance(expr, Call) else expr
    name = imported(draft.where, callee)
    symbol = file.symbols.get(name)
    if not name:
        if not isinstance(expr, Call):
            draft.where.shape(expr)
        file.say("E0202/plan", callee.span, name=path(callee) or "this", what="a value")
    elif symbol is None:
        if draft.where.scope.find(name) is not None:
            file.used.add(name)
            file.say("E0202/plan", callee.span, name=name, what="a value")
        elif not file.absent(name, callee.span):
            file.miss("E0101/plan", name, callee.span, file.named("plan"))
    elif symbol.what != "plan":
        file.mark(name, callee.span)
        if symbol.shape != UNKNOWN:  # else the import was reported
            file.say("E0202/plan", callee.span, symbol.span, name=name, what=a(symbol.what))
    elif not isinstance(expr, Call):
        file.mark(name, callee.span)
        file.say("E0305/plan", expr.span, symbol.span, name=name)
    else:
        file.mark(name, callee.span)
        header = file.headers.get(symbol.key)
        return None if header is None else (symbol, header)
    return None


def _check_bound(draft: Draft, symbol: Symbol) -> None:
    """A run that can lead back to itself must say how often; a limit on any other would bound nothing."""
    plan, limit = draft.bench.plan, draft.clause("limit")
    again = not symbol.imported and (symbol.name == plan or plan in draft.file.reach.get(symbol.name, ()))
    if again and limit is None:
        draft.file.say("E0304/run", draft.statement.kind.span, name=draft.name, plan=symbol.name)
    elif limit is not None and not again:
        draft.file.say("E0104/bound", limit.span, fix="", plan=symbol.name)
