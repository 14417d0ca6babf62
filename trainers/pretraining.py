"""The `train` stage: `pretrain(llama(…))` with `clm(loss_on: output)` becomes a model folder in Hugging Face layout."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from msrun.dsl.plan import Made, Name, Node, Value
from msrun.trainers.causal import Architecture, CausalSpec, Schedule
from msrun.trainers.causal import Progress as CausalProgress
from msrun.trainers.datasets import Dataset, read_part
from msrun.trainers.inputs import RowsOf, pairs, rows_of
from msrun.trainers.port import Figure, Report, StageProgress, TrainingFault
from msrun.trainers.settings import Settings, action, of_made, of_stage, plain, spelled, suggestion
from msrun.trainers.tokenizing import Tokenizing

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

ARCHITECTURES: Mapping[str, Literal["llama", "gpt2"]] = {"llama": "llama", "gpt2": "gpt2"}
SCHEDULES: Mapping[str, Literal["cosine", "linear", "constant"]] = {
    "cosine": "cosine",
    "linear": "linear",
    "constant": "constant",
}
_DTYPES = ("float32", "bfloat16")
_STORES = ("float32", "bfloat16", "float16")
_COUNTS = ("micro_tokens", "threads", "report_every", "save_every")
SETTINGS = (
    *("data", "tokenizer", "objective", "steps", "batch", "lr", "seed", "optimizer", "weight_decay", "betas", "clip"),
    *(*_COUNTS, "dtype", "store", "save"),
)

_SAMPLE_ROWS = 1000
_TOO_LONG = "give the model more `positions`, or leave such rows out of the data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretraining:
    """What one `train` statement says, checked. `save` is a path under the plan's folder, as written."""

    stage: str
    data: RowsOf
    tokenizer: str
    spec: CausalSpec
    save: str | None = None


def read_pretraining(node: Node, datasets: Mapping[str, Dataset], tokenizers: Mapping[str, Tokenizing]) -> Pretraining:
    """Return what a `train` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    settings.only(SETTINGS)
    if made.name != "pretrain":
        raise settings.fault(f"there is no trainer `{made.name}`", "this version has pretrain(llama(…)) and gpt2(…)")
    _check_objective(settings.values.get("objective"), settings)
    return Pretraining(
        stage=node.id,
        data=rows_of(settings.values.get("data"), "`data`", settings, datasets, bare=("train",)),
        tokenizer=_tokenizer(settings.values.get("tokenizer"), settings, tokenizers),
        spec=_spec(settings, _architecture(made, settings)),
        save=settings.text("save"),
    )


def _tokenizer(value: Value, settings: Settings, tokenizers: Mapping[str, Tokenizing]) -> str:
    if not isinstance(value, Name) or value.path not in tokenizers:
        raise settings.fault(f"`tokenizer` must name a tokenizer, not {spelled(value)}", ", ".join(tokenizers))
    return value.path


def _check_objective(value: Value, settings: Settings) -> None:
    example = "objective: clm(loss_on: output)"
    if not isinstance(value, Made) or value.name != "clm":
        raise settings.fault(f"`objective` must be clm(loss_on: output), not {spelled(value)}", example)
    of_made(value, settings.stage).only(("loss_on",))
    if plain(value.get("loss_on")) != "output" or value.args:
        raise settings.fault("clm(…) takes the loss on the outputs only in this version", example)


def _architecture(made: Made, settings: Settings) -> Architecture:
    (model,) = made.args if len(made.args) == 1 else (None,)
    if isinstance(model, Name):
        model = Made(model.path)
    if not isinstance(model, Made) or model.name not in ARCHITECTURES or model.args or made.named:
        raise settings.fault(
            f"pretrain(…) takes an architecture, not {spelled(model)}", "llama(layers: 4, hidden: 128, heads: 4)"
        )
    sizes = of_made(model, settings.stage)
    sizes.only(("layers", "hidden", "heads", "inner", "positions", *(("theta",) if model.name == "llama" else ())))
    known = Architecture()
    found = Architecture(
        kind=ARCHITECTURES[model.name],
        layers=sizes.whole("layers", known.layers),
        hidden=sizes.whole("hidden", known.hidden),
        heads=sizes.whole("heads", known.heads),
        inner=sizes.whole("inner") if "inner" in sizes.values else None,
        positions=sizes.whole("positions", known.positions, low=2),
        theta=sizes.number("theta", known.theta, low=1.0),
    )
    if found.hidden % found.heads or (found.kind == "llama" and found.hidden // found.heads % 2):
        even = " into even parts" if found.kind == "llama" else ""
        raise settings.fault(f"{found.hidden} hidden units cannot be divided among {found.heads} heads{even}")
    return found


def _spec(settings: Settings, architecture: Architecture) -> CausalSpec:
    if "seed" not in settings.values:
        raise settings.fault("there is no `seed`: without one nobody can make the same model again", "seed: 7")
    counts = {name: settings.whole(name) for name in _COUNTS if name in settings.values}
    return CausalSpec(
        architecture=architecture,
        steps=settings.whole("steps"),
        batch=settings.whole("batch"),
        seed=settings.whole("seed", low=0),
        lr=_schedule(settings.values.get("lr"), settings),
        optimizer=cast("Literal['adamw', 'muon']", settings.word("optimizer", ("adamw", "muon"), "adamw")),
        weight_decay=settings.number("weight_decay", 0.1),
        betas=_betas(settings),
        clip=settings.number("clip", 1.0),
        dtype=cast("Literal['float32', 'bfloat16']", settings.word("dtype", _DTYPES, "float32")),
        store=cast("Literal['float32', 'bfloat16', 'float16']", settings.word("store", _STORES, "float32")),
        **counts,
    )


def _schedule(value: Value, settings: Settings) -> Schedule:
    example = "lr: cosine(peak: 1e-3, warmup: 100)"
    if not isinstance(value, Made) or value.args:
        raise settings.fault(f"`lr` must be a schedule, not {spelled(value)}", example)
    if value.name not in SCHEDULES:
        raise settings.fault(f"there is no schedule `{value.name}`", suggestion(value.name, list(SCHEDULES)))
    parts = of_made(value, settings.stage)
    parts.only(("peak", "warmup", "floor"))
    return Schedule(
        kind=SCHEDULES[value.name],
        peak=parts.number("peak", high=1.0),
        warmup=parts.whole("warmup", 100, low=0),
        floor=parts.number("floor", 0.0, high=1.0),
    )


def _betas(settings: Settings) -> tuple[float, float]:
    match settings.values.get("betas", (0.9, 0.98)):
        case (float() | int() as first, float() | int() as second) if 0 <= first < 1 and 0 <= second < 1:
            return float(first), float(second)
        case other:
            raise settings.fault(f"`betas` must be two numbers below 1, not {spelled(other)}", "betas: [0.9, 0.98]")


def make_model(job: Pretraining, rows: Path, tokenizer: Path, into: Path, report: Report) -> Mapping[str, Figure]:
    """Train the model on a dataset's folder and save it; returns parameters, tokens seen and the last loss (nats)."""
    from transformers.utils import logging

    from msrun.trainers.causal import TrainingDivergedError, train_causal
    from msrun.trainers.causal_rows import RowTooLongError

    cast("Any", logging).disable_progress_bar()  # our own progress is told; a bar for one file would only disturb it

    last: list[CausalProgress] = []

    def tell(progress: CausalProgress) -> None:
        last[:] = [progress]
        report(_told(job.stage, progress))

    data = pairs(read_part(rows, job.data.part), job.data, job.stage)
    try:
        model = train_causal(job.spec, data, _load_tokenizer(tokenizer), into, tell)
    except TrainingDivergedError as error:
        raise TrainingFault("setting", job.stage, str(error)) from error
    except RowTooLongError as error:
        raise TrainingFault("data", job.stage, str(error), help=_TOO_LONG) from error
    figures: dict[str, Figure] = {"parameters": model.num_parameters(), "steps": job.spec.steps}
    if last:
        figures |= {"tokens": last[0].tokens, "loss": last[0].loss}
    return figures


def rehearse_model(job: Pretraining, rows: Path, tokenizer: Path) -> Mapping[str, Figure]:
    """Tokenise the rows and build the model without training it; returns parameters and tokens per step."""
    from msrun.trainers.causal import build_model
    from msrun.trainers.causal_rows import RowTooLongError, encode

    loaded = _load_tokenizer(tokenizer)
    data = pairs(read_part(rows, job.data.part), job.data, job.stage)
    try:
        encoded = encode(data, loaded, positions=job.spec.architecture.positions, most=_SAMPLE_ROWS)
    except RowTooLongError as error:
        raise TrainingFault("data", job.stage, str(error), help=_TOO_LONG) from error
    tokens = len(encoded.tokens) / len(encoded) * job.spec.batch
    parameters = build_model(job.spec.architecture, loaded).num_parameters()
    return {"parameters": parameters, "steps": job.spec.steps, "tokens_per_step": round(tokens)}


def _load_tokenizer(path: Path) -> "PreTrainedTokenizerFast":
    from transformers import PreTrainedTokenizerFast

    # transformers leaves the type of what it loads open
    loaded = cast("Any", PreTrainedTokenizerFast).from_pretrained(path, local_files_only=True)
    return cast("PreTrainedTokenizerFast", loaded)


def _told(stage: str, progress: CausalProgress) -> StageProgress:
    left = progress.steps - progress.step
    return StageProgress(
        stage=stage,
        step=progress.step,
        steps=progress.steps,
        loss=progress.loss,
        tokens_per_s=progress.tokens_per_s,
        eta_s=progress.elapsed_s / progress.step * left,
    )
