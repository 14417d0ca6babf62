"""The training statements become stages of the module: nodes that other stages read by name."""

from collections.abc import Iterable, Iterator

from msrun.dsl.check.names import File
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.order import cycles
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.settings import make, read_all
from msrun.dsl.plan import Made, ModelSpec, Name, Node, NodeId, Stage, Value, ValueMap
from msrun.dsl.shapes import Opaque
from msrun.dsl.tree import Statement


def lower_stage(file: File, statement: Statement, spec: KindSpec) -> Node | None:
    """Return a training statement as a node, None where something in it was reported."""
    before = file.errors
    check_header(file, statement, spec)
    settings = read_all(file, statement.block, spec.settings, spec.name, span=statement.kind.span)
    made = make(file, statement.value, spec.makers) if statement.value is not None else None
    if statement.name is None or not isinstance(made, Made) or file.errors > before:
        return None
    shape = Opaque(spec.name)
    values: list[Value] = [made, *(value for _, value in settings)]
    reads = dict.fromkeys(name for name in _names(values) if _is_stage(file, name))
    return Node(
        id=NodeId(statement.name.text),
        kind=spec.name,
        action=Stage(value=made, settings=settings),
        shape=shape,
        value_shape=shape,
        reads=tuple(reads),
        span=statement.span,
    )


def check_stage_order(file: File, statements: Iterable[Statement]) -> None:
    """Report stages that read each other in a circle; a `model` made by training leads to its stage."""
    written = {s.name.text: s for s in statements if s.name is not None}
    graph = {name: [n for n in names_in(s.value, s.block) if n in written] for name, s in written.items()}
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
