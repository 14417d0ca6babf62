"""What the engine costs over the least that an anyio or asyncio programmer would write for the same work.

The model answers at once (or sleeps, where latencies are the point), so all that is left is overhead. The floors stand
in this file: a task for every node that waits for the one before it, a task for every item of a fan-out. All arms are
interleaved in one run and medians are compared. Writes benchmarks/results/overhead.json.

Peak memory is that of a process of its own, as the kernel counts it (VmHWM: a child's ru_maxrss begins with the size
of the parent that forked it).
"""

import asyncio
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import anyio

from msrun.backends.port import Emit, Reply, Request
from msrun.dsl.plan import Ask, Input, ModelSpec, Node, NodeId, Over, Plan, Subplan
from msrun.dsl.shapes import TEXT, CellOf, ListOf
from msrun.dsl.tree import Hole, Ref, Text
from msrun.runtime.engine import execute
from msrun.runtime.journal import MemoryJournal

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "overhead.json"
ROUNDS = int(os.environ.get("ROUNDS", "9"))
DAG_SEEDS = (1, 2, 3)
NODES = 60
PARTS = 10
EVERY_S = 0.1
MEMORY_ITEMS = 10_000


# --- the model -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Model:
    """Answers at once, or after the seconds that `delays` has for a node; `spans` keeps when each call ran."""

    delays: Mapping[str, float] = field(default_factory=dict[str, float])
    spans: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        if not self.delays:
            return Reply(text="x")
        began = time.perf_counter()
        if request.node == "parts":
            await self._write(emit)
        await anyio.sleep(self.delays.get(request.node, 0.0))
        self.spans[request.node] = began, time.perf_counter()
        return Reply(text=PARTS_TEXT if request.node == "parts" else "x")

    async def _write(self, emit: Emit | None) -> None:
        for at in range(PARTS):
            await anyio.sleep(EVERY_S)
            if emit is not None:
                emit(f'{"[" if at == 0 else ", "}"part {at}"')

    async def aclose(self) -> None:
        pass


PARTS_TEXT = json.dumps([f"part {at}" for at in range(PARTS)])


# --- plans -----------------------------------------------------------------------------------------------------------


def ask(id_: str, reads: Sequence[str], **more: Any) -> Node:
    """Return a node that shows a model what it reads."""
    prompt = Text(tuple(part for name in reads for part in (Hole(Ref(name)), " ")))
    values = {"shape": TEXT, "value_shape": TEXT, **more}
    return Node(id=NodeId(id_), kind="solve", action=Ask(model="m", prompt=prompt), reads=tuple(reads), **values)


def plan(nodes: Sequence[Node], returns: str, *inputs: Input) -> Plan:
    """Return a plan of these nodes with one model."""
    return Plan(
        name="p",
        inputs=inputs,
        params=(),
        result=TEXT,
        nodes=tuple(nodes),
        returns=Ref(returns),
        models=(ModelSpec(name="m", backend="scripted"),),
    )


def chain_plan(length: int) -> Plan:
    nodes = [ask(f"n{at}", (f"n{at - 1}" if at else "q",)) for at in range(length)]
    return plan(nodes, f"n{length - 1}", Input(name="q", shape=TEXT))


def fan_plan() -> Plan:
    cells = ListOf(CellOf(TEXT, TEXT))
    node = ask("ys", ("x",), over=Over("x", Ref("xs")), value_shape=cells)
    return plan([node], "ys", Input(name="xs", shape=ListOf(TEXT)))


def nest_plan() -> Plan:
    """Return a plan that runs another one, of two nodes, for every item."""
    inner = replace(chain_plan(2), name="inner")
    run = Subplan(plan="inner", args=(("q", Ref("x")),))
    cells = ListOf(CellOf(TEXT, TEXT))
    over = Over("x", Ref("xs"))
    node = Node(id=NodeId("ys"), kind="run", action=run, shape=TEXT, value_shape=cells, reads=("xs",), over=over)
    return replace(plan([node], "ys", Input(name="xs", shape=ListOf(TEXT))), plans=(inner,))


def dag(seed: int) -> tuple[dict[str, tuple[str, ...]], dict[str, float]]:
    """Return a random graph and heavy-tailed latencies (Pareto, tail index 1.3), 15 s of calls in all."""
    random = Random(seed)
    reads = {
        f"n{at}": tuple(f"n{source}" for source in sorted(random.sample(range(at), min(at, random.randint(0, 3)))))
        for at in range(NODES)
    }
    drawn = {id_: random.paretovariate(1.3) for id_ in reads}
    scale = 15.0 / sum(drawn.values())
    return reads, {id_: seconds * scale for id_, seconds in drawn.items()}


def dag_plan(reads: Mapping[str, Sequence[str]]) -> Plan:
    nodes = [ask(id_, sources or ("q",)) for id_, sources in reads.items()]
    return plan(nodes, f"n{NODES - 1}", Input(name="q", shape=TEXT))


def stream_plan() -> Plan:
    texts = ListOf(TEXT)
    action = Ask(model="m", prompt=Text((Hole(Ref("q")),)), stream_items=True)
    parts = Node(id=NodeId("parts"), kind="decompose", action=action, shape=texts, value_shape=texts, reads=("q",))
    ys = ask("ys", ("part",), over=Over("part", Ref("parts")), value_shape=ListOf(CellOf(TEXT, TEXT)))
    nodes = [parts, replace(ys, reads=("parts",)), ask("last", ("ys",))]
    return plan(nodes, "last", Input(name="q", shape=TEXT))


async def run_plan(it: Plan, model: Model, **inputs: Any) -> None:
    outcome = await execute(
        it,
        inputs,
        backends=lambda _spec: model,
        tools=lambda spec: (_ for _ in ()).throw(KeyError(spec.name)),
        journal=MemoryJournal(),
    )
    assert outcome.status == "ok", outcome.failure


# --- floors ----------------------------------------------------------------------------------------------------------


async def answer(prompt: str) -> str:
    return "x" if prompt else ""


async def anyio_chain(length: int) -> None:
    values = ["q"] * (length + 1)
    ready = [anyio.Event() for _ in range(length + 1)]

    async def node(at: int) -> None:
        await ready[at].wait()
        values[at + 1] = await answer(f"{values[at]} ")
        ready[at + 1].set()

    async with anyio.create_task_group() as group:
        for at in range(length):
            group.start_soon(node, at)
        ready[0].set()


async def asyncio_chain(length: int) -> None:
    values = ["q"] * (length + 1)
    ready = [asyncio.Event() for _ in range(length + 1)]

    async def node(at: int) -> None:
        await ready[at].wait()
        values[at + 1] = await answer(f"{values[at]} ")
        ready[at + 1].set()

    async with asyncio.TaskGroup() as group:
        for at in range(length):
            group.create_task(node(at))
        ready[0].set()


async def anyio_fan(items: Sequence[str]) -> None:
    values: dict[int, str] = {}

    async def cell(at: int, item: str) -> None:
        values[at] = await answer(f"{item} ")

    async with anyio.create_task_group() as group:
        for at, item in enumerate(items):
            group.start_soon(cell, at, item)
    assert len(values) == len(items)


async def asyncio_fan(items: Sequence[str]) -> None:
    values: dict[int, str] = {}

    async def cell(at: int, item: str) -> None:
        values[at] = await answer(f"{item} ")

    async with asyncio.TaskGroup() as group:
        for at, item in enumerate(items):
            group.create_task(cell(at, item))
    assert len(values) == len(items)


async def anyio_nest(items: Sequence[str]) -> None:
    """For every item a task group of its own, with a task for each of two nodes that wait for each other."""
    values: dict[int, str] = {}

    async def inner(at: int, item: str) -> None:
        kept = [item, "", ""]
        ready = [anyio.Event() for _ in range(3)]

        async def node(step: int) -> None:
            await ready[step].wait()
            kept[step + 1] = await answer(f"{kept[step]} ")
            ready[step + 1].set()

        async with anyio.create_task_group() as group:
            for step in range(2):
                group.start_soon(node, step)
            ready[0].set()
        values[at] = kept[2]

    async with anyio.create_task_group() as group:
        for at, item in enumerate(items):
            group.start_soon(inner, at, item)
    assert len(values) == len(items)


async def asyncio_nest(items: Sequence[str]) -> None:
    """Do the same with asyncio alone."""
    values: dict[int, str] = {}

    async def inner(at: int, item: str) -> None:
        kept = [item, "", ""]
        ready = [asyncio.Event() for _ in range(3)]

        async def node(step: int) -> None:
            await ready[step].wait()
            kept[step + 1] = await answer(f"{kept[step]} ")
            ready[step + 1].set()

        async with asyncio.TaskGroup() as group:
            for step in range(2):
                group.create_task(node(step))
            ready[0].set()
        values[at] = kept[2]

    async with asyncio.TaskGroup() as group:
        for at, item in enumerate(items):
            group.create_task(inner(at, item))
    assert len(values) == len(items)


async def anyio_dag(reads: Mapping[str, Sequence[str]], delays: Mapping[str, float]) -> None:
    ready = {id_: anyio.Event() for id_ in reads}

    async def node(id_: str) -> None:
        for source in reads[id_]:
            await ready[source].wait()
        await anyio.sleep(delays[id_])
        ready[id_].set()

    async with anyio.create_task_group() as group:
        for id_ in reads:
            group.start_soon(node, id_)


# --- measuring -------------------------------------------------------------------------------------------------------


async def timed(work: Awaitable[None]) -> float:
    gc.collect()
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def overhead_arms() -> dict[str, Callable[[], Awaitable[None]]]:
    """Return what is timed in every round, by name."""
    chain, fan = chain_plan(1000), fan_plan()
    arms: dict[str, Callable[[], Awaitable[None]]] = {
        "chain 1000: msrun": lambda: run_plan(chain, Model(), q="q"),
        "chain 1000: anyio": lambda: anyio_chain(1000),
        "chain 1000: asyncio": lambda: asyncio_chain(1000),
    }
    for count in (1000, 10_000):
        items = [f"item {at}" for at in range(count)]
        arms[f"fan-out {count}: msrun"] = lambda items=items: run_plan(fan, Model(), xs=items)
        arms[f"fan-out {count}: anyio"] = lambda items=items: anyio_fan(items)
        arms[f"fan-out {count}: asyncio"] = lambda items=items: asyncio_fan(items)
    nest, items = nest_plan(), [f"item {at}" for at in range(1000)]
    arms["sub-plans 1000: msrun"] = lambda: run_plan(nest, Model(), xs=items)
    arms["sub-plans 1000: anyio"] = lambda: anyio_nest(items)
    arms["sub-plans 1000: asyncio"] = lambda: asyncio_nest(items)
    return arms


async def measure_overhead() -> list[dict[str, Any]]:
    """Run all arms in turn, ROUNDS times after one that only warms up."""
    arms = overhead_arms()
    times: dict[str, list[float]] = {name: [] for name in arms}
    for round_ in range(ROUNDS + 1):
        for name, work in arms.items():
            took = await timed(work())
            if round_:
                times[name].append(took)
    rows: list[dict[str, Any]] = []
    goals = (("chain 1000", 20.0), ("fan-out 1000", 2.0), ("fan-out 10000", 2.0), ("sub-plans 1000", 3.0))
    for case, goal in goals:
        ours, floor, bare = (statistics.median(times[f"{case}: {arm}"]) for arm in ("msrun", "anyio", "asyncio"))
        seconds = {"msrun_ms": ours * 1000, "anyio_ms": floor * 1000, "asyncio_ms": bare * 1000}
        rows.append(row(case, ours / floor, goal, over_asyncio=ours / bare, **seconds))
    return rows


def critical_path_s(reads: Mapping[str, Sequence[str]], durations: Mapping[str, float]) -> float:
    """Return the length of the longest way through the graph; a node stands behind all that it reads."""
    ends: dict[str, float] = {}
    for id_, sources in reads.items():
        ends[id_] = durations[id_] + max((ends[source] for source in sources), default=0.0)
    return max(ends.values())


async def measure_dags() -> list[dict[str, Any]]:
    """Compare makespans with the longest way through the calls as they were measured in the same run."""
    ratios: list[float] = []
    floors: list[float] = []
    for seed in DAG_SEEDS:
        reads, delays = dag(seed)
        model = Model(delays)
        ours = await timed(run_plan(dag_plan(reads), model, q="q"))
        path = critical_path_s(reads, {id_: end - began for id_, (began, end) in model.spans.items()})
        bare = await timed(anyio_dag(reads, delays))
        ratios.append(ours / path)
        floors.append(bare / path)
    graphs = len(DAG_SEEDS)
    return [
        row(f"random DAG of {NODES}, heavy tails: makespan / critical path, worst of {graphs}", max(ratios), 1.01)
        | {"anyio_floor": round(max(floors), 4)}
    ]


async def measure_stream() -> list[dict[str, Any]]:
    """Ten parts, one every 100 ms, the early ones slow: the best is when the last of `arrival + its own call` ends."""
    delays = {f"ys[{at}]": 1.5 - 0.14 * at for at in range(PARTS)}
    took = await timed(run_plan(stream_plan(), Model(delays), q="q"))
    ideal = max(EVERY_S * (at + 1) + delays[f"ys[{at}]"] for at in range(PARTS))
    waiting = EVERY_S * PARTS + max(delays.values())
    return [row("streamed decomposition: time / ideal", took / ideal, 1.02, without_streaming=waiting / ideal)]


def row(case: str, ratio: float, goal: float, **more: float) -> dict[str, Any]:
    return {"case": case, "ratio": round(ratio, 4), "goal": goal, "met": ratio <= goal} | {
        name: round(value, 3) for name, value in more.items()
    }


# --- memory ----------------------------------------------------------------------------------------------------------


def peak_mb() -> float:
    """Return this process's largest resident size, in units of 10^6 bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def child(arm: str) -> None:
    items = [f"item {at}" for at in range(MEMORY_ITEMS)]
    if arm == "msrun":
        anyio.run(lambda: run_plan(fan_plan(), Model(), xs=items))
    elif arm == "anyio":
        anyio.run(anyio_fan, items)
    heavy = [name for name in ("pydantic", "networkx", "torch", "rich", "lark", "httpx2") if name in sys.modules]
    print(json.dumps({"peak_mb": peak_mb(), "loaded": heavy}))


def measure_memory() -> list[dict[str, Any]]:
    found: dict[str, Any] = {}
    for arm in ("msrun", "anyio", "nothing"):
        done = subprocess.run([sys.executable, __file__, "--child", arm], check=True, capture_output=True, text=True)
        found[arm] = json.loads(done.stdout)
    measured = {"anyio_mb": found["anyio"]["peak_mb"], "imports_only_mb": found["nothing"]["peak_mb"]}
    peak = found["msrun"]["peak_mb"]
    return [row("peak memory of the 10000 fan-out, MB", peak, 60.0, **measured) | {"loaded": found["msrun"]["loaded"]}]


def main() -> None:
    rows = anyio.run(measure_overhead) + anyio.run(measure_dags) + anyio.run(measure_stream) + measure_memory()
    for each in rows:
        print(f"{'ok  ' if each['met'] else 'MISS'} {each['case']}: {each['ratio']} (goal {each['goal']})  {each}")
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "anyio": anyio_version(),
    }
    RESULTS.write_text(json.dumps({"rounds": ROUNDS, "machine": machine, "rows": rows}, indent=2) + "\n")


def anyio_version() -> str:
    from importlib.metadata import version

    return version("anyio")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
    else:
        main()
