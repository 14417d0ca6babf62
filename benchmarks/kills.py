"""kill -9 at random points of a fan-out of 200 calls, ours and LangGraph's, counted outside of what is killed.

Both arms ask the same model server, 16 calls at a time, and are killed at the same (seeded) random points. Needs an
environment with `pip install -e ".[bench]"`; `PEER_PYTHON` may name the interpreter of one. Writes
benchmarks/results/kills.json.
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.kills.harness import WIDTH, Msrun, Tally, play  # noqa: E402 - found by the line above

RESULTS = ROOT / "benchmarks" / "results" / "kills.json"
PEER = ROOT / "benchmarks" / "peers" / "langgraph_fanout.py"
KILLS = int(os.environ.get("KILLS", "50"))
PYTHON = os.environ.get("PEER_PYTHON", sys.executable)

PLAN = """
model m = openai("fake") {{ base_url: "http://127.0.0.1:{port}/v1" }}

plan p(items: list<text>) -> list<text> {{
  solve first for item in items {{ prompt: "first {{{{ item }}}}"  parallel: {width} }}
  return first
}}
"""


@dataclass
class LangGraph:
    """The peer's arm."""

    port: int = 0
    threads: int = 0

    def prepare(self, folder: Path, port: int) -> None:
        self.port = port

    def start(self, items: Sequence[str]) -> Sequence[str]:
        self.threads += 1
        return [*self.resume(), json.dumps(items)]

    def resume(self) -> Sequence[str]:
        return [PYTHON, str(PEER), str(self.port), str(WIDTH), "peer.sqlite", f"t{self.threads}"]

    def expected(self, items: Sequence[str]) -> list[str]:
        return [f"first {item}".upper() for item in items]

    def damaged(self, folder: Path) -> bool:
        return False


def row(name: str, tally: Tally) -> dict[str, object]:
    print(f"{name:<10} {tally}", flush=True)
    return {"arm": name, **asdict(tally)}


def main() -> None:
    rows: list[dict[str, object]] = []
    for name, arm in (("msrun", Msrun(plan=PLAN, prefix="FIRST ")), ("langgraph", LangGraph())):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(row(name, play(arm, Path(folder), KILLS, items=200, tells=200)))
    peers: dict[str, str] = {}
    for package in ("langgraph", "langgraph-checkpoint-sqlite"):
        try:
            peers[package] = version(package)
        except PackageNotFoundError:
            peers[package] = "in another environment"
    record = {"calls": 200, "width": WIDTH, "python": sys.version.split()[0], "peers": peers, "rows": rows}
    RESULTS.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
