"""The network of a plan: a progress for every node, each told who waits for it and how its calls are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError

from msrun.dsl.plan import FragmentSpec, Plan, Tally
from msrun.dsl.shapes import ListOf, Maybe, RecordDef, RefTo, Shape
from msrun.dsl.tree import Expr, Get, Pipe, Ref
from msrun.dsl.values.evaluate import compile_expr
from msrun.runtime.actions import Actions, Ports
from msrun.runtime.expectation import Expectation
from msrun.runtime.fanout import FanOut
from msrun.runtime.outcome import NodeFault
from msrun.runtime.progress import Progress
from msrun.runtime.recipe import Recipe, recipes
from msrun.runtime.run import Run
from msrun.runtime.single import Single


@dataclass(frozen=True, slots=True)
class Network:
    """All progresses, in the order of the text, and all expectations."""

    progresses: Mapping[str, Progress]
    expectations: tuple[Expectation, ...]

    def start(self) -> None:
        """Start what waits for nothing."""
        for progress in self.progresses.values():
            if progress.missing == 0:
                progress.run.later(progress.start)
        for expectation in self.expectations:
            if expectation.missing == 0:
                expectation.run.later(expectation.judge)


def network(run: Run, plan: Plan, ports: Ports) -> Network:
    """Build the network of a plan. Raises NodeFault where the plan cannot run or a model or tool cannot be opened."""
    fragments = {fragment.name: fragment for fragment in plan.fragments}
    try:
        made = recipes(plan, fragments)
    except CycleError as error:
        raise NodeFault("plan", f"nodes need each other in a circle: {' -> '.join(error.args[1])}") from error
    actions = Actions(plan, ports, fragments)
    progresses: dict[str, Progress] = {}
    for id_, recipe in made.items():
        perform, inline = actions.of(recipe.node, progresses)
        kind = Single if recipe.node.over is None else FanOut
        progresses[id_] = kind(run=run, recipe=recipe, perform=perform, inline=inline)
    for id_, recipe in made.items():
        _connect(progresses, id_, recipe)
        _prepare(progresses[id_], plan)
    return Network(progresses, _expectations(run, plan, fragments, progresses))


def _connect(progresses: Mapping[str, Progress], id_: str, recipe: Recipe) -> None:
    progress = progresses[id_]
    for source in recipe.waits:
        progresses[source].readers.append(progress)
        progress.missing += 1
    if isinstance(progress, FanOut) and recipe.follows is not None:
        progress.source = progresses[recipe.follows]
        progress.source.followers.append(progress)
    match recipe.node.action:
        case Tally(source=Ref(name), weight="logprob") if name in progresses:
            progresses[name].logprobs = {}
        case _:
            pass


def _prepare(progress: Progress, plan: Plan) -> None:
    given = progress.recipe.node.given
    if isinstance(progress, FanOut) and given is not None and given.needs is not None:
        progress.key_fields = _key_fields(given.needs, plan)


def _key_fields(needs: Expr, plan: Plan) -> tuple[str, ...]:
    """Return the names of the key fields of all record types that have this field of references."""
    while isinstance(needs, Pipe):
        needs = needs.base
    name = needs.attr if isinstance(needs, Get) else ""
    records = {record.id: record for record in plan.types if isinstance(record, RecordDef)}
    referred = [_referred(field.shape) for record in records.values() if (field := record.field(name)) is not None]
    keys = [records[id_].key for id_ in referred if id_ in records]
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def _referred(shape: Shape) -> str | None:
    while isinstance(shape, ListOf | Maybe):
        shape = shape.item
    return shape.record if isinstance(shape, RefTo) else None


def _expectations(
    run: Run, plan: Plan, fragments: Mapping[str, FragmentSpec], progresses: Mapping[str, Progress]
) -> tuple[Expectation, ...]:
    made: list[Expectation] = []
    for number, check in enumerate(plan.expects, 1):
        waits = [name for name in dict.fromkeys(check.reads) if name in progresses]
        made.append(Expectation(run, number, compile_expr(check.expr, fragments), check.reads, len(waits)))
        for name in waits:
            progresses[name].readers.append(made[-1])
    return tuple(made)
