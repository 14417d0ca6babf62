"""What a `train` statement with `finetune(…)` says, and its doing: a base becomes a model with a head."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from msrun.dsl.plan import Made, ModelSpec, Name, Node, Value
from msrun.dsl.shapes import EnumDef, TypeDef
from msrun.trainers.bases import Base, read_base
from msrun.trainers.causal_spec import LoopSpec
from msrun.trainers.corpus import Corpus
from msrun.trainers.datasets import Dataset, read_part
from msrun.trainers.inputs import RowsOf, labelled, pairs, rows_of
from msrun.trainers.making import Bench, load_tokenizer, training_faults
from msrun.trainers.port import Figure, TrainingFault
from msrun.trainers.settings import Settings, action, of_stage, plain, spelled
from msrun.trainers.train_settings import SETTINGS, read_loop

if TYPE_CHECKING:
    from msrun.trainers.loop import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a model is tuned for: `labels` in the enum's order, of which a text has one, or any number (`several`)."""

    kind: Literal["classify", "regress", "generate"]
    labels: tuple[str, ...] = ()
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finetuning:
    """What one such statement says, checked. `save` is a path under the plan's folder, as written."""

    stage: str
    base: Base
    data: RowsOf
    head: Head
    spec: LoopSpec
    save: str | None = None


def read_finetuning(
    node: Node,
    data: Mapping[str, Dataset | Corpus],
    trains: Mapping[str, object],
    models: Mapping[str, ModelSpec],
    types: Mapping[str, TypeDef],
) -> Finetuning:
    """Return what a `train … finetune(…)` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    settings.only(tuple(name for name in SETTINGS if name not in ("tokenizer", "objective")))
    source = rows_of(settings.values.get("data"), "`data`", settings, data, bare=("train",))
    head = _head(made.get("head"), settings, types)
    found = data[source.stage]
    if isinstance(found, Corpus):
        raise settings.fault(f"`{source}` is raw text, a head learns from rows")
    if head.kind == "classify" and found.labels != head.labels:
        raise settings.fault(f"the labels of `{source.stage}` are not those of the head", "labels: Topic")
    return Finetuning(
        stage=node.id,
        base=read_base(made.args[0] if made.args else None, settings, trains, models),
        data=source,
        head=head,
        spec=read_loop(settings),
        save=settings.text("save"),
    )


def _head(value: Value, settings: Settings, types: Mapping[str, TypeDef]) -> Head:
    match value:
        case None | Name("generate"):
            return Head(kind="generate")
        case Name("regress"):
            return Head(kind="regress")
        case Made("classify", (Name(enum),), named) if isinstance(found := types.get(enum), EnumDef):
            return Head(
                kind="classify",
                labels=tuple(label for label, _ in found.labels),
                several=dict(named).get("several") is True,
            )
        case _:
            raise settings.fault(f"there is no head {spelled(value)}", "head: classify(Topic)")


def tune(job: Finetuning, base: Path, rows: Path, bench: Bench) -> Mapping[str, Figure]:
    """Tune a model folder on a dataset's folder and save it; returns parameters, steps and the last loss."""
    from msrun.trainers.causal import save
    from msrun.trainers.charts import write_report
    from msrun.trainers.loop import fit

    tokenizer = load_tokenizer(base)
    with training_faults(job.stage):
        model, task, spec = prepared(job, base, rows, tokenizer)
        losses = fit(model, task, spec, bench.around(job.stage))
    save(model, tokenizer, bench.into, spec.store)
    write_report(bench.into, job.stage, losses)
    tail = losses[-max(1, min(spec.report_every, len(losses))) :]
    return {"parameters": model.num_parameters(), "steps": spec.steps, "loss": sum(tail) / len(tail)}


def rehearse_tuning(job: Finetuning, base: Path, rows: Path, into: Path) -> Mapping[str, Figure]:
    """Tokenise the rows and put the head on the base without training it; returns parameters and tokens a step."""
    from msrun.trainers.causal import save

    tokenizer = load_tokenizer(base)
    with training_faults(job.stage):
        model, task, spec = prepared(job, base, rows, tokenizer)
        tokens = sum(micro.tokens for micro in task.batch(0))
    save(model, tokenizer, into, spec.store)
    return {"parameters": model.num_parameters(), "steps": spec.steps, "tokens_per_step": tokens}


def prepared(job: Finetuning, base: Path, rows: Path, tokenizer: Any) -> "tuple[Any, Task, LoopSpec]":
    """Return the base with its new head, what it learns, and how; the head's weights follow from the seed."""
    import torch

    spec = job.spec
    if spec.threads is not None:
        torch.set_num_threads(spec.threads)
    torch.manual_seed(spec.seed)  # pyright: ignore[reportUnknownMemberType] - torch leaves its seed untyped
    return (_writer if job.head.kind == "generate" else _judge)(job, base, rows, tokenizer)


def _judge(job: Finetuning, base: Path, rows: Path, tokenizer: Any) -> "tuple[Any, Task, LoopSpec]":
    from transformers import AutoModelForSequenceClassification

    from msrun.trainers.judging import JudgeTask, encode_texts

    head, spec = job.head, job.spec
    problem = {"regress": "regression"}.get(
        head.kind, "multi_label_classification" if head.several else "single_label_classification"
    )
    names = {"id2label": dict(enumerate(head.labels)), "label2id": {label: at for at, label in enumerate(head.labels)}}
    model: Any = cast("Any", AutoModelForSequenceClassification).from_pretrained(
        base,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        problem_type=problem,
        num_labels=len(head.labels) or 1,
        **(names if head.labels else {}),
    )
    length = min(spec.length or places(model), places(model))
    found = list(labelled(read_part(rows, job.data.part), job.data, job.stage))
    encoded = encode_texts([row["text"] for row in found], tokenizer, length)
    targets = [target(row["label"], head, job) for row in found]
    spec = replace(spec, steps=spec.steps_over(len(found)))
    return model, JudgeTask(encoded, targets, head.kind, head.several, spec, int(tokenizer.pad_token_id)), spec


def _writer(job: Finetuning, base: Path, rows: Path, tokenizer: Any) -> "tuple[Any, Task, LoopSpec]":
    from transformers import AutoModelForCausalLM

    from msrun.trainers.causal import OutputTask
    from msrun.trainers.causal_rows import encode

    spec = job.spec
    model: Any = cast("Any", AutoModelForCausalLM).from_pretrained(
        base, local_files_only=True, use_safetensors=True, trust_remote_code=False, dtype="float32"
    )
    length = min(spec.length or places(model), places(model))
    encoded = encode(pairs(read_part(rows, job.data.part), job.data, job.stage), tokenizer, positions=length, most=None)
    spec = replace(spec, steps=spec.steps_over(len(encoded)))
    return model, OutputTask(encoded, spec, int(tokenizer.pad_token_id)), spec


def places(model: Any) -> int:
    """Return how many tokens a model can take."""
    config = model.config
    offset = config.pad_token_id + 1 if config.model_type == "roberta" else 0
    found = getattr(config.get_text_config(), "max_position_embeddings", None)
    return int(found) - offset if isinstance(found, int) else 2**31


def target(label: Any, head: Head, job: Finetuning) -> list[float]:
    """Return what a row's label is to the loss: its number, one number a label, or its value."""
    if head.kind == "regress":
        try:
            return [float(label)]
        except (TypeError, ValueError):
            raise TrainingFault("data", job.stage, f"the label {label!r} of {job.data} is no number") from None
    known = list(head.labels)
    named = [plain(one) or str(one) for one in label] if isinstance(label, list) else [str(label)]  # pyright: ignore
    strange = [one for one in named if one not in known]
    if strange or (len(named) != 1 and not head.several):
        message = f"the label {label!r} of {job.data} is not one of {', '.join(known)}"
        raise TrainingFault("data", job.stage, message)
    return [float(one in named) for one in known] if head.several else [float(known.index(named[0]))]
