"""What a plan gives when it is done one by one: every call answers at once, nothing runs beside anything else."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Any, Protocol, TypeAlias

from msrun.dsl.plan import Ask, Choose, Compute, Node, Plan, Rank, Repeat, Search, Subplan, bodies
from msrun.dsl.tree import Expr
from msrun.dsl.values.cells import Cell
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.plain import plain
from msrun.dsl.values.template import compile_text
from msrun.runtime.mentions import mentions
from msrun.runtime.rank import Ranker
from msrun.runtime.seeds import call_seed

_NUMBERS = re.compile(r"\[\d+\]|#\d+|~\d+")


class RefusedError(Exception):
    """A node that may not be skipped got no value."""


class World(Protocol):
    """What answers."""

    def answer(self, label: str, prompt: str, seed: int) -> str | None: ...

    def steps(self, prompt: str) -> list[dict[str, Any]]: ...


def written(path: str) -> str:
    """Return a path without its numbers."""
    return _NUMBERS.sub("", path)


def by_path(plan: Plan) -> dict[str, tuple[Node, bool]]:
    """Return all nodes by their paths without numbers, and whether one stands in a node that skips what fails in it."""
    plans = {each.name: each for each in plan.plans}
    found: dict[str, tuple[Node, bool]] = {}
    waiting = [("", node, False) for node in plan.nodes]
    while waiting:
        before, node, skipped = waiting.pop()
        path = f"{before}{node.id}"
        found[path] = node, skipped
        inner = skipped or node.policy.on_error == "skip"
        if isinstance(node.action, Subplan):
            waiting += [(f"{path}.", each, inner) for each in plans[node.action.plan].nodes]
        for label, nodes, _ in bodies(node.action):
            waiting += [(f"{path}.{label}." if label else f"{path}.", each, inner) for each in nodes]
    return found


@dataclass(slots=True)
class OneByOne:
    """One run. `result` raises RefusedError where a node that must have a value has none."""

    plan: Plan
    world: World
    seed: int

    def result(self, **inputs: Any) -> Any:
        """Return what the plan gives."""
        return plain(compile_expr(self.plan.returns)(self.graph(self.plan.nodes, dict(inputs), "")))

    def graph(self, nodes: Sequence[Node], names: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Return the names that are seen once these nodes have ended."""
        seen = dict(names)
        known = {str(node.id): node for node in nodes}
        reads = {id_: [name for name in node.reads if name in known] for id_, node in known.items()}
        for id_ in TopologicalSorter(reads).static_order():
            seen[id_] = _Alone(self, known[id_], seen, path).value()
        return seen


@dataclass(slots=True)
class _Alone:
    """One node. `path` stands before its id."""

    run: OneByOne
    node: Node
    names: Mapping[str, Any]
    path: str

    def value(self) -> Any:
        over = self.node.over
        if over is None:
            return self._place(None, self.names)[0]
        items: list[Any] = compile_expr(over.source)(self.names) or []
        cells: dict[int, Cell] = {}
        for index in self._order(items):
            item = items[index]
            if type(item) is Cell and item.status != "ok":
                cells[index] = Cell(item, None, index, "skipped")
                continue
            names = {**self.names, over.binder: item, "known": [cells[at] for at in self._seen(items, index)]}
            value, status = self._place(index, names)
            cells[index] = Cell(item, value, index, status)
        return [cells[index] for index in range(len(items))]

    def _order(self, items: list[Any]) -> Iterable[int]:
        return TopologicalSorter({index: self._seen(items, index) for index in range(len(items))}).static_order()

    def _seen(self, items: list[Any], index: int) -> list[int]:
        given = self.node.given
        if given is None:
            return []
        if given.needs is None:
            return list(range(index))
        return [at for at, item in enumerate(items) if item["id"] in items[index]["needs"]]

    def _place(self, index: int | None, names: Mapping[str, Any]) -> tuple[Any, str]:
        node = self.node
        if node.when is not None and not compile_expr(node.when)(names):
            return None, "skipped"
        place = f"{self.path}{node.id}" + ("" if index is None else f"[{index}]")
        try:
            match node.action:
                case Compute(value=value):
                    return compile_expr(value)(names), "ok"
                case Rank() as action:
                    return Ranker(action, {})(None, names), "ok"  # type: ignore[arg-type]  # it reads names only
                case Ask():
                    return self._asked(place, index, names)
                case _:
                    return plain(self._inside(place, names)), "ok"
        except RefusedError:
            if node.policy.on_error == "fail":
                raise
            return None, "skipped"

    def _asked(self, place: str, index: int | None, names: Mapping[str, Any]) -> tuple[Any, str]:
        node = self.node
        assert isinstance(node.action, Ask)
        prompt = compile_text(node.action.prompt, {})(names)
        if node.kind == "decompose":
            return self.run.world.steps(prompt), "ok"
        samples = [None] if node.samples is None else range(compile_expr(node.samples)(names))
        seeds = [call_seed(self.run.seed, f"{self.path}{node.id}", index, sample, 1) for sample in samples]
        draws = [self.run.world.answer(place, prompt, seed) for seed in seeds]
        given = [draw for draw in draws if draw is not None]
        if node.policy.on_error == "fail" and len(given) < len(draws):
            raise RefusedError
        if not given:
            return None, "skipped"
        values = [float(draw) if node.kind == "score" else draw for draw in given]
        return (values[0] if node.samples is None else values), "ok"

    def _inside(self, place: str, names: Mapping[str, Any]) -> Any:
        match self.node.action:
            case Subplan(plan=plan, args=args):
                inputs = {name: plain(compile_expr(value)(names)) for name, value in args}
                other = next(each for each in self.run.plan.plans if each.name == plan)
                return compile_expr(other.returns)(self.run.graph(other.nodes, inputs, f"{place}."))
            case Choose(branches=branches):
                taken = next(
                    each for each in branches if not each.tests or any(compile_expr(t)(names) for t in each.tests)
                )
                seen = self.run.graph(taken.body.nodes, names, f"{place}.{taken.label}.")
                return compile_expr(taken.body.returns)(seen)
            case Repeat() as action:
                return self._repeat(action, place, names)
            case Search() as action:
                return _Path(self.run, action, place, names, compile_expr(_limit(self.node))(names)).best()
            case _:
                raise AssertionError(self.node.kind)

    def _repeat(self, action: Repeat, place: str, names: Mapping[str, Any]) -> Any:
        value = plain(compile_expr(action.start)(names))
        needed = set(_needed(action.until, action.nodes))
        first = [node for node in action.nodes if node.id in needed]
        for number in range(1, compile_expr(_limit(self.node))(names) + 1):
            seen = self.run.graph(first, {**names, str(self.node.id): value}, f"{place}#{number}.")
            if compile_expr(action.until)(seen):
                return value
            rest = [node for node in action.nodes if node.id not in needed]
            seen = self.run.graph(rest, seen, f"{place}#{number}.")
            value = plain(compile_expr(action.following)(seen))
        return value


State: TypeAlias = tuple[list[Any], float, int, bool]
"""Steps, value, number of the proposal, finished."""


@dataclass(slots=True)
class _Path:
    """A search, one proposal after the other."""

    run: OneByOne
    action: Search
    place: str
    names: Mapping[str, Any]
    left: int
    proposed: int = 0

    def best(self) -> list[Any]:
        action = self.action
        cost = 1 if action.score is None else 2
        waiting: list[State] = [([], 0.0, 0, False)]
        leaves: list[State] = []
        ended = False
        while not ended:
            now = self._taken(waiting)
            if not now:
                break
            children: list[State] = []
            for state in now:
                for _ in range(1 if action.expand.samples is None else compile_expr(action.expand.samples)(self.names)):
                    if self.left < cost:
                        ended = True
                        break
                    child = self._propose(state[0])
                    if child is not None:
                        children.append(child)
                        leaves = [leaf for leaf in leaves if leaf is not state]
            leaves += children
            waiting += children
            if action.strategy == "beam":
                finished = [state for state in waiting if state[3] and not any(state is child for child in children)]
                ranked = sorted([*finished, *children], key=_rank)
                waiting, dropped = ranked[: action.width], ranked[action.width :]
                leaves = [leaf for leaf in leaves if leaf[3] or not any(leaf is each for each in dropped)]
        return min(leaves, key=lambda leaf: (not leaf[3], *_rank(leaf)))[0] if leaves else []

    def _taken(self, waiting: list[State]) -> list[State]:
        """Take the states that are expanded next."""
        action = self.action
        if action.strategy == "beam":
            return [state for state in waiting if not state[3] and len(state[0]) < action.depth]
        while waiting:
            if action.strategy == "best_first":
                state = min(waiting, key=_rank)
            else:  # the best of those that the newest expansion gave
                length = max(len(state[0]) for state in waiting)
                state = min((state for state in waiting if len(state[0]) == length), key=_rank)
            waiting.remove(state)
            if state[3]:
                return []
            if len(state[0]) < action.depth:
                return [state]
        return []

    def _propose(self, steps: list[Any]) -> State | None:
        action, self.proposed = self.action, self.proposed + 1
        path = f"{self.place}#{self.proposed}."
        names = {**self.names, action.so_far: steps}
        self.left -= 1
        step = _Alone(self.run, replace(action.expand, samples=None), names, path).value()
        if step is None:
            return None
        names[str(action.expand.id)] = step
        value = 0.0
        if action.score is not None:
            self.left -= 1
            value = _Alone(self.run, action.score, names, path).value()
        finished = len(steps) + 1 == action.depth if action.stop is None else compile_expr(action.stop)(names)
        return [*steps, step], value, self.proposed, finished


def _rank(state: State) -> tuple[float, int]:
    return -state[1], state[2]


def _limit(node: Node) -> Expr:
    assert node.limit is not None
    return node.limit


def _needed(expr: Expr, nodes: Sequence[Node]) -> Iterator[str]:
    known = {str(node.id): node for node in nodes}
    for name in mentions(expr):
        if name in known:
            yield name
            for read in known[name].reads:
                if read in known:
                    yield read
                    yield from _needed_by(read, known)


def _needed_by(name: str, known: Mapping[str, Node]) -> Iterator[str]:
    for read in known[name].reads:
        if read in known:
            yield read
            yield from _needed_by(read, known)
