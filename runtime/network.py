"""A graph made ready to run, and the frames that are spread from it: a progress for every node, told who waits for it.

Making one is done once for a plan, however often its graph is entered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError

from msrun.dsl.plan import Check, FragmentSpec, Node, Tally, bodies
from msrun.dsl.shapes import ListOf, Maybe, PiiOf, RecordDef, RefTo, Shape, TypeDef
from msrun.dsl.tree import Expr, Get, Pipe, Ref
from msrun.runtime.expectation import Condition, Expectation, conditions
from msrun.runtime.fanout import FanOut
from msrun.runtime.frame import Frame
from msrun.runtime.outcome import NodeFault
from msrun.runtime.progress import Progress
from msrun.runtime.recipe import Recipe, recipes
from msrun.runtime.single import Single


@dataclass(slots=True, eq=False, kw_only=True)
class Network:
    """The nodes of a graph in the order of the text, its conditions, and the nodes around it that its end reads.

    `length` is the number of calls on its longest path.
    """

    recipes: Mapping[str, Recipe]
    conditions: Sequence[Condition] = ()
    ending: tuple[str, ...] = ()
    length: int = 0


def network(
    nodes: Sequence[Node],
    *,
    around: Mapping[str, Node],
    fragments: Mapping[str, FragmentSpec],
    types: Mapping[str, TypeDef],
    expects: Sequence[Check] = (),
    ending: Sequence[str] = (),
) -> Network:
    """Make the network of a graph whose nodes do not know yet how they work. `ending`: names that its end reads."""
    made = recipes(nodes, around, fragments)
    for name in _weighed(nodes):
        if name in made:
            made[name].weighed = True
    for recipe in made.values():
        given = recipe.node.given
        if given is not None and given.needs is not None:
            recipe.key_fields = _key_fields(given.needs, types)
    return Network(
        recipes=made,
        conditions=conditions(expects, {**around, **made}, fragments),
        ending=tuple(name for name in dict.fromkeys(ending) if name in around and name not in made),
    )


def circular(error: CycleError) -> NodeFault:
    """Say which nodes wait for each other."""
    return NodeFault("plan", f"nodes need each other in a circle: {' -> '.join(map(str, error.args[1]))}")


def spread(network: Network, frame: Frame) -> None:
    """Give the frame a progress for every node, and start what waits for nothing."""
    inside = frame.owner is not None
    for id_, recipe in network.recipes.items():
        node = recipe.node
        kind: type[Progress] = Single if node.over is None else FanOut
        of = node.kind if inside else ""
        progress = kind(run=frame.run, frame=frame, recipe=recipe, path=frame.path + id_, of=of)
        if recipe.weighed:
            progress.logprobs = {}
        frame.progresses[id_] = progress
    for progress in frame.progresses.values():
        _connect(frame, progress)
    frame.pending = len(frame.progresses) + len(network.conditions)
    for condition in network.conditions:
        expectation = Expectation(frame, condition)
        expectation.missing = _wait(frame, condition.waits, expectation)
        if expectation.missing == 0:
            frame.run.later(expectation.judge)
    frame.pending += _wait(frame, network.ending, frame)
    for progress in frame.progresses.values():
        if progress.missing == 0:
            frame.run.later(progress.start)
    if inside and frame.pending == 0:
        frame.run.later(frame.close)


def _connect(frame: Frame, progress: Progress) -> None:
    recipe = progress.recipe
    progress.missing = _wait(frame, recipe.waits, progress)
    if isinstance(progress, FanOut) and recipe.follows is not None:
        progress.source = frame.find(recipe.follows)
        progress.source.followers.append(progress)


def _wait(frame: Frame, names: Sequence[str], reader: "Progress | Expectation | Frame") -> int:
    """Let these nodes tell the reader when they end; returns how many of them have not yet."""
    missing = 0
    for name in names:
        source = frame.find(name)
        if not source.ended:
            source.readers.append(reader)
            missing += 1
    return missing


def _weighed(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield the nodes whose draws a vote weighs by their log-probabilities, here or in a graph inside."""
    waiting = list(nodes)
    while waiting:
        match waiting.pop().action:
            case Tally(source=Ref(name), weight="logprob"):
                yield name
            case action:
                waiting.extend(node for _, inside, _ in bodies(action) for node in inside)


def _key_fields(needs: Expr, types: Mapping[str, TypeDef]) -> tuple[str, ...]:
    """Return the names of the key fields of all record types that have this field of references."""
    while isinstance(needs, Pipe):
        needs = needs.base
    name = needs.attr if isinstance(needs, Get) else ""
    records = {record.id: record for record in types.values() if isinstance(record, RecordDef)}
    referred = [_referred(field.shape) for record in records.values() if (field := record.field(name)) is not None]
    keys = [records[id_].key for id_ in referred if id_ in records]
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def _referred(shape: Shape) -> str | None:
    while isinstance(shape, ListOf | Maybe | PiiOf):
        shape = shape.item
    return shape.record if isinstance(shape, RefTo) else None
