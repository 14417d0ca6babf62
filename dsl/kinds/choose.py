"""`choose`: one of several graphs, taken by a value or by the first condition that holds."""

from collections.abc import Sequence

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.fit import agreed, as_values
from msrun.dsl.infer.where import wants
from msrun.dsl.kinds.common import GROUPED
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.draft import Bench, Draft, Lowered
from msrun.dsl.lower.labels import Labels, arm_head, check_complete, check_reached, labels_of, tests_of
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.plan import Body, Branch, Choose
from msrun.dsl.shapes import Shape, spell
from msrun.dsl.source import Span
from msrun.dsl.tree import Arm, Expr, Outcome, Statement

SPEC = KindSpec(
    name="choose",
    holds=True,
    family="reasoning",
    help="run one of several graphs and take its value",
    parts=frozenset({"type"}),
    clauses=frozenset({"on", "for", "given", "when"}),
    settings=GROUPED,
    example='choose reply: text { case urgent { return first }  else { return "later" } }',
)


def lower(draft: Draft) -> Lowered | None:
    """Check every arm as a graph of its own; without a written type the arms must agree on one."""
    arms = _arms(draft)
    on = draft.clause("on")
    labels = labels_of(draft, on.value) if on is not None else None
    if not arms:
        draft.file.say("E0206/arms", draft.statement.kind.span, name=draft.name, example=SPEC.example)
        return None
    check_reached(draft, arms)
    branches: list[Branch] = []
    returned: list[tuple[Span, Shape]] = []
    for at, arm in enumerate(arms):
        branch, shape, span = _branch(draft, arm, labels, at)
        returned.append((span, shape))
        if branch is not None:
            branches.append(branch)
    check_complete(draft, arms, labels)
    shape = draft.type if draft.type is not None else _agreed(draft, returned)
    action = Choose(on=rewrite(on.value, draft.where.rewrites) if on is not None else None, branches=tuple(branches))
    return Lowered(action, shape, shape)


def _arms(draft: Draft) -> list[Arm]:
    """The arms between the braces; what else stands there is reported."""
    block = draft.statement.block
    found: list[Arm] = []
    for item in block.items if block is not None else ():
        match item:
            case Arm():
                found.append(item)
            case Statement():
                name, span = item.kind.text, item.kind.span
                draft.file.say("E0103/outcome", span, name=name, owner="`choose`", example="else { return answer }")
            case Outcome(word):
                span = item.word_span
                draft.file.say("E0103/outcome", span, name=word, owner="`choose`", example="else { return answer }")
            case _:
                pass
    return found


def _branch(draft: Draft, arm: Arm, labels: Labels | None, at: int) -> tuple[Branch | None, Shape, Span]:
    """Check an arm; return it with the type and the place of what it returns."""
    from msrun.dsl.lower.body import Owner, check_once, check_unused, lower_expects, lower_nodes, members
    from msrun.dsl.lower.settings import chosen  # nodes nest, so the modules that read them do

    tests = tests_of(draft, arm, labels)
    bench = draft.inside()
    if labels is None and len(arm.labels) == 1:
        bench.sure = draft.where.given(arm.labels[0]).sure
    owner = Owner("an arm", "an arm ends with `return answer`", ("return", "expect"))
    chosen(draft.file, arm.body, (), "case")
    inside = members(bench, arm.body.items, owner)
    nodes = lower_nodes(bench, inside)
    check_once(bench, inside, owner)
    returns, shape, span = _returns(draft, bench, arm, inside.of("return"), list(inside.nodes))
    expects = lower_expects(bench, inside)
    if returns is None:
        return None, shape, span
    check_unused(bench, inside)
    return Branch(_label(arm, tests, labels, at), tests, Body(nodes, returns, expects)), shape, span


def _label(arm: Arm, tests: Sequence[Expr], labels: Labels | None, at: int) -> str:
    """How paths name an arm."""
    if not arm.labels:
        return "else"
    first = labels.spelled(tests[0]) if labels is not None and tests else None
    return first if first is not None and first.isidentifier() else f"case{at + 1}"


def _returns(
    draft: Draft, bench: Bench, arm: Arm, returns: Sequence[Outcome], nodes: Sequence[str]
) -> tuple[Expr | None, Shape, Span]:
    if not returns:
        last = nodes[-1] if nodes and "(" not in nodes[-1] else "answer"
        draft.file.say("E0302/arm", arm_head(arm), name=draft.name, last=last)
        return None, UNKNOWN, arm.span
    value, where = returns[0].value, bench.where
    if draft.type is not None and draft.statement.type is not None:
        wants(where, value, draft.type, "E0210/type", draft.statement.type.span, name=draft.name)
        return rewrite(value, where.rewrites), draft.type, value.span
    shape = as_values(where.shape(value))
    return rewrite(value, where.rewrites), shape, value.span


def _agreed(draft: Draft, returned: Sequence[tuple[Span, Shape]]) -> Shape:
    """The type that every arm's value has; two that do not agree are reported."""
    known = [(span, shape) for span, shape in returned if shape != UNKNOWN]
    shape, odd = agreed(draft.file, [shape for _, shape in known])
    if odd is not None:
        (span, got), (first, wanted) = known[odd], known[0]
        draft.file.say("E0210", span, first, name=draft.name, got=spell(got), wanted=spell(wanted))
    return shape
