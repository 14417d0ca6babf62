"""Exact match by number of operations: the quick-start plan against the same-size model trained to answer directly.

    msrun train examples/arithmetic/direct.plan --allow 'dataset:*'     # the baseline; minutes to an hour
    python benchmarks/arithmetic.py [--questions 100] [--refusals 300]

Both arms go through `msrun.load(…).arun(…)`, greedy, over the same held-out questions of 1 to 6 operations.
Refusals are questions outside the domain, in words that training never saw: any answer to one is a false answer.
Writes benchmarks/results/arithmetic.json and docs/pictures/arithmetic.svg.
"""

import argparse
import json
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import anyio
from chart import Series, chart

import msrun
from msrun.api import Loaded
from msrun.backends.port import Surroundings
from msrun.backends.registry import open_backend
from msrun.trainers.trained import resolve_trained

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "arithmetic"
OPERATIONS = (1, 2, 3, 4, 5, 6)
AT_ONCE = 16
Z95 = 1.959964

sys.path.insert(0, str(EXAMPLE))
import questions  # noqa: E402 - the example's own generator, found beside its plan


@dataclass(frozen=True, slots=True)
class Score:
    """How many of `asked` questions were answered exactly."""

    right: int
    asked: int

    @property
    def percent(self) -> float:
        return 100 * self.right / self.asked

    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval in percent (Wilson 1927)."""
        n, p, z2 = self.asked, self.right / self.asked, Z95 * Z95
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z95 * ((p * (1 - p) / n + z2 / (4 * n * n)) ** 0.5) / (1 + z2 / n)
        return 100 * (middle - half), 100 * (middle + half)

    def as_json(self) -> dict[str, object]:
        low, high = self.interval()
        return {"right": self.right, "asked": self.asked, "percent": round(self.percent, 2), "ci95": [low, high]}


def opened(path: Path) -> Loaded:
    """Load a plan whose only model is opened once for all runs."""
    loaded = msrun.load(path)
    (spec,) = loaded.plan.models
    spec = resolve_trained(loaded.module, spec, root=path.parent)
    return msrun.load(path, backends={spec.name: open_backend(spec, Surroundings(root=str(path.parent)))})


async def answers(loaded: Loaded, asked: Sequence[str]) -> list[str]:
    """Run the plan over questions, several at once; a run that fails answers with its message."""
    found = [""] * len(asked)
    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def one(index: int) -> None:
        async with limiter:
            try:
                found[index] = str((await loaded.arun(question=asked[index])).value)
            except msrun.RunFailed as fault:
                found[index] = f"failed: {fault}"

    async with anyio.create_task_group() as group:
        for index in range(len(asked)):
            group.start_soon(one, index)
    return found


async def score(loaded: Loaded, rows: Sequence[dict[str, str | int]]) -> tuple[Score, list[dict[str, str]]]:
    """Return the score and the questions that went wrong."""
    got = await answers(loaded, [str(row["question"]) for row in rows])
    misses = [
        {"question": str(row["question"]), "expected": str(row["answer"]), "got": answer}
        for row, answer in zip(rows, got, strict=True)
        if answer != row["answer"]
    ]
    return Score(len(rows) - len(misses), len(rows)), misses


async def refused(loaded: Loaded, asked: Iterable[str]) -> tuple[Score, list[dict[str, str]]]:
    """Return how many questions outside the domain were refused, and those that were answered."""
    texts = list(asked)
    got = await answers(loaded, texts)
    said_no = {questions.REFUSAL, questions.OUT_OF_RANGE}
    wrong = [
        {"question": text, "got": answer}
        for text, answer in zip(texts, got, strict=True)
        if answer not in said_no and not answer.startswith("failed: ")
    ]
    return Score(len(texts) - len(wrong), len(texts)), wrong


async def measure(arms: dict[str, Loaded], each: int, refusals: int) -> dict[str, object]:
    """Ask every arm everything."""
    report: dict[str, object] = {}
    for name, loaded in arms.items():
        started = perf_counter()
        by_operations: dict[str, object] = {}
        misses: list[dict[str, str]] = []
        for operations in OPERATIONS:
            rows = list(questions.heldout_questions(1, each, operations))
            found, wrong = await score(loaded, rows)
            by_operations[str(operations)] = found.as_json()
            misses += wrong
            print(f"{name:>8}  {operations} operations  {found.percent:6.2f}%  of {found.asked}", flush=True)
        kept, false_answers = await refused(loaded, questions.refusals(1, refusals))
        print(f"{name:>8}  refusals      {kept.percent:6.2f}%  of {kept.asked}", flush=True)
        report[name] = {
            "exact_match": by_operations,
            "refused": kept.as_json(),
            "misses": misses,
            "false_answers": false_answers,
            "seconds": round(perf_counter() - started, 1),
        }
    return report


def percents(report: dict[str, object], arm: str) -> list[float]:
    """Return an arm's curve."""
    of_arm = report[arm]
    assert isinstance(of_arm, dict)
    return [of_arm["exact_match"][str(operations)]["percent"] for operations in OPERATIONS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=100, help="per number of operations and arm")
    parser.add_argument("--refusals", type=int, default=300)
    parser.add_argument("--plan-only", action="store_true", help="leave the baseline out; writes nothing")
    given = parser.parse_args()
    arms = {"plan": opened(ROOT / "examples" / "quickstart.plan")}
    if not given.plan_only:
        arms["direct"] = opened(EXAMPLE / "direct.plan")
    report = anyio.run(measure, arms, given.questions, given.refusals)
    if given.plan_only:
        return
    report["machine"] = {"python": platform.python_version(), "processor": platform.machine()}
    (ROOT / "benchmarks" / "results" / "arithmetic.json").write_text(
        json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    picture = ROOT / "docs" / "pictures" / "arithmetic.svg"
    picture.parent.mkdir(exist_ok=True)
    lines = [Series("plan", percents(report, "plan")), Series("direct", percents(report, "direct"))]
    title = "Held-out questions answered exactly"
    picture.write_text(chart(title, "operations in the question", OPERATIONS, lines), encoding="utf-8")


if __name__ == "__main__":
    main()
