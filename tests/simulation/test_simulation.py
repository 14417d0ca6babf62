"""Random plans in random weather on a clock that jumps: what always holds, whatever comes when.

A seed that fails is in the message; `MSRUN_SIMULATION_SEEDS=20000 pytest tests/simulation` tries more of them.
"""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from msrun.dsl.plan import Ask, Compute, Node, Plan, Rank
from msrun.dsl.values.cells import Cell, unwrap
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.plain import plain
from msrun.dsl.values.template import compile_text
from msrun.runtime.events import (
    CallFinished,
    CallStarted,
    CellFinished,
    ItemProduced,
    ItemsReset,
    NodeFinished,
    NodeStarted,
    RunFailed,
    RunFinished,
)
from msrun.runtime.recipe import recipes
from msrun.runtime.seeds import call_seed

if TYPE_CHECKING:
    from tests.simulation.conftest import Simulated, Simulator, World

SEEDS = int(os.environ.get("MSRUN_SIMULATION_SEEDS", "600"))
CHUNKS = 12


def seeds(chunk: int) -> range:
    return range(chunk, SEEDS, CHUNKS)


# --- one by one ------------------------------------------------------------------------------------------------------


def one_by_one(plan: Plan, world: "World", run_seed: int, **inputs: Any) -> Any:
    """Return what the plan gives when its calls are made one after the other, each answering at once."""
    names = dict(inputs)
    nodes = {str(node.id): node for node in plan.nodes}
    reads = {id_: [name for name in node.reads if name in nodes] for id_, node in nodes.items()}
    for id_ in TopologicalSorter(reads).static_order():
        names[id_] = _Alone(nodes[id_], world, run_seed, names).value()
    return plain(compile_expr(plan.returns)(names))


@dataclass(slots=True)
class _Alone:
    """One node of a plan that is done one by one."""

    node: Node
    world: "World"
    run_seed: int
    names: Mapping[str, Any]

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
        if isinstance(node.action, Compute):
            return compile_expr(node.action.value)(names), "ok"
        if isinstance(node.action, Rank):
            return _ranked(node.action, names), "ok"
        assert isinstance(node.action, Ask)
        prompt = compile_text(node.action.prompt, {})(names)
        if node.kind == "decompose":
            return self.world.steps(prompt), "ok"
        label = node.id if index is None else f"{node.id}[{index}]"
        samples = [None] if node.samples is None else range(compile_expr(node.samples)(names))
        seeds = [call_seed(self.run_seed, node.id, index, sample, 1) for sample in samples]
        draws = [text for seed in seeds if (text := self.world.answer(label, prompt, seed)) is not None]
        if not draws:
            return None, "skipped"
        return (draws[0] if node.samples is None else draws), "ok"


def _ranked(action: Rank, names: Mapping[str, Any]) -> list[Any]:
    """Take out the best item again and again; the marks stand in a list of their own, or are the items."""
    items = compile_expr(action.source)(names)
    marks = items if action.marks is None else compile_expr(action.marks)(names)
    left = [
        (unwrap(mark), at, unwrap(item))
        for at, (item, mark) in enumerate(zip(items, marks, strict=True))
        if unwrap(mark) is not None and unwrap(item) is not None
    ]
    found: list[Any] = []
    while left:
        best = left[0]
        for other in left[1:]:
            better = other[0] < best[0] if action.lowest else other[0] > best[0]
            best = other if better else best
        found.append(best[2])
        left.remove(best)
    keep = None if action.keep is None else compile_expr(action.keep)(names)
    return found[:keep]


# --- what always holds -----------------------------------------------------------------------------------------------


def expected(run: "Simulated") -> Any:
    return one_by_one(run.plan, run.world, run.world.seed, q="why")


def trace(run: "Simulated") -> str:
    return sha256("\n".join(map(repr, run.events)).encode()).hexdigest()


def check_order(run: "Simulated") -> None:
    """Nothing starts before what it reads, nothing twice unless an item was taken back."""
    made = recipes(run.plan.nodes, {}, {})
    finished: set[str] = set()
    cells: set[tuple[str, int]] = set()  # items and cells that readers may have
    attempts: Counter[tuple[object, ...]] = Counter()
    reset = False
    for event in run.events:
        match event:
            case NodeStarted():
                assert set(made[event.node].waits) <= finished
                attempts["started", event.node] += 1
            case CallStarted():
                recipe = made[event.node]
                if event.cell is not None and recipe.follows is not None:
                    assert (recipe.follows, event.cell) in cells or recipe.follows in finished
                given = recipe.node.given
                if given is not None and given.needs is None:
                    assert all((event.node, index) in cells for index in range(event.cell or 0))
                attempts[event.node, event.cell, event.sample, event.attempt] += 1
            case ItemProduced() | CellFinished():
                cells.add((event.node, event.index))
            case ItemsReset():
                reset = True
            case CallFinished() if event.node in made and made[event.node].node.samples is not None:
                cells.update((event.node, index) for index in range(4))
            case NodeFinished():
                finished.add(event.node)
                attempts["finished", event.node] += 1
            case _:
                pass
    again = [key for key, times in attempts.items() if times > 1]
    assert not again or (reset and all(key[0] not in ("started", "finished") and key[1] is not None for key in again))


def check_books(run: "Simulated") -> None:
    """Calls that are counted were made, and none is open; the journal has every one that was answered."""
    assert run.world.open == 0
    assert run.world.most <= run.width
    started = [event for event in run.events if isinstance(event, CallStarted)]
    assert len(started) == run.world.calls
    answered = sum(isinstance(event, CallFinished) and not event.cached for event in run.events)
    assert len([done for done in run.journal.calls.values() if done.error is None]) <= answered
    if run.outcome is not None:
        assert run.outcome.calls == run.world.calls
        assert run.outcome.usage.completion_tokens == answered
    assert [event.seq for event in run.events] == list(range(len(run.events)))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_world_gives_what_it_gives_one_by_one(simulator: "Simulator", chunk: int) -> None:
    for seed in seeds(chunk):
        run = simulator.run(seed)
        try:
            assert run.outcome is not None
            assert run.outcome.failure is None
            assert run.outcome.value == expected(run)
            assert isinstance(run.events[-1], RunFinished)
            check_order(run)
            check_books(run)
            if seed % 5 == 0:
                assert trace(simulator.run(seed)) == trace(run)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}\n{run.text}\n{error}") from error


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_worlds_that_refuse_end_with_one_named_fault(simulator: "Simulator", chunk: int) -> None:
    failed = 0
    for seed in seeds(chunk)[::3]:
        run = simulator.run(seed, refusing=True)
        try:
            assert run.outcome is not None
            if run.outcome.failure is None:
                assert run.outcome.value == expected(run)
            else:
                failed += 1
                assert (run.outcome.failure.fault, run.events[-1]) == ("refused", run.outcome.failure)
                assert run.outcome.failure.node in {node.id for node in run.plan.nodes}
            check_order(run)
            check_books(run)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}\n{run.text}\n{error}") from error
    assert failed > 0


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_worlds_that_are_cancelled_go_on_where_they_were(simulator: "Simulator", chunk: int) -> None:
    for seed in seeds(chunk)[::3]:
        whole = simulator.run(seed)
        length_s = whole.events[-1].at_s
        cut = simulator.run(seed, cancel_after_s=length_s * (seed % 97) / 97)
        try:
            check_books(cut)
            if cut.outcome is None:
                assert not cut.events or (isinstance(cut.events[-1], RunFailed) and cut.events[-1].fault == "cancelled")
            paid = {key for key, done in cut.journal.calls.items() if done.error is None}
            on = simulator.run(seed, journal=cut.journal)
            assert on.outcome is not None
            assert on.outcome.value == expected(whole)
            again = Counter(
                (event.node, event.cell, event.sample) for event in on.events if isinstance(event, CallStarted)
            )
            streamed = {node.id for node in on.plan.nodes if node.kind == "decompose"}
            reset = any(isinstance(event, ItemsReset) for event in (*cut.events, *on.events))
            for key in paid:
                if not reset and key.node not in streamed:
                    assert (key.node, key.cell, key.sample) not in again
        except AssertionError as error:
            raise AssertionError(f"seed {seed}\n{cut.text}\n{error}") from error
