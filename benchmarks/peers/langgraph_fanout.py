"""LangGraph as its documentation builds it: a fan-out by Send, AsyncSqliteSaver, durability="sync".

    python langgraph_fanout.py PORT WIDTH DATABASE THREAD [ITEMS as JSON]

Without items it goes on with the thread. Prints a JSON line for every update that LangGraph hands out, and the result.
"""

import asyncio
import json
import operator
import sys
from typing import Annotated, Any, TypedDict

import httpx
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send


class State(TypedDict):
    """What the graph keeps."""

    items: list[str]
    out: Annotated[list[tuple[int, str]], operator.add]


async def main(port: int, width: int, database: str, thread: str, items: list[str] | None) -> None:
    """Run the graph to its end."""
    async with httpx.AsyncClient(timeout=60) as client:

        async def ask(state: dict[str, Any]) -> dict[str, Any]:
            message = {"role": "user", "content": f"first {state['item']}"}
            reply = await client.post(f"http://127.0.0.1:{port}/v1/chat/completions", json={"messages": [message]})
            return {"out": [(state["at"], reply.json()["choices"][0]["message"]["content"])]}

        def fan(state: State) -> list[Send]:
            return [Send("ask", {"at": at, "item": item}) for at, item in enumerate(state["items"])]

        graph = StateGraph(State)
        graph.add_node("ask", ask)
        graph.add_conditional_edges(START, fan, ["ask"])
        graph.add_edge("ask", END)
        async with AsyncSqliteSaver.from_conn_string(database) as saver:
            app = graph.compile(checkpointer=saver)
            config = {"configurable": {"thread_id": thread}, "max_concurrency": width}
            given = None if items is None else {"items": items, "out": []}
            async for update in app.astream(given, config, stream_mode="updates", durability="sync"):
                for _, text in update.get("ask", {}).get("out", ()):
                    print(json.dumps({"kind": "cell_finished", "status": "ok", "value": text}), flush=True)
            state = await app.aget_state(config)
            value = [text for _, text in sorted(map(tuple, state.values["out"]))]
            print(json.dumps({"kind": "run_finished", "value": value}), flush=True)


if __name__ == "__main__":
    given = json.loads(sys.argv[5]) if len(sys.argv) > 5 else None
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], given))
