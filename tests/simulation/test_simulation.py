"""Random plans in random weather on a clock that jumps: what always holds, whatever comes when.

A seed that fails is in the message; `MSRUN_SIMULATION_SEEDS=20000 pytest tests/simulation` tries more of them.
"""

import os
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from msrun.dsl.plan import Node, Subplan, bodies
from msrun.dsl.tree import Ref
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
from tests.simulation.reference import OneByOne, by_path, written

if TYPE_CHECKING:
    from tests.simulation.conftest import Simulated, Simulator

SEEDS = int(os.environ.get("MSRUN_SIMULATION_SEEDS", "600"))
CHUNKS = 12


def seeds(chunk: int) -> range:
    return range(chunk, SEEDS, CHUNKS)


# --- what always holds -----------------------------------------------------------------------------------------------


def expected(run: "Simulated") -> Any:
    return OneByOne(run.plan, run.world, run.world.seed).result(q="why")


def trace(run: "Simulated") -> str:
    return sha256("\n".join(map(repr, run.events)).encode()).hexdigest()


def check_order(run: "Simulated") -> None:
    """Nothing starts before what it reads, nothing twice unless an item was taken back."""
    made, known = recipes(run.plan.nodes, {}, {}), by_path(run.plan)
    finished: set[str] = set()
    cells: set[tuple[str, int]] = set()  # items and cells that readers may have
    attempts: Counter[tuple[object, ...]] = Counter()
    reset = False
    for event in run.events:
        match event:
            case NodeStarted():
                if event.node in made:
                    assert set(made[event.node].waits) <= finished
                else:
                    assert siblings(event.node, known) <= finished
                attempts["started", event.node] += 1
            case CallStarted() if event.node not in made:
                attempts[event.node, event.cell, event.sample, event.attempt] += 1
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
    assert not again or (reset and all(in_a_cell(key) for key in again))


def in_a_cell(key: tuple[object, ...]) -> bool:
    """Whether what happened again did so in a cell, which may have been taken back."""
    name = key[1] if key[0] in ("started", "finished") else key[0]
    return "[" in str(name) or (name is key[0] and key[1] is not None)


def siblings(path: str, known: Mapping[str, tuple[Node, bool]]) -> set[str]:
    """Return the paths of the nodes beside this one that it waits for; a group's own graph waits for what it reads."""
    before = path[: path.rindex(".") + 1]
    node = known[written(path)][0]
    if bodies(node.action) or isinstance(node.action, Subplan):
        return set()
    followed = node.over.source.name if node.over is not None and isinstance(node.over.source, Ref) else ""
    return {before + name for name in node.reads if name != followed and written(before + name) in known}


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


NESTED = pytest.mark.parametrize("nested", [False, True], ids=["flat", "nested"])


@NESTED
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_world_gives_what_it_gives_one_by_one(simulator: "Simulator", chunk: int, *, nested: bool) -> None:
    for seed in seeds(chunk)[:: 1 + nested]:
        run = simulator.run(seed, nested=nested)
        try:
            assert run.outcome is not None
            assert run.outcome.failure is None
            assert run.outcome.value == expected(run)
            assert isinstance(run.events[-1], RunFinished)
            check_order(run)
            check_books(run)
            if seed % 5 == 0:
                assert trace(simulator.run(seed, nested=nested)) == trace(run)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}\n{run.text}\n{error}") from error


@NESTED
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_worlds_that_refuse_end_with_one_named_fault(simulator: "Simulator", chunk: int, *, nested: bool) -> None:
    failed = 0
    for seed in seeds(chunk)[::3]:
        run = simulator.run(seed, refusing=True, nested=nested)
        try:
            assert run.outcome is not None
            if run.outcome.failure is None:
                assert run.outcome.value == expected(run)
            else:
                failed += 1
                assert (run.outcome.failure.fault, run.events[-1]) == ("refused", run.outcome.failure)
                assert written(str(run.outcome.failure.node)) in by_path(run.plan)
            check_order(run)
            check_books(run)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}\n{run.text}\n{error}") from error
    assert failed > 0 or nested  # where most groups skip what fails in them


@NESTED
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_worlds_that_are_cancelled_go_on_where_they_were(simulator: "Simulator", chunk: int, *, nested: bool) -> None:
    for seed in seeds(chunk)[::3]:
        whole = simulator.run(seed, nested=nested)
        length_s = whole.events[-1].at_s
        cut = simulator.run(seed, nested=nested, cancel_after_s=length_s * (seed % 97) / 97)
        try:
            check_books(cut)
            if cut.outcome is None:
                assert not cut.events or (isinstance(cut.events[-1], RunFailed) and cut.events[-1].fault == "cancelled")
            paid = {key for key, done in cut.journal.calls.items() if done.error is None}
            on = simulator.run(seed, nested=nested, journal=cut.journal)
            assert on.outcome is not None
            assert on.outcome.value == expected(whole)
            again = Counter(
                (event.node, event.cell, event.sample) for event in on.events if isinstance(event, CallStarted)
            )
            streamed = {path for path, (node, _) in by_path(on.plan).items() if node.kind == "decompose"}
            reset = any(isinstance(event, ItemsReset) for event in (*cut.events, *on.events))
            for key in paid:
                if not reset and written(key.node) not in streamed:
                    assert (key.node, key.cell, key.sample) not in again
        except AssertionError as error:
            raise AssertionError(f"seed {seed}\n{cut.text}\n{error}") from error
