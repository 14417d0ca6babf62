"""`call`: a tool, once or for every item of a list."""

from msrun.dsl.check.names import a
from msrun.dsl.infer.calls import arguments, secret_name
from msrun.dsl.infer.where import imported
from msrun.dsl.kinds.common import FAILING, POLICY
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.plan import Invoke, ToolSpec
from msrun.dsl.shapes import ListOf
from msrun.dsl.tree import Call, Expr

SPEC = KindSpec(
    name="call",
    family="reasoning",
    help="call a tool",
    clauses=frozenset({"from", "for", "given", "when"}),
    needs=("from",),
    settings=(*POLICY, *FAILING),
    example="call pages from web(query: question)",
)


def lower(draft: Draft) -> Lowered | None:
    """Call the tool after `from` with its arguments; a list it returns may be handed on item by item."""
    clause = draft.clause("from")
    if clause is None:
        return None
    tool = _tool(draft, clause.value)
    if tool is None or not isinstance(clause.value, Call):
        return None
    bound = arguments(draft.where, clause.value, tool.params)
    secrets = {name: found for name, value in bound if (found := secret_name(draft.where, value)) is not None}
    args = tuple((name, rewrite(value, draft.where.rewrites)) for name, value in bound if name not in secrets)
    action = Invoke(
        tool=tool.name,
        args=args,
        secrets=tuple(secrets.items()),
        stream_items=isinstance(tool.result, ListOf) and draft.over is None,
    )
    return Lowered(action, tool.result, tool.result)


def _tool(draft: Draft, expr: Expr) -> ToolSpec | None:
    """The tool that is called; anything else is reported."""
    callee = expr.callee if isinstance(expr, Call) else expr
    name = imported(draft.where, callee)
    if not name:
        draft.where.shape(expr)
        draft.file.say("E0202/tool", expr.span, name="this", what="a value")
        return None
    symbol = draft.where.scope.find(name)
    if symbol is None:
        if not draft.file.absent(name, callee.span):
            draft.file.miss("E0101/tool", name, callee.span, draft.file.named("tool"))
    elif symbol.what != "tool":
        draft.file.mark(name, callee.span)
        draft.file.say("E0202/tool", callee.span, symbol.span, name=name, what=a(symbol.what))
    elif not isinstance(expr, Call):
        draft.file.mark(name, callee.span)
        draft.file.say("E0305/tool", expr.span, symbol.span, name=name)
    else:
        draft.file.mark(name, callee.span)
        return draft.file.tools.get(draft.file.id(name))
    for argument in expr.args if isinstance(expr, Call) else ():
        draft.where.shape(argument.value)
    return None
