"""The training statements become stages of the module: nodes that other stages read by name."""

from collections.abc import Iterable, Iterator

from msrun.dsl.check.names import UNKNOWN, File, Symbol
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.calls import arguments
from msrun.dsl.infer.order import cycles
from msrun.dsl.infer.where import Where, path
from msrun.dsl.kinds.data import DATASET
from msrun.dsl.kinds.spec import KindSpec, Maker, named
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.settings import make, read_all, settings_of
from msrun.dsl.lower.slot import BAD, Bad, Slot, read_name
from msrun.dsl.plan import Input, Made, ModelSpec, Name, Node, NodeId, Over, Rule, Stage, Value, ValueMap
from msrun.dsl.shapes import JSON, Opaque
from msrun.dsl.tree import Call, Clause, Expr, Get, Ref, Statement


def lower_stage(file: File, statement: Statement, spec: KindSpec) -> Node | None:
    """Return a training statement as a node, None where something in it was reported."""
    before = file.errors
    check_header(file, statement, spec)
    settings = read_all(file, statement.block, spec.settings, spec.name, span=statement.kind.span)
    over = _over(file, statement.clause("for"))
    made = _made(file, statement, spec)
    if statement.name is None or not isinstance(made, Made) or file.errors > before:
        return None
    shape = Opaque(spec.name)
    values: list[Value] = [made, *(value for _, value in settings)]
    names = [*_names(values), *([path(over.source).partition(".")[0]] if over else [])]
    return Node(
        id=NodeId(statement.name.text),
        kind=spec.name,
        action=Stage(value=made, settings=settings),
        shape=shape,
        value_shape=shape,
        reads=tuple(dict.fromkeys(name for name in names if _is_stage(file, name))),
        over=over,
        span=statement.span,
    )


def _made(file: File, statement: Statement, spec: KindSpec) -> Made | Bad | None:
    if statement.value is None:
        return None
    if spec.name == "batch":
        return _plan_call(file, statement.value, statement.clause("for"))
    found = make(file, statement.value, spec.makers)
    maker = next((maker for maker in spec.makers if isinstance(found, Made) and maker.name == found.name), None)
    if maker is not None:
        _check_settings(file, statement, spec, maker)
    return found


def _check_settings(file: File, statement: Statement, spec: KindSpec, maker: Maker) -> None:
    """Report settings that the constructor after `=` knows nothing of, and those that it cannot be without."""
    written = settings_of(statement.block)
    for setting in written:
        known = spec.setting(setting.key.text)
        if known is not None and known.only and maker.name not in known.only:
            owners = " or ".join(f"{name}(…)" for name in known.only)
            file.say("E0104/maker", setting.key.span, name=known.name, owner=maker.name, known=owners)
    for needed in maker.needs:
        if needed not in {setting.key.text for setting in written}:
            file.say("E0206/setting", statement.kind.span, name=needed, owner=maker.name)


def _over(file: File, clause: Clause | None) -> Over | None:
    """Return what a `batch` goes over: the rows of a dataset or of a part of it."""
    if clause is None or clause.name is None:
        return None
    slot = Slot(file, "for", "batch")
    (takes,) = named(DATASET.name)
    if not path(clause.value):
        slot.wrong(clause.value.span, (takes,))
        return None
    found = read_name(slot, clause.value, takes)
    return Over(clause.name.text, _dotted(found.path)) if isinstance(found, Name) else None


def _dotted(name: str) -> Expr:
    first, _, part = name.partition(".")
    return Get(Ref(first), part) if part else Ref(first)


def _plan_call(file: File, expr: Expr, clause: Clause | None) -> Made | Bad:
    """Return the plan that a `batch` runs with its arguments, expressions over the row."""
    name = path(expr.callee) if isinstance(expr, Call) else ""
    slot = Slot(file, "", "batch")
    (takes,) = named("plan")
    if not isinstance(expr, Call) or not name:
        return slot.wrong(expr.span, (takes,))
    plan = read_name(slot, expr.callee, takes)
    if not isinstance(plan, Name):
        return BAD
    row = clause.name.text if clause is not None and clause.name is not None else "row"
    where = Where(file, file.scope.inner(Symbol(row, "binder", JSON if clause else UNKNOWN, expr.span)))
    before = file.errors
    bound = arguments(where, expr, _inputs(file, plan.path))
    pairs = tuple((key, Rule(rewrite(value, where.rewrites))) for key, value in bound)
    return Made(plan.path, (), pairs) if file.errors == before else BAD


def _inputs(file: File, plan: str) -> tuple[Input, ...]:
    header = file.headers.get(plan)
    return header.inputs if header is not None else ()


def check_stage_order(file: File, statements: Iterable[Statement]) -> None:
    """Report stages that read each other in a circle; a `model` made by training leads to its stage."""
    written = {s.name.text: s for s in statements if s.name is not None}
    graph = {name: [n for n in names_in(s.value, s.block, *s.clauses) if n in written] for name, s in written.items()}
    for cycle in cycles(graph):
        head = written[cycle[0]].name
        if head is not None:
            file.say("E0301", head.span, name=cycle[0], path=" → ".join(cycle))


def _names(values: Iterable[Value]) -> Iterator[str]:
    """The declarations that settings name, in the order of the text."""
    pending = list(values)[::-1]
    while pending:
        match pending.pop():
            case Name(path):
                yield path.partition(".")[0]
            case Made(_, args, named):
                pending.extend(reversed([*args, *(value for _, value in named)]))
            case ValueMap(entries):
                pending.extend(reversed([value for _, value in entries]))
            case tuple() as items:
                pending.extend(reversed(items))
            case _:
                pass


def _is_stage(file: File, name: str) -> bool:
    symbol = file.symbols.get(name)
    return symbol is not None and symbol.what == "stage"


def model_stages(models: Iterable[ModelSpec]) -> set[str]:
    """Return the stages that models are made by or wait for."""
    return {name for model in models for name in _names([*model.args, *(v for _, v in model.settings)])}
