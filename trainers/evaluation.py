"""The `evaluate` stage: greedy replies of a trained model over held-out rows become figures, and a gate over them."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msrun.dsl.plan import Name, Node, Rule
from msrun.dsl.tree import Expr
from msrun.dsl.values.evaluate import compile_item
from msrun.dsl.values.plain import EvaluationError
from msrun.trainers import greedy
from msrun.trainers.datasets import Dataset, read_part
from msrun.trainers.inputs import RowsOf, pairs, rows_of
from msrun.trainers.port import Figure, Gate, Report, StageProgress, TrainingFault
from msrun.trainers.pretraining import Pretraining
from msrun.trainers.settings import Settings, action, of_stage, plain, spelled, suggestion, written

METRICS = ("exact_match",)
_MISSES_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one `evaluate` statement says, checked. `by` is a column whose values get figures of their own."""

    stage: str
    model: str
    data: RowsOf
    trained_on: RowsOf
    require: Expr | None = None
    by: str | None = None
    batch: int = 64


def read_evaluation(node: Node, datasets: Mapping[str, Dataset], models: Mapping[str, Pretraining]) -> Evaluation:
    """Return what an `evaluate` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    settings.only(("report", "require", "by", "batch"))
    if made.name != "metrics" or len(made.args) != 2 or made.named:
        raise settings.fault(
            f"an evaluation is metrics(model, data), not {spelled(made)}", "metrics(m, questions.test)"
        )
    model = made.args[0]
    if not isinstance(model, Name) or model.path not in models:
        raise settings.fault(f"metrics(…) must name a train stage, not {spelled(model)}", ", ".join(models))
    _check_report(settings)
    trained_on = models[model.path].data
    data = rows_of(made.args[1], "metrics(…)", settings, datasets, bare=())
    if data == trained_on:
        help_ = "split the dataset and name its other part: metrics(m, questions.test)"
        raise settings.fault(f"`{model.path}` was trained on {data}: rows it has seen say nothing", help_)
    return Evaluation(
        stage=node.id,
        model=model.path,
        data=data,
        trained_on=trained_on,
        require=_require(settings),
        by=settings.column("by"),
        batch=settings.whole("batch", 64),
    )


def _check_report(settings: Settings) -> None:
    value = settings.values.get("report", (Name("exact_match"),))
    for metric in value if isinstance(value, tuple) else (value,):
        if plain(metric) not in METRICS:
            raise settings.fault(f"there is no figure {spelled(metric)}", suggestion(spelled(metric), METRICS))


def _require(settings: Settings) -> Expr | None:
    value = settings.values.get("require")
    if value is None:
        return None
    if not isinstance(value, Rule):
        raise settings.fault(f"`require` must be a condition, not {spelled(value)}", "require: .exact_match >= 0.99")
    # a name that no figure has is found before anything starts
    _holds(value.expr, {**wilson(1, 2), "seen_in_training": 0}, settings.stage)
    return value.expr


@dataclass(frozen=True, slots=True)
class Folders:
    """What an evaluation reads: the model, the dataset it answers, and the dataset that the model was trained on."""

    model: Path
    rows: Path
    trained_on: Path


def wilson(right: int, rows: int, z: float = 1.96) -> dict[str, Figure]:
    """Return the share of right answers and its Wilson score interval (Wilson 1927; z 1.96 is 95%).

    >>> {name: round(share, 3) for name, share in wilson(9, 10).items()}
    {'exact_match': 0.9, 'exact_match_low': 0.596, 'exact_match_high': 0.982, 'rows': 10}
    """
    share, square = right / rows, z * z
    centre = (share + square / (2 * rows)) / (1 + square / rows)
    half = z / (1 + square / rows) * math.sqrt(share * (1 - share) / rows + square / (4 * rows * rows))
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return {"exact_match": share, "exact_match_low": low, "exact_match_high": high, "rows": rows}


def measure(job: Evaluation, folders: Folders, into: Path, report: Report) -> tuple[Mapping[str, Figure], Gate | None]:
    """Let the model answer every row; write report.json and the first misses; returns figures and the gate.

    `seen_in_training` counts rows whose input is among the inputs the model was trained on.
    """
    data = list(read_part(folders.rows, job.data.part))
    wanted = list(pairs(data, job.data, job.stage))
    replies = greedy.replies(
        folders.model,
        [row["input"] for row in wanted],
        [row["output"] for row in wanted],
        batch=job.batch,
        on_done=lambda done: report(StageProgress(stage=job.stage, step=done, steps=len(wanted), note="answers")),
    )
    right = [reply.strip() == row["output"].strip() for reply, row in zip(replies, wanted, strict=True)]
    figures = wilson(sum(right), len(right))
    learnt = {row.get("input") for row in read_part(folders.trained_on, job.trained_on.part)}
    figures["seen_in_training"] = sum(row["input"] in learnt for row in wanted)
    if job.by is not None:
        figures |= _by_group(data, right, job)
    misses = [{**row, "reply": reply} for row, reply, hit in zip(wanted, replies, right, strict=True) if not hit]
    with (into / "misses.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(miss, ensure_ascii=False) + "\n" for miss in misses[:_MISSES_KEPT])
    (into / "report.json").write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    gate = None
    if job.require is not None:
        gate = Gate(require=written(job.require), passed=_holds(job.require, figures, job.stage))
    return figures, gate


def rehearse_evaluation(job: Evaluation, rows: Path) -> Mapping[str, Figure]:
    """Check the rows without a model; returns how many there are in the sample."""
    return {"rows": sum(1 for _ in pairs(read_part(rows, job.data.part), job.data, job.stage))}


def _by_group(data: list[dict[str, Any]], right: list[bool], job: Evaluation) -> dict[str, Figure]:
    for number, row in enumerate(data, start=1):
        if job.by not in row:
            columns = ", ".join(row)
            raise TrainingFault("data", job.stage, f'row {number} of {job.data} has no "{job.by}" (columns: {columns})')
    total = Counter(str(row[job.by]) for row in data if job.by)
    hits = Counter(str(row[job.by]) for row, hit in zip(data, right, strict=True) if job.by and hit)
    return {f"exact_match[{group}]": hits[group] / count for group, count in sorted(total.items())}


def _holds(expr: Expr, figures: Mapping[str, Figure], stage: str) -> bool:
    try:
        found = compile_item(expr)({}, dict(figures))
    except EvaluationError as error:
        message = f"`require` cannot be judged: {error}"
        raise TrainingFault("setting", stage, message, help="figures: " + ", ".join(figures)) from error
    if not isinstance(found, bool):
        raise TrainingFault("setting", stage, f"`require` must be a condition, not {found}")
    return found
