"""Findings about personal data that would leave: the places it passes, from where it comes in to where it is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from msrun.dsl.check.names import File
from msrun.dsl.lower.draft import Bench
from msrun.dsl.lower.session import said
from msrun.dsl.plan import Input, Node
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import Expr

MOST_PLACES = 8
"""Places of one finding: where it is sent, where it comes in, and the last ones between."""


def check_private(bench: Bench, nodes: Sequence[Node], inputs: Sequence[Input], returns: Expr | None) -> None:
    """Report nodes that would send personal data to a model or tool outside."""
    file = bench.file
    given = [*inputs, *file.params.values()]
    if not _may_hold_any(file, nodes, given):
        return
    from msrun.dsl.privacy.flow import Turn, World, leaks_in

    session = file.sessions.get(bench.session) if bench.session else None
    turn = None if session is None else Turn(session=session, said=said(inputs, nodes), answer=returns)

    world = World(
        models=file.models,
        tools=file.tools,
        fragments={**file.fragments, **bench.fragments},
        types=file.types,
        plans=file.plans,
    )
    for leak in leaks_in(nodes, given, world, running=(file.id(bench.plan),), turn=turn):
        at = _place(bench, "node", str(leak.node.id), leak.span) if leak.span == leak.node.span else leak.span
        places = [_place(bench, step.what, step.name, step.span) for step in leak.trace]
        shown = list(dict.fromkeys(place for place in places if place not in (NOWHERE, at)))
        shown = [*shown[:1], *shown[1:][-(MOST_PLACES - 2) :]]
        name = next((step.name for step in reversed(leak.trace) if step.what != "field" and step.name), "value")
        inside = {"plan": leak.plan, "inside": leak.inside} if leak.plan else {}
        entry = "E0309/run" if leak.plan else "E0309"
        file.say(entry, at, *shown, target=leak.target, name=name, **inside)


def again(file: File, since: int, profile: str) -> None:
    """Take back what was found since, but keep what only this profile would send outside."""
    known = {finding.places[0] for finding in file.found[:since] if finding.code == "E0309"}
    fresh = [each for each in file.found[since:] if each.code == "E0309" and each.places[0] not in known]
    file.forget(since)
    for finding in fresh:
        values = (*finding.values, ("profile", profile))
        file.found.append(replace(finding, entry="E0309/profile", values=values))
        file.errors += 1


def _may_hold_any(file: File, nodes: Sequence[Node], inputs: Iterable[Input]) -> bool:
    """Whether anything is marked as personal at all: without it there is nothing to follow."""
    from msrun.dsl.privacy.data import is_marked

    shapes = [each.shape for each in inputs]
    shapes += [each.shape for plan in file.plans.values() for each in plan.inputs]
    shapes += [tool.result for tool in file.tools.values()]
    shapes += [node.shape for node in nodes]
    return "pii<" in file.source.text or any(is_marked(shape, file.types) for shape in shapes)


def _place(bench: Bench, what: str, name: str, span: Span) -> Span:
    """Where a step was written in this file, as far as its name: an input, the field's type, a node."""
    if what == "field":
        return bench.file.span_of(name.partition(".")[0])
    if what == "input":
        symbol = bench.names.get(name) or bench.file.symbols.get(name)
        return symbol.span if symbol is not None else NOWHERE
    start = bench.file.source.text.find(name, span.start, span.end)
    return NOWHERE if span == NOWHERE or start < 0 else Span(start, start + len(name))
