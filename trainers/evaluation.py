"""What an `evaluate` statement says, and its doing: answers of a model on held-out rows become figures, and a gate."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from msrun.dsl.kinds.measure import DEFAULT_FIGURES, HEADS_OF
from msrun.dsl.plan import ModelSpec, Name, Node, Rule, Value
from msrun.dsl.tree import Expr
from msrun.dsl.values.evaluate import compile_item
from msrun.dsl.values.plain import EvaluationError
from msrun.trainers.corpus import Corpus
from msrun.trainers.datasets import Dataset, read_part
from msrun.trainers.finetuning import Finetuning, Head
from msrun.trainers.inputs import RowsOf, labelled, pairs, rows_of
from msrun.trainers.port import Figure, Gate, Report, TrainingFault
from msrun.trainers.pretraining import Pretraining
from msrun.trainers.settings import Settings, action, of_stage, plain, spelled, suggestion, written

Kind: TypeAlias = Literal["classify", "regress", "generate", "fill"]
WRITES = Head(kind="generate")
Trained: TypeAlias = Pretraining | Finetuning


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one such statement says, checked. `by` is a column whose values get figures of their own.

    `head` is that of the model; `text` says that a model which writes was trained on whole texts, not on outputs.
    """

    stage: str
    model: str
    data: RowsOf
    trained_on: RowsOf
    kind: Kind = "generate"
    head: Head = WRITES
    text: bool = False
    report: tuple[str, ...] = ("exact_match",)
    require: Expr | None = None
    by: str | None = None
    batch: int = 64


def read_evaluation(
    node: Node, data: Mapping[str, Dataset | Corpus], trains: Mapping[str, Trained], models: Mapping[str, ModelSpec]
) -> Evaluation:
    """Return what an `evaluate` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    settings.only(("report", "require", "by", "batch"))
    if made.name != "metrics" or len(made.args) != 2 or made.named:
        raise settings.fault(
            f"an evaluation is metrics(model, data), not {spelled(made)}", "metrics(m, questions.test)"
        )
    model = _model(made.args[0], settings, trains, models)
    trained = trains[model]
    source = rows_of(made.args[1], "metrics(…)", settings, data, bare=())
    if source == trained.data:
        help_ = "split the dataset and name its other part: metrics(m, questions.test)"
        raise settings.fault(f"`{model}` was trained on {source}: rows it has seen say nothing", help_)
    kind, text = _kind(trained), isinstance(trained, Pretraining) and trained.objective.kind == "text"
    report = _report(settings, kind, text=text)
    by = settings.column("by")
    if by is not None and kind == "fill":
        raise settings.fault("`by` needs rows, and this model is measured on whole documents")
    return Evaluation(
        stage=node.id,
        model=model,
        data=source,
        trained_on=trained.data,
        kind=kind,
        head=trained.head if isinstance(trained, Finetuning) else WRITES,
        text=text,
        report=report,
        require=_require(settings, report),
        by=by,
        batch=settings.whole("batch", 64),
    )


def _model(value: Value, settings: Settings, trains: Mapping[str, Trained], models: Mapping[str, ModelSpec]) -> str:
    """The `train` stage that is measured, by its name or that of a model made of it."""
    name = value.path if isinstance(value, Name) else ""
    spec = models.get(name)
    if name not in trains and spec is not None and spec.backend == "trained" and isinstance(spec.args[0], Name):
        name = spec.args[0].path
    if name not in trains:
        raise settings.fault(f"metrics(…) must name a train stage, not {spelled(value)}", ", ".join(trains))
    return name


def _kind(trained: Trained) -> Kind:
    if isinstance(trained, Pretraining):
        return "fill" if trained.objective.kind == "masked" else "generate"
    return trained.head.kind


def _report(settings: Settings, kind: Kind, *, text: bool) -> tuple[str, ...]:
    value = settings.values.get("report")
    known = [name for name, heads in HEADS_OF.items() if kind in heads and not (text and name != "perplexity")]
    if value is None:
        return (DEFAULT_FIGURES[kind],) if not text else ("perplexity",)
    named = [plain(metric) or "" for metric in value] if isinstance(value, tuple) else [plain(value) or ""]
    for metric in named:
        if metric not in known:
            raise settings.fault(f"there is no figure {metric} of this model", suggestion(metric, known))
    return tuple(dict.fromkeys(named))


def _require(settings: Settings, report: tuple[str, ...]) -> Expr | None:
    value = settings.values.get("require")
    if value is None:
        return None
    if not isinstance(value, Rule):
        raise settings.fault(f"`require` must be a condition, not {spelled(value)}", "require: .exact_match >= 0.99")
    # a name that no figure has is found before anything starts
    figures: dict[str, Figure] = {"rows": 2, "seen_in_training": 0}
    for name in report:
        figures |= dict.fromkeys((name, f"{name}_low", f"{name}_high"), 0.5)
    holds(value.expr, figures, settings.stage)
    return value.expr


@dataclass(frozen=True, slots=True)
class Folders:
    """What an evaluation reads: the model, the dataset it answers, and the dataset that the model was trained on."""

    model: Path
    rows: Path
    trained_on: Path


def measure(job: Evaluation, folders: Folders, into: Path, report: Report) -> tuple[Mapping[str, Figure], Gate | None]:
    """Let the model answer every row; write report.json and the first misses; returns figures and the gate.

    `seen_in_training` counts rows whose input is among the inputs the model was trained on.
    """
    from msrun.trainers.measuring import answered

    found = answered(job, folders, report)
    figures = dict(found.figures)
    with (into / "misses.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(miss, ensure_ascii=False) + "\n" for miss in found.misses)
    content = {**figures, **found.tables}
    (into / "report.json").write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    gate = None
    if job.require is not None:
        gate = Gate(require=written(job.require), passed=holds(job.require, figures, job.stage))
    return figures, gate


def rehearse_evaluation(job: Evaluation, rows: Path) -> Mapping[str, Figure]:
    """Check the rows without a model; returns how many there are in the sample."""
    data = read_part(rows, job.data.part)
    if job.kind == "fill" or job.text:
        return {"rows": sum(1 for _ in data)}
    if job.kind == "generate":
        return {"rows": sum(1 for _ in pairs(data, job.data, job.stage))}
    return {"rows": sum(1 for _ in labelled(data, job.data, job.stage))}


def holds(expr: Expr, figures: Mapping[str, Figure], stage: str) -> bool:
    """Return whether a rule holds of figures; raises TrainingFault where it is no condition over them."""
    try:
        found = compile_item(expr)({}, dict(figures))
    except EvaluationError as error:
        message = f"`require` cannot be judged: {error}"
        raise TrainingFault("setting", stage, message, help="figures: " + ", ".join(figures)) from error
    if not isinstance(found, bool):
        raise TrainingFault("setting", stage, f"`require` must be a condition, not {found}")
    return found
