"""A `train` stage from scratch is done: rows or documents and a tokenizer become a model folder."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msrun.trainers.causal_spec import CausalSpec
from msrun.trainers.datasets import read_part
from msrun.trainers.inputs import pairs, texts
from msrun.trainers.port import Figure, Report, StageProgress, TrainingFault
from msrun.trainers.pretraining import Pretraining

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from msrun.trainers.loop import Around, Progress, Task

_SAMPLE_ROWS = 1000
_TOO_LONG = "give the model more `positions`, or leave such rows out of the data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where a stage works: the folder its output goes into, the one for checkpoints, who is told, whether to stop."""

    into: Path
    checkpoints: Path | None
    report: Report
    stop: Callable[[], bool] = lambda: False

    def around(self, stage: str) -> "Around":
        """Return this as the training loop sees it."""
        from msrun.trainers.loop import Around

        return Around(
            checkpoints=self.checkpoints,
            on_progress=lambda progress: self.report(told(stage, progress)),
            stop=self.stop,
        )


def make_model(job: Pretraining, rows: Path, tokenizer: Path, bench: Bench) -> Mapping[str, Figure]:
    """Train the model on a dataset's or corpus's folder and save it; returns parameters, steps and the last loss."""
    from msrun.trainers.causal import save
    from msrun.trainers.charts import write_report
    from msrun.trainers.loop import fit

    loaded = load_tokenizer(tokenizer)
    with training_faults(job.stage):
        model, task, spec = prepared(job, rows, loaded)
        losses = fit(model, task, spec, bench.around(job.stage))
    save(model, loaded, bench.into, spec.store)
    write_report(bench.into, job.stage, losses)
    tail = losses[-max(1, min(spec.report_every, len(losses))) :]
    return {"parameters": model.num_parameters(), "steps": spec.steps, "loss": sum(tail) / len(tail)}


def prepared(
    job: Pretraining, rows: Path, tokenizer: "PreTrainedTokenizerFast"
) -> "tuple[PreTrainedModel, Task, CausalSpec]":
    """Return the untrained model, what it learns, and how; the weights follow from the seed."""
    import torch

    spec = job.spec
    if spec.threads is not None:
        torch.set_num_threads(spec.threads)
    torch.manual_seed(spec.seed)  # pyright: ignore[reportUnknownMemberType] - torch leaves its seed untyped
    match job.objective.kind:
        case "output":
            return _outputs(job, rows, tokenizer)
        case "text":
            return _text(job, rows, tokenizer)
        case "masked":
            return _masked(job, rows, tokenizer)


def _outputs(job: Pretraining, rows: Path, tokenizer: "PreTrainedTokenizerFast") -> "tuple[Any, Task, CausalSpec]":
    from msrun.trainers.causal import OutputTask
    from msrun.trainers.causal_build import build_model
    from msrun.trainers.causal_rows import encode

    spec = job.spec
    data = pairs(read_part(rows, job.data.part), job.data, job.stage)
    most = spec.steps * spec.batch if spec.steps else None
    encoded = encode(data, tokenizer, positions=spec.length or spec.architecture.positions, most=most)
    spec = replace(spec, steps=spec.steps_over(len(encoded)))
    return build_model(spec.architecture, tokenizer), OutputTask(encoded, spec, _pad(tokenizer)), spec


def _text(job: Pretraining, rows: Path, tokenizer: "PreTrainedTokenizerFast") -> "tuple[Any, Task, CausalSpec]":
    from msrun.trainers.causal_build import build_model
    from msrun.trainers.plain_text import TextTask, pieces_of
    from msrun.trainers.sentence_pairs import encode_documents

    spec = job.spec
    length = spec.length or spec.architecture.positions
    encoded = encode_documents(documents(job, rows), tokenizer)
    pieces = pieces_of(encoded, length, cast("int", tokenizer.eos_token_id))
    spec = replace(spec, steps=spec.steps_over(len(pieces)))
    return build_model(spec.architecture, tokenizer), TextTask(pieces, spec, length, _pad(tokenizer)), spec


def _masked(job: Pretraining, rows: Path, tokenizer: "PreTrainedTokenizerFast") -> "tuple[Any, Task, CausalSpec]":
    from msrun.trainers.encoder import EncoderTask, build_encoder
    from msrun.trainers.sentence_pairs import Examples, encode_documents, masking_of

    spec, objective = job.spec, job.objective
    if tokenizer.mask_token_id is None:
        raise TrainingFault("setting", job.stage, f"`{job.tokenizer}` has no mask token", help="use wordpiece or bpe")
    examples = Examples(
        documents=encode_documents(documents(job, rows), tokenizer),
        length=spec.length or spec.architecture.positions,
        seed=spec.seed,
        pairs=objective.pairs,
        begin=cast("int", tokenizer.cls_token_id),
        separator=cast("int", tokenizer.sep_token_id),
        masking=masking_of(tokenizer, share=objective.mask, whole_words=objective.whole_words),
    )
    spec = replace(spec, steps=spec.steps_over(len(examples)))
    offset = _pad(tokenizer) + 1 if spec.architecture.kind == "roberta" else 0
    model = build_encoder(spec.architecture, tokenizer, pairs=objective.pairs)
    return model, EncoderTask(examples, spec, _pad(tokenizer), offset), spec


def documents(job: Pretraining, rows: Path) -> Iterator[Sequence[str]]:
    """Yield the sentences of every document; a row of a dataset is a document of its texts."""
    for row in read_part(rows, job.data.part):
        if isinstance(row.get("sentences"), list):
            yield row["sentences"]
        else:
            yield list(texts([row], job.data, job.stage))


def rehearse_model(job: Pretraining, rows: Path, tokenizer: Path, into: Path) -> Mapping[str, Figure]:
    """Tokenise the rows and save the model as it begins, for stages that tune it; returns parameters, tokens a step."""
    from msrun.trainers.causal import save

    loaded = load_tokenizer(tokenizer)
    with training_faults(job.stage):
        model, task, spec = prepared(job, rows, loaded)
        tokens = sum(micro.tokens for micro in task.batch(0))
    save(model, loaded, into, spec.store)
    return {"parameters": model.num_parameters(), "steps": spec.steps, "tokens_per_step": tokens}


class training_faults:  # noqa: N801 - a context, used as a word
    """Turn what the training code raises about settings and data into the faults that a caller sees."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def __enter__(self) -> None:
        """Be quiet: our own progress is told, and a bar or a table of new weights would only disturb it."""
        from transformers.utils import logging

        cast("Any", logging).disable_progress_bar()
        cast("Any", logging).set_verbosity_error()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Raise the fault that an error is."""
        del trace
        if kind is None or error is None:
            return
        fault = self._fault(error)
        if fault is not None:
            raise fault from error

    def _fault(self, error: BaseException) -> TrainingFault | None:
        from msrun.trainers.causal_rows import NoRowsError, RowTooLongError
        from msrun.trainers.checkpoints import OtherMakerError
        from msrun.trainers.loop import StoppedError, TrainingDivergedError
        from msrun.trainers.sentence_pairs import NoPairsError

        match error:
            case TrainingDivergedError():
                return TrainingFault("setting", self._stage, str(error))
            case RowTooLongError():
                return TrainingFault("data", self._stage, str(error), help=_TOO_LONG)
            case NoRowsError() | NoPairsError():
                return TrainingFault("data", self._stage, str(error))
            case OtherMakerError():
                return TrainingFault("setting", self._stage, str(error), help="remove that folder to begin again")
            case StoppedError():
                return TrainingFault("stopped", self._stage, str(error), help="the same command goes on from there")
            case MemoryError():
                help_ = "lower `micro_tokens`, or make the model smaller"
                return TrainingFault("data", self._stage, "the memory of this machine is used up", help=help_)
            case _:
                return None


def load_tokenizer(path: Path) -> "PreTrainedTokenizerFast":
    """Return the tokenizer of a folder."""
    from transformers import PreTrainedTokenizerFast

    # transformers leaves the type of what it loads open
    loaded = cast("Any", PreTrainedTokenizerFast).from_pretrained(path, local_files_only=True)
    return cast("PreTrainedTokenizerFast", loaded)


def _pad(tokenizer: "PreTrainedTokenizerFast") -> int:
    return cast("int", tokenizer.pad_token_id)


def told(stage: str, progress: "Progress") -> StageProgress:
    """Return the loop's progress as that of a stage."""
    left = progress.steps - progress.step
    return StageProgress(
        stage=stage,
        step=progress.step,
        steps=progress.steps,
        loss=progress.loss,
        tokens_per_s=progress.tokens_per_s,
        eta_s=progress.elapsed_s / progress.step * left,
    )
