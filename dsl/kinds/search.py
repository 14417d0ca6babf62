"""`search`: a path of steps, found by proposing steps and keeping the most promising ones."""

from dataclasses import replace
from typing import Literal, cast

from msrun.dsl.check.names import UNKNOWN, Symbol
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.fit import misfit
from msrun.dsl.infer.where import Where, truth
from msrun.dsl.kinds.common import GROUPED, SO_FAR
from msrun.dsl.kinds.spec import EXPR, KindSpec, SettingSpec, option, whole
from msrun.dsl.lower.ask import model_of
from msrun.dsl.lower.draft import Bench, Draft, Lowered
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import Name, Node, Search
from msrun.dsl.shapes import ListOf, Scalar, Shape, spell
from msrun.dsl.tree import Arm, Expr, Outcome, Ref, Statement

SPEC = KindSpec(
    name="search",
    holds=True,
    family="reasoning",
    help="look for a path of steps; `expand` proposes them, `score` says how promising one is",
    parts=frozenset({"type"}),
    clauses=frozenset({"from", "for", "using", "when", "limit", "samples"}),
    needs=("from", "limit"),
    settings=(
        SettingSpec(
            name="strategy",
            takes=option("beam", "best_first", "depth_first"),
            default="beam",
            goes="action",
            help="in which order states are expanded",
        ),
        SettingSpec(name="width", takes=whole(), default="1", goes="action", help="states kept at each depth"),
        SettingSpec(name="depth", takes=whole(), default="10", goes="action", help="the longest path, in steps"),
        SettingSpec(name="stop", takes=EXPR, goes="action", help="a step for which this holds ends its path"),
        *GROUPED,
    ),
    example="search path from question as so_far limit 30 { expand step samples 3  score value }",
)

_ROLES = ("expand", "score")


def lower(draft: Draft) -> Lowered | None:
    """Check `expand` and then, with the step that it proposes in sight, `score` and `stop`; the value is a list."""
    roles = _roles(draft)
    if "expand" not in roles:
        draft.file.say("E0206/expand", draft.statement.kind.span, name=draft.name)
        return None
    alias = draft.clause("from")
    so_far = alias.name.text if alias is not None and alias.name is not None else SO_FAR
    step = _step_shape(draft, roles["expand"])
    path = ListOf(step)
    bench = _bench(draft, so_far, path)
    expand = _member(draft, bench, roles["expand"], ("So far", Ref(so_far), path))
    name = roles["expand"].name
    if name is not None:
        bench.names[name.text] = Symbol(name.text, "node", step, name.span, "expand")
        draft.file.note(name.span, bench.names[name.text])
    score = _score(draft, bench, roles, so_far, path)
    stop = _stop(draft, bench.where)
    if expand is None or (score is None and "score" in roles):
        return None
    action = Search(
        so_far=so_far,
        expand=replace(expand, shape=step, value_shape=step),
        score=score,
        stop=stop,
        strategy=cast("Literal['beam', 'best_first', 'depth_first']", _setting(draft, "strategy", "beam")),
        width=cast("int", _setting(draft, "width", 1)),
        depth=cast("int", _setting(draft, "depth", 10)),
    )
    return Lowered(action, path, path)


def _roles(draft: Draft) -> dict[str, Statement]:
    """The members between the braces by their kind; what else stands there is reported."""
    found: dict[str, Statement] = {}
    block = draft.statement.block
    for item in block.items if block is not None else ():
        match item:
            case Statement() if item.kind.text in found:
                first = found[item.kind.text].kind.span
                draft.file.say("E0102/role", item.kind.span, first, kind=item.kind.text, name=draft.name)
            case Statement() if item.kind.text in _ROLES:
                found[item.kind.text] = item
            case Statement():
                draft.file.miss("E0103/search", item.kind.text, item.kind.span, list(_ROLES))
            case Outcome(word):
                draft.file.miss("E0103/search", word, item.word_span, list(_ROLES))
            case Arm():
                draft.file.miss("E0103/search", "case", item.span, list(_ROLES))
            case _:
                pass
    return found


def _bench(draft: Draft, so_far: str, path: Shape) -> Bench:
    """The bench of the members. The path so far hides nothing that is seen outside."""
    alias = draft.clause("from")
    span = alias.name.span if alias is not None and alias.name is not None else draft.statement.kind.span
    hidden = draft.bench.seen(so_far)
    if hidden is not None:
        what = "an input" if hidden.what == "input" else "a node"
        draft.file.say("E0112", span, hidden.span, name=so_far, what=what)
    model = model_of(draft) or "" if draft.clause("using") is not None else None
    return draft.inside(Symbol(so_far, "binder", path, span), model=model)


def _step_shape(draft: Draft, expand: Statement) -> Shape:
    """The type of a step: the one after the search's name, or after that of `expand`; both say the same."""
    from msrun.dsl.infer.types import resolve
    from msrun.dsl.shapes import TEXT

    since = len(draft.file.found)
    own = resolve(draft.file, expand.type) if expand.type is not None else None
    draft.file.forget(since)  # what is wrong with it is said when `expand` is checked
    if draft.type is None:
        return TEXT if own is None else own
    misfits = own is not None and misfit(draft.file, own, draft.type) is not None
    if own is not None and misfits and expand.type is not None and draft.statement.type is not None:
        places = expand.type.span, draft.statement.type.span
        draft.file.say("E0202/step", *places, got=spell(own), wanted=spell(draft.type), name=draft.name)
    return draft.type


def _member(draft: Draft, bench: Bench, statement: Statement, *shown: tuple[str, Expr, Shape]) -> Node | None:
    """Check `expand` or `score` as a node; its default prompt shows what the search starts from, and the path."""
    from msrun.dsl.kinds.nodes import NODE_KINDS
    from msrun.dsl.lower.node import lower_node
    from msrun.dsl.lower.reads import reads_of

    name = statement.name
    hidden = bench.around_it(name.text) if name is not None else None
    if name is not None and hidden is not None:
        what = "an input" if hidden.what == "input" else "a node"
        draft.file.say("E0112", name.span, hidden.span, name=name.text, what=what)
    spec = NODE_KINDS[statement.kind.text].spec
    source = () if draft.source is None or draft.source_shape is None else (("", draft.source, draft.source_shape),)
    all_shown = (*source, *shown) if statement.setting("prompt") is None else ()
    read = [*names_in(*(expr for _, expr, _ in all_shown)), *reads_of(statement, spec.name)]
    reads = dict.fromkeys(each for each in read if bench.seen(each))
    node, _ = lower_node(bench, statement, spec, tuple(reads), shown=all_shown)
    return node


def _score(draft: Draft, bench: Bench, roles: dict[str, Statement], so_far: str, path: Shape) -> Node | None:
    """Check `score`: one number for one step."""
    written, step = roles.get("score"), roles["expand"].name
    if written is None or step is None:
        return None
    clause = next((clause for clause in written.clauses if clause.word in ("for", "given", "when", "samples")), None)
    if clause is not None:
        draft.file.say("E0104/clause", clause.word_span, kind="score", word=clause.word, known="`from`, `using`")
    shown = ("So far", Ref(so_far), path), ("Next", Ref(step.text), bench.names[step.text].shape)
    node = _member(draft, bench, written, *shown)
    if node is None or clause is not None:
        return None
    if not (isinstance(node.shape, Scalar) and node.shape.name in ("float", "int")) and node.shape != UNKNOWN:
        at = written.type.span if written.type is not None else written.kind.span
        draft.file.say("E0202/mark", at, got=spell(node.shape))
    return node


def _stop(draft: Draft, where: Where) -> Expr | None:
    setting = draft.settings.get("stop")
    if setting is None:
        return None
    truth(where, setting.value)
    return rewrite(setting.value, where.rewrites)


def _setting(draft: Draft, name: str, default: str | int) -> str | int:
    setting, spec = draft.settings.get(name), SPEC.setting(name)
    if setting is None or spec is None:
        return default
    value = read(Slot(draft.file, name, SPEC.name), setting.value, spec.takes)
    return value.path if isinstance(value, Name) else value if isinstance(value, int) else default
