"""Whole-process times of `msrun --help` and `msrun check`, beside a bare interpreter and a bare anyio run.

The installed console script is measured, as a user calls it. Rounds are interleaved, so that a busy moment of the
machine touches every row; medians are compared. Writes benchmarks/results/startup.json.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "startup.json"
ROUNDS = 30
GOALS_MS = {"msrun --help": 60.0, "msrun check": 160.0}
ANYIO = "import anyio\nasync def main(): await anyio.sleep(0)\nanyio.run(main)"


def commands() -> dict[str, list[str]]:
    """Return what is measured, by name: the script of the environment that runs this file."""
    python, script = sys.executable, Path(sys.executable).parent / "msrun"
    if not script.exists():
        raise SystemExit("msrun is not installed in this environment: pip install -e .")
    return {
        "python -c pass": [python, "-c", "pass"],
        "bare anyio run": [python, "-c", ANYIO],
        "msrun --help": [str(script), "--help"],
        "msrun check": [str(script), "check", str(ROOT / "examples" / "quickstart.plan")],
    }


def once_ms(command: Sequence[str]) -> float:
    """Run a command and return the milliseconds from its start to its end."""
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    took = (time.perf_counter() - started) * 1000
    if done.returncode != 0:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr.decode()}")
    return took


def measure() -> dict[str, list[float]]:
    """Return the times of every command, in milliseconds; the first round only warms the caches."""
    times: dict[str, list[float]] = {name: [] for name in commands()}
    for round_ in range(ROUNDS + 1):
        for name, command in commands().items():
            took = once_ms(command)
            if round_:
                times[name].append(took)
    return times


def report(times: dict[str, list[float]]) -> dict[str, object]:
    """Return medians, spreads, and ratios to the bare interpreter and to the bare anyio run."""
    medians = {name: statistics.median(values) for name, values in times.items()}
    rows = {
        name: {
            "median_ms": round(medians[name], 1),
            "min_ms": round(min(values), 1),
            "p90_ms": round(statistics.quantiles(values, n=10)[8], 1),
            "over_python": round(medians[name] / medians["python -c pass"], 2),
            "over_anyio": round(medians[name] / medians["bare anyio run"], 2),
            "goal_ms": GOALS_MS.get(name),
        }
        for name, values in times.items()
    }
    machine = {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}
    return {"rounds": ROUNDS, "machine": machine, "rows": rows}


def show(rows: dict[str, dict[str, float | None]]) -> None:
    print(f"{'':<16} {'median':>8} {'min':>8} {'p90':>8} {'/python':>8} {'/anyio':>8}")
    for name, row in rows.items():
        goal, median = row["goal_ms"], row["median_ms"]
        met = "" if goal is None or median is None else f"  goal {goal:g}: {'met' if median <= goal else 'MISSED'}"
        figures = f"{row['median_ms']:>8} {row['min_ms']:>8} {row['p90_ms']:>8}"
        print(f"{name:<16} {figures} {row['over_python']:>8} {row['over_anyio']:>8}{met}")


def main() -> None:
    result = report(measure())
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    rows = result["rows"]
    assert isinstance(rows, dict)
    show(rows)


if __name__ == "__main__":
    main()
