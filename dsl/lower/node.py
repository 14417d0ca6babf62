"""A node's statement becomes a `Node`: the header read once for every kind, its action, the lists around it."""

from collections.abc import Mapping
from dataclasses import replace

from msrun.dsl.check.names import UNKNOWN, Symbol, What
from msrun.dsl.infer.fit import inner, item_of, plain
from msrun.dsl.infer.types import resolve
from msrun.dsl.infer.where import default, path, truth, wants
from msrun.dsl.kinds.nodes import NODE_KINDS
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.draft import Bench, Draft, Lowered
from msrun.dsl.lower.failing import failing
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import chosen, read
from msrun.dsl.lower.slot import BAD, Slot
from msrun.dsl.plan import (
    Action,
    Ask,
    Choose,
    Given,
    Invoke,
    ModelSpec,
    Name,
    Node,
    NodeId,
    Over,
    Policy,
    Repeat,
    Search,
    Subplan,
    ToolSpec,
)
from msrun.dsl.shapes import INT, CellOf, ListOf, Maybe, Named, RefTo, Shape, spell
from msrun.dsl.source import Span
from msrun.dsl.tree import Clause, Constant, Expr, Ref, Setting, Statement

HIDDEN: Mapping[What, str] = {"input": "an input", "node": "a node", "binder": "an item"}
"""What a name that is hidden stands for, in a message."""


def lower_node(
    bench: Bench,
    statement: Statement,
    spec: KindSpec,
    reads: tuple[str, ...],
    shown: tuple[tuple[str, Expr, Shape], ...] = (),
) -> tuple[Node | None, Shape]:
    """Return a node with the shape that readers get; None where it cannot run, its shape then as far as known.

    `shown` is what its default prompt shows besides what its header says.
    """
    before = bench.file.errors
    check_header(bench.file, statement, spec)
    draft = _draft(bench, statement, spec)
    draft.shown = shown
    samples = _count(draft, "samples")
    limit = _count(draft, "limit")
    lowered = NODE_KINDS[spec.name].lower(draft)
    policy = policy_of(draft.settings, bench.policy, Slot(bench.file, "", spec.name))
    when = draft.clause("when")
    if lowered is None:
        return None, UNKNOWN
    policy = _for_target(draft, lowered.action, policy)
    policy, fallback = failing(draft, lowered, policy)
    value = _wrapped(draft, lowered, sampled=samples is not None, conditional=when is not None)
    _keep_origin(draft, value)
    if bench.file.errors > before:
        return None, value
    rewrites = draft.where.rewrites
    node = Node(
        id=NodeId(draft.name),
        kind=spec.name,
        action=lowered.action,
        shape=lowered.shape,
        value_shape=value,
        reads=reads,
        over=draft.over,
        given=draft.given,
        samples=samples,
        limit=limit,
        when=rewrite(when.value, rewrites) if when else None,
        source=rewrite(draft.source, rewrites) if draft.source is not None else None,
        alias=draft.alias,
        fallback=fallback,
        policy=policy,
        span=statement.span,
    )
    return node, value


def _keep_origin(draft: Draft, value: Shape) -> None:
    """Remember which list a list goes back to item by item: through fan-outs to where the items were made."""
    if draft.over is None:
        if isinstance(value, ListOf) and draft.spec.name != "let":
            draft.bench.origins[draft.name] = draft.name
    elif isinstance(draft.over.source, Ref):
        over = draft.over.source.name
        given = draft.bench.names.get(over)
        origin = over if given is not None and given.what == "input" else draft.bench.origins.get(over)
        if origin is not None:
            draft.bench.origins[draft.name] = origin


def _for_target(draft: Draft, action: Action, policy: Policy) -> Policy:
    """Take the timeout of the node's model or tool, where the node itself says none.

    A tool may have side effects: it is called again only where its own node says `retry`.
    """
    target: ModelSpec | ToolSpec | None = None
    if isinstance(action, Subplan | Choose | Repeat | Search):
        return _for_group(draft, policy)
    if isinstance(action, Ask):
        target = draft.file.models.get(action.model)
    elif isinstance(action, Invoke):
        target = draft.file.tools.get(action.tool)
        policy = policy if "retry" in draft.settings else replace(policy, retry=0)
    timeout = dict(target.settings).get("timeout") if target is not None else None
    if "timeout" in draft.settings or not isinstance(timeout, int | float):
        return policy
    return replace(policy, timeout_s=timeout)


def _for_group(draft: Draft, policy: Policy) -> Policy:
    """A node with a graph inside is bounded by its own settings only: the defaults are for the nodes in it."""
    base = draft.bench.policy
    return replace(
        policy,
        timeout_s=base.timeout_s,
        bound_s=policy.timeout_s if "timeout" in draft.settings else None,
        budget_usd=policy.budget_usd if "budget" in draft.settings else None,
    )


def policy_of(settings: dict[str, Setting], base: Policy, slot: Slot) -> Policy:
    """Return the policy that the settings make of the defaults."""
    from msrun.dsl.kinds.common import POLICY, REPAIR

    fields = {"timeout": "timeout_s", "budget": "budget_usd"}
    changes: dict[str, object] = {}
    for spec in (*POLICY, REPAIR):
        if spec.name in settings and not spec.later:
            value = read(replace(slot, key=spec.name), settings[spec.name].value, spec.takes)
            if value is not BAD:
                changes[fields.get(spec.name, spec.name)] = value.path if isinstance(value, Name) else value
    return replace(base, **changes) if changes else base  # type: ignore[arg-type]


def _draft(bench: Bench, statement: Statement, spec: KindSpec) -> Draft:
    settings = chosen(bench.file, statement.block, spec.settings, spec.name)
    draft = Draft(bench=bench, spec=spec, statement=statement, where=bench.where, settings=settings)
    if statement.type is not None:
        draft.type = resolve(bench.file, statement.type)
    over = draft.clause("for")
    if over is not None:
        _read_for(draft, over)
    given = draft.clause("given")
    if given is not None:
        _read_given(draft, given)
    when = draft.clause("when")
    if when is not None:
        truth(draft.where, when.value)
        draft.where = draft.where.given(when.value)
    source = draft.clause("from")
    if source is not None and spec.name not in ("call", "run", "retrieve"):
        _read_from(draft, source)
    return draft


def _bind(draft: Draft, name: str, shape: Shape, span: Span) -> None:
    """Make a binder visible in the node; one that hides an input or a node is reported."""
    hidden = draft.bench.seen(name)
    if hidden is not None:
        draft.file.say("E0112", span, hidden.span, name=name, what=HIDDEN[hidden.what])
    symbol = Symbol(name, "binder", shape, span)
    draft.file.note(span, symbol)
    draft.where = replace(draft.where, scope=draft.where.scope.inner(symbol))


def _read_for(draft: Draft, clause: Clause) -> None:
    source = draft.where.shape(clause.value)
    item = item_of(source)
    if item is None:
        shape = plain(source)
        symbol = draft.where.scope.find(path(clause.value))
        places = (symbol.span,) if symbol and symbol.what in ("node", "input") else ()
        if isinstance(shape, Maybe) and item_of(inner(shape)) is not None:
            example = default(draft.where, clause.value.span, inner(shape))
            draft.file.say("E0205", clause.value.span, got=spell(shape), wanted="a list", example=example)
        else:
            got = f"one {spell(shape)}"
            draft.file.say("E0203", clause.value.span, *places, name=path(clause.value) or "this", got=got)
        item = UNKNOWN
    draft.item = item
    if clause.name is not None:
        draft.over = Over(clause.name.text, rewrite(clause.value, draft.where.rewrites))
        _bind(draft, clause.name.text, item, clause.name.span)


def _read_given(draft: Draft, clause: Clause) -> None:
    """`given earlier` sees all earlier cells, `given step.needs` those that the item's references name."""
    if draft.item is None:
        draft.file.say("E0310/no_for", clause.span)
        return
    earlier = isinstance(clause.value, Ref) and clause.value.name == "earlier" and not draft.bench.seen("earlier")
    needs = None if earlier else clause.value
    if needs is not None:
        _check_needs(draft, needs)
    name = clause.name.text if clause.name else "earlier" if earlier else "given"
    draft.given = Given(name, None if needs is None else rewrite(needs, draft.where.rewrites))
    shape = draft.type if draft.type is not None else NODE_KINDS[draft.spec.name].default
    cell = CellOf(draft.item, ListOf(shape) if draft.spec.name == "decompose" else shape)
    _bind(draft, name, ListOf(cell), clause.name.span if clause.name else clause.span)


def _check_needs(draft: Draft, needs: Expr) -> None:
    shape = plain(draft.where.shape(needs))
    item = plain(draft.item) if draft.item is not None else UNKNOWN
    ref = item_of(shape)
    if UNKNOWN in (shape, item, ref):
        return
    if not (isinstance(ref, RefTo) and isinstance(item, Named) and item.id == ref.record):
        draft.file.say("E0202/needs", needs.span, got=spell(shape), item=spell(item))


def _read_from(draft: Draft, clause: Clause) -> None:
    draft.source = clause.value
    draft.source_shape = draft.where.shape(clause.value)
    if clause.name is not None and draft.spec.name != "search":  # there it names the path so far
        draft.alias = clause.name.text
        _bind(draft, clause.name.text, draft.source_shape, clause.name.span)


def _count(draft: Draft, word: str) -> Expr | None:
    """Check `limit` or `samples`: a whole number of at least 1, known before the node starts."""
    clause = draft.clause(word)
    if clause is None:
        return None
    if isinstance(clause.value, Constant) and isinstance(clause.value.value, int) and clause.value.value < 1:
        draft.file.say("E0213/count", clause.value.span, word=word)
        return None
    wants(draft.where, clause.value, INT, "E0202/count", word=word)
    return rewrite(clause.value, draft.where.rewrites)


def _wrapped(draft: Draft, lowered: Lowered, *, sampled: bool, conditional: bool) -> Shape:
    """Put the lists of `samples` and `for` around what one call gives; without `for` a condition makes it optional."""
    value: Shape = ListOf(lowered.value) if sampled else lowered.value
    if draft.item is not None:
        return ListOf(CellOf(draft.item, value))
    return Maybe(value) if conditional and not isinstance(value, Maybe) else value
