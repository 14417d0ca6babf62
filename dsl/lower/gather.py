"""What a plan needs from its file: models, tools, fragments and types that it names, directly or through another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from msrun.dsl.check.names import File
from msrun.dsl.check.read import Syntax, names_in
from msrun.dsl.infer.types import reachable_types
from msrun.dsl.plan import Ask, Compute, FragmentSpec, Input, Invoke, Node, Plan, Tally
from msrun.dsl.shapes import Shape


def gather(file: File, plan: Plan, own: Mapping[str, FragmentSpec]) -> Plan:
    """Return the plan with everything it names; `own` are fragments of its default prompts."""
    models = dict.fromkeys(node.action.model for node in plan.nodes if isinstance(node.action, Ask))
    tools = dict.fromkeys(node.action.tool for node in plan.nodes if isinstance(node.action, Invoke))
    fragments = (*own.values(), *_fragments(file, plan))
    made = replace(
        plan,
        params=(*plan.params, *_imported_params(file, plan, fragments)),
        models=tuple(spec for name, spec in file.models.items() if name in models),
        tools=tuple(spec for name, spec in file.tools.items() if name in tools),
        fragments=fragments,
    )
    return replace(made, types=tuple(file.types[id_] for id_ in reachable_types(file, _shapes(made))))


def _imported_params(file: File, plan: Plan, fragments: Iterable[FragmentSpec]) -> Iterator[Input]:
    """The params of other files that the plan reads, itself or in a fragment; its own file's are all there."""
    others = file.params.keys() - {param.name for param in plan.params}
    if others:
        read = set(names_in(*_roots(plan), *(fragment.text for fragment in fragments)))
        yield from (param for name, param in file.params.items() if name in others and name in read)


def _fragments(file: File, plan: Plan) -> Iterator[FragmentSpec]:
    pending = [name for name in names_in(*_roots(plan)) if name in file.fragments]
    seen = dict.fromkeys(pending)
    while pending:
        for name in names_in(file.fragments[pending.pop()].text):
            if name in file.fragments and name not in seen:
                seen[name] = None
                pending.append(name)
    return (spec for name, spec in file.fragments.items() if name in seen)


def _roots(plan: Plan) -> list[Syntax]:
    roots: list[Syntax] = [plan.returns, *(check.expr for check in plan.expects)]
    for node in plan.nodes:
        roots.extend(_exprs(node))
    return roots


def _exprs(node: Node) -> Iterator[Syntax]:
    over, given = node.over, node.given
    heads = (over.source if over else None, given.needs if given else None, node.samples, node.limit, node.when)
    yield from (expr for expr in (*heads, node.source) if expr is not None)
    match node.action:
        case Ask() as ask:
            yield ask.prompt
            yield from (expr for expr in (ask.system, *ask.images) if expr is not None)
        case Invoke(args=args):
            yield from (value for _, value in args)
        case Compute(value=value):
            yield value
        case Tally(source=source, by=by):
            yield from (expr for expr in (source, by) if expr is not None)
        case _:
            pass


def _shapes(plan: Plan) -> Iterator[Shape]:
    yield plan.result
    for entry in (*plan.inputs, *plan.params):
        yield entry.shape
    for node in plan.nodes:
        yield node.shape
        yield node.value_shape
    for fragment in plan.fragments:
        yield from (param.shape for param in fragment.params)
    for tool in plan.tools:
        yield from (param.shape for param in tool.params)
        yield tool.result
