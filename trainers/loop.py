"""The training loop of every objective: batches by step, a loss that is a mean over each, checkpoints, a clean end.

A batch is a function of the step, and dropout draws from torch's random numbers, which a checkpoint keeps: so training
that was killed and goes on gives the same bits as training that was not (same machine, threads and versions).
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from msrun.trainers.causal_build import optimizers
from msrun.trainers.causal_spec import LoopSpec, learning_rate
from msrun.trainers.checkpoints import Training, restore, save

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Micro:
    """A part of a batch that is worked on at once. `tensors` go to the model; `counts` says of each loss how many items
    it is summed over, known before it is computed; `tokens` counts without padding.
    """

    tensors: "Mapping[str, torch.Tensor]"
    counts: Mapping[str, int]
    tokens: int


class Task(Protocol):
    """What is learnt: batches by step, and their losses."""

    def batch(self, step: int) -> Sequence[Micro]:
        """Return the parts of the batch of one step; the same for the same step, whatever was asked before."""
        ...

    def losses(self, model: "PreTrainedModel", micro: Micro) -> "Mapping[str, torch.Tensor]":
        """Return the summed losses of a part, in nats, by the names of its `counts`."""
        ...

    def describe(self, step: int) -> str:
        """Say which data the batch of a step is made of, for people who look for what went wrong."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where training stands: the loss is the mean since the last report, in nats a token; `tokens` without padding."""

    step: int
    steps: int
    loss: float
    tokens: int
    tokens_per_s: float
    elapsed_s: float


class TrainingDivergedError(Exception):
    """The loss is no longer a number."""

    def __init__(self, step: int, batch: str = "") -> None:
        cure = "use a lower peak learning rate or a longer warm-up"
        where = f" ({batch})" if batch else ""
        super().__init__(f"the loss is not a number at step {step}{where}; {cure}")
        self.step = step


class StoppedError(Exception):
    """Training was asked to stop, and has left a checkpoint behind."""

    def __init__(self, step: int, steps: int) -> None:
        super().__init__(f"stopped at step {step} of {steps}; a checkpoint was saved")
        self.step = step


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What surrounds a loop: a folder for checkpoints (None: none are made), who is told, and whether to stop."""

    checkpoints: Path | None = None
    on_progress: Callable[[Progress], None] | None = None
    stop: Callable[[], bool] = lambda: False


def fit(model: "PreTrainedModel", task: Task, spec: LoopSpec, around: Around) -> list[float]:
    """Train a model for `spec.steps` steps, going on from the newest checkpoint; return the loss of every step.

    `spec.threads` stays set in this process, and the model is left ready for use.

    Raises:
        TrainingDivergedError: the loss became NaN or infinite; the last checkpoint stays.
        StoppedError: `around.stop` said so; a checkpoint of this step was saved.
        OtherMakerError: the checkpoint that is there was made with other versions or threads.
    """
    import torch

    if spec.threads is not None:
        torch.set_num_threads(spec.threads)
    training = Training(model=model, optimizers=optimizers(model, spec), step=0, losses=[])
    maker = _maker()
    if around.checkpoints is not None:
        restore(around.checkpoints, training, maker)
    meter = _Meter(spec.steps, training.step, around.on_progress)
    cast("Any", model).train()
    while training.step < spec.steps:
        step = training.step
        micros = task.batch(step)
        loss = _step(training, task, micros, spec, learning_rate(spec.lr, step, spec.steps))
        if not math.isfinite(loss):
            raise TrainingDivergedError(step, task.describe(step))
        training.step += 1
        training.losses.append(loss)
        meter.add(loss, micros)
        if training.step % spec.report_every == 0 or training.step == spec.steps:
            meter.report(training.step)
        stopping = around.stop() and training.step < spec.steps
        due = training.step % spec.interval == 0 and training.step < spec.steps
        if around.checkpoints is not None and (due or stopping):
            save(around.checkpoints, training, maker, keep=spec.keep)
        if stopping:
            raise StoppedError(training.step, spec.steps)
    cast("Any", model).eval()
    return training.losses


def _step(training: Training, task: Task, micros: Sequence[Micro], spec: LoopSpec, rate: float) -> float:
    """Take one step down the loss of a batch: of each kind of loss the mean over all parts, added up; return it."""
    import torch

    totals: dict[str, int] = {}
    for micro in micros:
        for name, count in micro.counts.items():
            totals[name] = totals.get(name, 0) + count
    value = 0.0
    model = cast("PreTrainedModel", training.model)
    for micro in micros:
        with torch.autocast("cpu", torch.bfloat16, enabled=spec.dtype == "bfloat16"):
            losses = task.losses(model, micro)
        parts = [loss / totals[name] for name, loss in losses.items() if totals[name]]
        whole = cast("Any", sum(parts[1:], parts[0]))
        whole.backward()
        value += float(whole.item())
    torch.nn.utils.clip_grad_norm_(model.parameters(), spec.clip)
    for optimizer in training.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return value


def _maker() -> dict[str, str]:
    """What must be the same where training goes on, for the same bits."""
    import torch
    import transformers

    return {
        "torch": str(torch.__version__),
        "transformers": str(transformers.__version__),
        "threads": str(torch.get_num_threads()),
    }


class _Meter:
    """Sums loss, tokens and time between two reports."""

    def __init__(self, steps: int, start: int, on_progress: Callable[[Progress], None] | None) -> None:
        self._steps, self._on_progress, self._started_s = steps, on_progress, time.monotonic()
        self._tokens, self._losses, self._start = 0, list[float](), start

    def add(self, loss: float, micros: Sequence[Micro]) -> None:
        """Count one step."""
        self._losses.append(loss)
        self._tokens += sum(micro.tokens for micro in micros)

    def report(self, step: int) -> None:
        """Tell the caller where training stands after `step` steps, and begin a new mean."""
        elapsed_s = max(time.monotonic() - self._started_s, 1e-9)
        losses, self._losses = self._losses, list[float]()
        if self._on_progress is None:
            return
        self._on_progress(
            Progress(
                step=step,
                steps=self._steps,
                loss=sum(losses) / len(losses),
                tokens=self._tokens,
                tokens_per_s=self._tokens / elapsed_s,
                elapsed_s=elapsed_s,
            )
        )
