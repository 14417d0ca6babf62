"""A chain of N nodes in LangGraph with AsyncSqliteSaver, durability="sync": time and bytes a node, as JSON."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TypedDict

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    """One text that is handed from node to node."""

    text: str


async def main(database: str, count: int) -> None:
    """Time the chain with the saver and without, and look at what was written."""

    async def step(state: State) -> State:
        return {"text": "x"}

    graph = StateGraph(State)
    for at in range(count):
        graph.add_node(f"n{at}", step)
        graph.add_edge(f"n{at - 1}" if at else START, f"n{at}")
    graph.add_edge(f"n{count - 1}", END)
    config = {"recursion_limit": count + 10}
    plain = graph.compile()
    began = time.perf_counter()
    await plain.ainvoke({"text": "x"}, config)
    without_s = time.perf_counter() - began
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        app = graph.compile(checkpointer=saver)
        began = time.perf_counter()
        await app.ainvoke({"text": "x"}, {**config, "configurable": {"thread_id": "t"}}, durability="sync")
        with_s = time.perf_counter() - began
    size = sum(file.stat().st_size for file in Path(database).parent.glob(Path(database).name + "*"))
    row = {"case": f"langgraph chain {count}", "added_us_a_node": round((with_s - without_s) / count * 1e6, 1)}
    print(json.dumps({**row, "bytes_a_node": round(size / count, 1)}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
