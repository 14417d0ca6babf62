"""Kills runs at random points and counts, outside of the process that is killed, what was paid for."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 16

PLAN = """
model m = openai("fake") {{ base_url: "http://127.0.0.1:{port}/v1" }}

plan p(items: list<text>) -> list<text> {{
  solve first for item in items {{ prompt: "first {{{{ item }}}}"  parallel: {width} }}
  solve second for cell in first {{ prompt: "second {{{{ cell }}}}"  parallel: {width} }}
  return second
}}
"""


@dataclass
class Tally:
    """What was seen over all runs. `repeated` are calls for a result that had been acked before the kill."""

    runs: int = 0
    kills: int = 0
    repeated: int = 0
    most_in_flight_repeats: int = 0
    lost: int = 0
    wrong: int = 0
    damaged: int = 0


@contextmanager
def server(folder: Path, delay_s: float) -> Generator[tuple[int, Path]]:
    """Start the model server; give its port and its log."""
    log = folder / "calls.log"
    command = [sys.executable, str(ROOT / "tests" / "kills" / "server.py"), str(log), str(delay_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), log
        finally:
            process.kill()


def play(folder: Path, kills: int, *, seed: int = 0, nodes: int = 200, delay_s: float = 0.03) -> Tally:
    """Run plans of so many nodes, killing and resuming them, until there were `kills` kills."""
    random, tally = Random(seed), Tally()
    with server(folder, delay_s) as (port, log):
        (folder / "msrun.toml").write_text(f"width = {WIDTH}\n", encoding="utf-8")
        (folder / "x.plan").write_text(PLAN.format(port=port, width=WIDTH), encoding="utf-8")
        while tally.kills < kills:
            _one_run(folder, log, random, tally, kills, nodes)
    return tally


def _one_run(folder: Path, log: Path, random: Random, tally: Tally, kills: int, nodes: int) -> None:
    items = [f"{tally.runs} {at}" for at in range(nodes // 2)]
    acked: set[str] = set()
    called: Counter[str] = Counter()
    command = ["x.plan", "--items", json.dumps(items)]
    while True:
        kill_after = None if tally.kills >= kills else random.randrange(nodes)
        before = _calls(log)
        code, seen, answer, told = _attempt(folder, command, kill_after, random)
        time.sleep(0.05)  # a request that was sent before the kill may be written down after it
        now = _calls(log) - before
        tally.repeated += sum(count for prompt, count in now.items() if prompt in acked)
        tally.most_in_flight_repeats = max(
            tally.most_in_flight_repeats, sum(1 for p in now if called[p] and p not in acked)
        )
        called += now
        acked |= {prompt for prompt in seen if prompt}
        tally.damaged += _damaged(folder / ".msrun" / "journal.sqlite")
        if code == -signal.SIGKILL:
            tally.kills += 1
            command = ["resume", "last"]
            continue
        tally.runs += 1
        expected = [f"SECOND FIRST {item}".upper() for item in items]
        tally.wrong += answer != expected
        tally.lost += sum(1 for prompt in acked if not called[prompt])
        assert not code, told
        return


def _attempt(
    folder: Path, command: list[str], kill_after: int | None, random: Random
) -> tuple[int, list[str], Any, str]:
    """Run once; return the exit code, the prompts whose results were told, the answer, and stderr."""
    seen: list[str] = []
    answer: Any = None
    line = [sys.executable, "-m", "msrun", *command, "--jsonl", "--quiet"]
    with subprocess.Popen(line, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = 0
        for text in process.stdout:
            try:
                event = json.loads(text)
            except ValueError:
                break  # the line that the kill cut
            if event["kind"] == "cell_finished":
                told += 1
                seen.append(_prompt(event))
            if event["kind"] == "run_finished":
                answer = event["value"]
            if kill_after is not None and told > kill_after:
                kill_after = None
                threading.Timer(random.random() * 0.02, process.kill).start()
        stderr = process.stderr.read()
    return process.returncode, seen, answer, stderr


def _prompt(event: dict[str, Any]) -> str:
    """Return the prompt whose result a cell tells of: the server answers with it in upper case."""
    return str(event["value"]).lower() if event["status"] == "ok" else ""


def _calls(log: Path) -> Counter[str]:
    return Counter(log.read_text(encoding="utf-8").lower().splitlines()) if log.exists() else Counter()


def _damaged(path: Path) -> bool:
    if not path.exists():
        return False
    with sqlite3.connect(path) as db:
        found = db.execute("PRAGMA integrity_check").fetchone()
    db.close()
    return tuple(found) != ("ok",)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        print(play(Path(name), int(sys.argv[1])))
