"""What the durable journal adds to a run: time and bytes a node, on a chain and on fan-outs, beside SQLite itself.

Arms of one run, in turn, medians compared: the engine with its journal in memory; the engine with the journal on disk;
floors of the same file system (one row, one commit, synchronous FULL or NORMAL, in the journal mode that ours uses).
The added cost of a node is (disk - memory) / nodes. Writes benchmarks/results/durable.json. LangGraph's saver is timed
where it is installed (`pip install -e ".[bench]"`, or PEER_PYTHON names an interpreter that has it).
"""

import gc
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio

from msrun.backends.port import Emit, Reply, Request
from msrun.dsl.plan import Ask, Input, ModelSpec, Node, NodeId, Over, Plan
from msrun.dsl.shapes import TEXT, CellOf, ListOf
from msrun.dsl.tree import Hole, Ref, Text
from msrun.runtime.durable.journal import open_journals
from msrun.runtime.durable.sqlite import default_mode
from msrun.runtime.engine import execute
from msrun.runtime.journal import Journal, MemoryJournal

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "durable.json"
PEER = ROOT / "benchmarks" / "peers" / "langgraph_saver.py"
PEER_PYTHON = os.environ.get("PEER_PYTHON", sys.executable)
ROUNDS = int(os.environ.get("ROUNDS", "5"))
MODEL = ModelSpec(name="m", backend="scripted")


class Model:
    """Answers at once."""

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        return Reply(text="x")

    async def aclose(self) -> None:
        pass


def node(name: str, reads: str, over: Over | None = None) -> Node:
    prompt = Text((Hole(Ref(over.binder if over else reads)),))
    shape = ListOf(CellOf(TEXT, TEXT)) if over else TEXT
    return Node(
        id=NodeId(name),
        kind="solve",
        action=Ask(model="m", prompt=prompt),
        shape=TEXT,
        value_shape=shape,
        reads=(reads,),
        over=over,
    )


def chain(count: int) -> tuple[Plan, Mapping[str, Any]]:
    nodes = tuple(node(f"n{at}", f"n{at - 1}" if at else "q") for at in range(count))
    inputs = (Input(name="q", shape=TEXT),)
    return Plan(
        name="chain",
        inputs=inputs,
        params=(),
        result=TEXT,
        nodes=nodes,
        returns=Ref(f"n{count - 1}"),
        models=(MODEL,),
    ), {"q": "x"}


def fan_out(count: int) -> tuple[Plan, Mapping[str, Any]]:
    nodes = (node("cells", "items", Over("item", Ref("items"))),)
    inputs = (Input(name="items", shape=ListOf(TEXT)),)
    plan = Plan(
        name="fan",
        inputs=inputs,
        params=(),
        result=ListOf(TEXT),
        nodes=nodes,
        returns=Ref("cells"),
        models=(MODEL,),
    )
    return plan, {"items": [f"item {at}" for at in range(count)]}


async def timed(plan: Plan, inputs: Mapping[str, Any], journal: Journal, run: str) -> float:
    model = Model()
    gc.collect()
    began = time.perf_counter()
    outcome = await execute(
        plan,
        inputs,
        backends=lambda _spec: model,
        tools=lambda _spec: _no_tool(),
        journal=journal,
        run=run,
    )
    took = time.perf_counter() - began
    assert outcome.status == "ok", outcome.failure
    return took


def _no_tool() -> Any:
    raise AssertionError("these plans call no tool")


async def disk(plan: Plan, inputs: Mapping[str, Any], path: Path) -> float:
    async with open_journals(path) as journals:
        journal = await journals.begin("r", plan.name, "x.plan", {"inputs": dict(inputs)})
        took = await timed(plan, inputs, journal, "r")
        await journal.end("ok", {})
    return took


def floor(path: Path, synchronous: str, count: int) -> float:
    """Time rows of a done call's size, a commit each."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA journal_mode = {default_mode()}")
    db.execute(f"PRAGMA synchronous = {synchronous}")
    db.execute("CREATE TABLE entry (run INTEGER, seq INTEGER, body TEXT, PRIMARY KEY (run, seq)) WITHOUT ROWID")
    body = "x" * 120
    began = time.perf_counter()
    for at in range(count):
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO entry VALUES (1, ?, ?)", (at, body))
        db.execute("COMMIT")
    took = time.perf_counter() - began
    db.close()
    return took / count


def measure(name: str, make: Callable[[int], tuple[Plan, Mapping[str, Any]]], count: int) -> dict[str, Any]:
    plan, inputs = make(count)
    memory: list[float] = []
    durable: list[float] = []
    full: list[float] = []
    normal: list[float] = []
    size = 0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            memory.append(anyio.run(timed, plan, inputs, MemoryJournal(), "r"))
            durable.append(anyio.run(disk, plan, inputs, Path(folder) / "j"))
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            full.append(floor(Path(folder) / "full", "FULL", 500))
            normal.append(floor(Path(folder) / "normal", "NORMAL", 500))
    added_us = (statistics.median(durable) - statistics.median(memory)) / count * 1e6
    floor_us = statistics.median(full) * 1e6
    row = {
        "case": f"{name} {count}",
        "added_us_a_node": round(added_us, 1),
        "sqlite_full_us": round(floor_us, 1),
        "sqlite_normal_us": round(statistics.median(normal) * 1e6, 1),
        "ratio_to_full": round(added_us / floor_us, 3),
        "bytes_a_node": round(size / count, 1),
    }
    print(row, flush=True)
    return row


def peer(count: int) -> dict[str, Any] | None:
    with tempfile.TemporaryDirectory() as folder:
        command = [PEER_PYTHON, str(PEER), str(Path(folder) / "peer.sqlite"), str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"no peer: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        return None
    row: dict[str, Any] = json.loads(done.stdout)
    print(row, flush=True)
    return row


def main() -> None:
    rows = [
        measure("chain", chain, 1000),
        measure("fan-out", fan_out, 1000),
        measure("fan-out", fan_out, 10_000),
    ]
    record = {
        "rounds": ROUNDS,
        "machine": {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()},
        "sqlite": sqlite3.sqlite_version,
        "journal_mode": default_mode(),
        "rows": rows,
        "langgraph": [row for row in (peer(100), peer(1000)) if row is not None],
    }
    RESULTS.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
