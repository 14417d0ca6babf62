"""What a plan needs from its file: models, tools, fragments, types and plans it names, directly or through another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from msrun.dsl.check.names import File
from msrun.dsl.check.read import Syntax, names_in
from msrun.dsl.infer.types import reachable_types
from msrun.dsl.nested import every_node, expressions
from msrun.dsl.plan import Ask, FragmentSpec, Input, Invoke, Plan, Retrieve, Subplan
from msrun.dsl.shapes import Shape

Spec = TypeVar("Spec")


def gather(file: File, plan: Plan) -> Plan:
    """Return the plan with everything that it and the plans it runs name.

    Each of `plans` has what it names itself, and no plans: the one that is run has them all.
    """
    made = _alone(file, plan)
    runs = tuple(_alone(file, file.plans[name]) for name in _runs(file, plan))
    everything = (made, *runs)
    return replace(
        made,
        params=_united((param.name, param) for each in everything for param in each.params),
        models=_listed(file.models, (model.name for each in everything for model in each.models)),
        tools=_listed(file.tools, (tool.name for each in everything for tool in each.tools)),
        knowledge=_listed(file.knowledge, (spec.name for each in everything for spec in each.knowledge)),
        fragments=_united((fragment.name, fragment) for each in everything for fragment in each.fragments),
        types=_listed(file.types, (type_.id for each in everything for type_ in each.types)),
        plans=runs,
    )


def _alone(file: File, plan: Plan) -> Plan:
    """The plan with what it names itself. Its fragments are those of its default prompts so far."""
    nodes = list(every_node(plan.nodes))
    fragments = (*plan.fragments, *_fragments(file, plan))
    made = replace(
        plan,
        params=(*(file.params.get(p.name, p) for p in plan.params), *_imported_params(file, plan, fragments)),
        models=_listed(file.models, (node.action.model for node in nodes if isinstance(node.action, Ask))),
        tools=_listed(file.tools, (node.action.tool for node in nodes if isinstance(node.action, Invoke))),
        fragments=fragments,
        knowledge=_listed(
            file.knowledge, (node.action.knowledge for node in nodes if isinstance(node.action, Retrieve))
        ),
    )
    return replace(made, types=tuple(file.types[id_] for id_ in reachable_types(file, _shapes(made))))


def _listed(table: Mapping[str, Spec], names: Iterable[str]) -> tuple[Spec, ...]:
    """What is named, in the order of the file."""
    wanted = set(names)
    return tuple(spec for name, spec in table.items() if name in wanted)


def _united(named: Iterable[tuple[str, Spec]]) -> tuple[Spec, ...]:
    """Each once, in the order in which they first come."""
    found: dict[str, Spec] = {}
    for name, spec in named:
        found.setdefault(name, spec)
    return tuple(found.values())


def _runs(file: File, plan: Plan) -> list[str]:
    """The plans that are reached from here, without the plan itself, in the order in which they are first named."""
    pending, seen = [plan], {plan.name: None}
    while pending:
        at = pending.pop(0)
        for node in every_node(at.nodes):
            if isinstance(node.action, Subplan) and node.action.plan not in seen and node.action.plan in file.plans:
                seen[node.action.plan] = None
                pending.append(file.plans[node.action.plan])
    return list(seen)[1:]


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
    for node in every_node(plan.nodes):
        roots.extend(expressions(node))
    return roots


def _shapes(plan: Plan) -> Iterator[Shape]:
    yield plan.result
    for entry in (*plan.inputs, *plan.params):
        yield entry.shape
    for _, shape in plan.session.slots if plan.session else ():
        yield shape
    for node in every_node(plan.nodes):
        yield node.shape
        yield node.value_shape
    for fragment in plan.fragments:
        yield from (param.shape for param in fragment.params)
    for tool in plan.tools:
        yield from (param.shape for param in tool.params)
        yield tool.result
