"""Kills runs at random points and counts, outside of the process that is killed, what was paid for."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol

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


class Arm(Protocol):
    """Something that can be killed: it runs `items` of work and goes on after a kill, in processes of its own.

    It prints JSON lines: `cell_finished` with each result as soon as it is safe, `run_finished` at the end.
    """

    def prepare(self, folder: Path, port: int) -> None:
        """Write what it needs into the folder; the model server listens on the port of 127.0.0.1."""
        ...

    def start(self, items: Sequence[str]) -> Sequence[str]:
        """Return the command of a new run."""
        ...

    def resume(self) -> Sequence[str]:
        """Return the command that goes on with the last run."""
        ...

    def expected(self, items: Sequence[str]) -> list[str]:
        """Return the answer of an unbroken run."""
        ...

    def damaged(self, folder: Path) -> bool:
        """Say whether what it keeps is damaged."""
        ...


@dataclass(frozen=True)
class Msrun:
    """The command line as a user types it."""

    plan: str = PLAN
    prefix: str = "SECOND FIRST "

    def prepare(self, folder: Path, port: int) -> None:
        """See Arm."""
        (folder / "msrun.toml").write_text(f"width = {WIDTH}\n", encoding="utf-8")
        (folder / "x.plan").write_text(self.plan.format(port=port, width=WIDTH), encoding="utf-8")

    def start(self, items: Sequence[str]) -> Sequence[str]:
        """See Arm."""
        return self._command("x.plan", "--items", json.dumps(items))

    def resume(self) -> Sequence[str]:
        """See Arm."""
        return self._command("resume", "last")

    def expected(self, items: Sequence[str]) -> list[str]:
        """See Arm."""
        return [f"{self.prefix}{item}".upper() for item in items]

    def damaged(self, folder: Path) -> bool:
        """See Arm."""
        path = folder / ".msrun" / "journal.sqlite"
        if not path.exists():
            return False
        with sqlite3.connect(path) as db:
            found = db.execute("PRAGMA integrity_check").fetchone()
        db.close()
        return tuple(found) != ("ok",)

    def _command(self, *args: str) -> Sequence[str]:
        return [sys.executable, "-m", "msrun", *args, "--jsonl", "--quiet"]


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


def play(
    arm: Arm, folder: Path, kills: int, *, seed: int = 0, items: int = 100, tells: int = 200, delay_s: float = 0.03
) -> Tally:
    """Run `items` of work, killing and resuming it, until there were `kills` kills; a run tells of `tells` results."""
    random, tally = Random(seed), Tally()
    with server(folder, delay_s) as (port, log):
        arm.prepare(folder, port)
        while tally.kills < kills:
            work = [f"{tally.runs} {at}" for at in range(items)]
            _one_run(arm, work, folder, log, random, tally, kills, tells)
    return tally


def _one_run(
    arm: Arm, items: Sequence[str], folder: Path, log: Path, random: Random, tally: Tally, kills: int, tells: int
) -> None:
    acked: set[str] = set()
    called: Counter[str] = Counter()
    command = arm.start(items)
    while True:
        kill_after = None if tally.kills >= kills else random.randrange(tells)
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
        tally.damaged += arm.damaged(folder)
        if code == -signal.SIGKILL:
            tally.kills += 1
            command = arm.resume()
            continue
        tally.runs += 1
        tally.wrong += answer != arm.expected(items)
        tally.lost += sum(1 for prompt in acked if not called[prompt])
        assert not code, told
        return


def _attempt(
    folder: Path, command: Sequence[str], kill_after: int | None, random: Random
) -> tuple[int, list[str], Any, str]:
    """Run once; return the exit code, the prompts whose results were told, the answer, and stderr."""
    seen: list[str] = []
    answer: Any = None
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
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


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        print(play(Msrun(), Path(name), int(sys.argv[1])))
