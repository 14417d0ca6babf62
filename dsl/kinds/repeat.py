"""`repeat`: a value that is made better in rounds, until it is good enough or the rounds are used up."""

from msrun.dsl.check.names import UNKNOWN, Symbol
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.fit import as_values
from msrun.dsl.infer.where import fits, truth, wants
from msrun.dsl.kinds.common import GROUPED
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.ask import model_of
from msrun.dsl.lower.draft import Bench, Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.plan import Repeat
from msrun.dsl.shapes import Shape
from msrun.dsl.tree import Clause, Expr, Outcome

SPEC = KindSpec(
    name="repeat",
    holds=True,
    family="reasoning",
    help="make a value better in rounds; inside, the node's own name is the value so far",
    parts=frozenset({"type"}),
    clauses=frozenset({"from", "for", "given", "using", "when", "limit", "samples"}),
    needs=("from", "limit"),
    settings=GROUPED,
    example="repeat draft from first limit 3 { until good  next better }",
)


def lower(draft: Draft) -> Lowered | None:
    """Check the graph of a round: `until` says when the value so far is good enough, `next` makes the next one."""
    from msrun.dsl.lower.body import Owner, check_once, check_unused, lower_expects, lower_nodes, members

    source = draft.clause("from")
    shape = _shape(draft, source)
    model = model_of(draft) or "" if draft.clause("using") is not None else None
    head = draft.statement.name or draft.statement.kind
    bench = draft.inside(Symbol(draft.name, "node", shape, head.span, "repeat"), model=model)
    owner = Owner("`repeat`", "a round ends with `next better`", ("until", "next", "expect"))
    block = draft.statement.block
    inside = members(bench, block.items if block is not None else (), owner)
    nodes = lower_nodes(bench, inside)
    check_once(bench, inside, owner)
    until = _until(draft, bench, inside.of("until"), loop={draft.name, *inside.nodes})
    following = _following(draft, bench, inside.of("next"), shape)
    expects = lower_expects(bench, inside)
    if until is None or following is None or source is None:
        return None
    check_unused(bench, inside)
    start = rewrite(source.value, draft.where.rewrites)
    action = Repeat(start=start, nodes=nodes, until=until, following=following, expects=expects)
    return Lowered(action, shape, shape)


def _shape(draft: Draft, source: Clause | None) -> Shape:
    """The type of the value, which what stands after `from` must have; its own where none is written."""
    if source is None or draft.source_shape is None:
        return draft.type or UNKNOWN
    if draft.type is None:
        return as_values(draft.source_shape)
    written = draft.statement.type
    places = (written.span,) if written is not None else ()
    fits(draft.where, source.value.span, draft.source_shape, draft.type, "E0202/start", *places, name=draft.name)
    return draft.type


def _until(draft: Draft, bench: Bench, said: list[Outcome], *, loop: set[str]) -> Expr | None:
    """Check the condition; one that reads nothing of the loop holds at once or never."""
    if not said:
        _missing(draft, "until", f"until {draft.name} == …")
        return None
    value, where = said[0].value, bench.where
    truth(where, value)
    if loop.isdisjoint(names_in(value)):
        draft.file.say("E0307", value.span, draft.statement.kind.span, name=draft.name)
    return rewrite(value, where.rewrites)


def _following(draft: Draft, bench: Bench, said: list[Outcome], shape: Shape) -> Expr | None:
    if not said:
        _missing(draft, "next", "next better")
        return None
    where = bench.where
    written = draft.statement.type or draft.clause("from")
    places = (written.span,) if written is not None else ()
    wants(where, said[0].value, shape, "E0202/next", *places, name=draft.name)
    return rewrite(said[0].value, where.rewrites)


def _missing(draft: Draft, word: str, example: str) -> None:
    draft.file.say("E0306", draft.statement.kind.span, name=draft.name, word=word, example=example)
