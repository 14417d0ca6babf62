"""Trains a small causal transformer from rows of input and output text, and saves it in Hugging Face layout.

The loop is our own and reads top to bottom: rows are encoded once, batched by length so that little is padding, and the
loss is the mean over the tokens of the outputs (`clm(loss_on: output)`). Same spec, rows and machine: same weights.
"""

import copy
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msrun.trainers.causal_build import build_model, optimizers
from msrun.trainers.causal_rows import MicroBatch, batches, encode
from msrun.trainers.causal_spec import Architecture, CausalSpec, Schedule, learning_rate

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = [
    "Architecture",
    "CausalSpec",
    "Progress",
    "Schedule",
    "TrainingDivergedError",
    "build_model",
    "learning_rate",
    "output_loss",
    "save",
    "train_causal",
]


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

    def __init__(self, step: int) -> None:
        cure = "use a lower peak learning rate or a longer warm-up"
        super().__init__(f"the loss is not a number at step {step}; {cure}")
        self.step = step


def train_causal(
    spec: CausalSpec,
    rows: Iterable[Mapping[str, str]],
    tokenizer: "PreTrainedTokenizerBase",
    out_dir: Path,
    on_progress: Callable[[Progress], None] | None = None,
) -> "PreTrainedModel":
    """Train on rows `{input, output}` and save config, weights and tokenizer to `out_dir`.

    Rows are read once, until `steps * batch` are there; a shorter source is gone through again in another order.
    `spec.threads` stays set in this process.

    Raises:
        TrainingDivergedError: the loss became NaN or infinite.
        RowTooLongError: a row has more tokens than the model has positions.
        NoRowsError: there is no row.
    """
    import torch

    if spec.threads is not None:
        torch.set_num_threads(spec.threads)
    torch.manual_seed(spec.seed)  # pyright: ignore[reportUnknownMemberType] - torch leaves its seed untyped
    encoded = encode(rows, tokenizer, positions=spec.architecture.positions, most=spec.steps * spec.batch)
    model = build_model(spec.architecture, tokenizer)
    steps = batches(encoded, spec.batch, spec.steps, spec.micro_tokens, spec.seed, cast("int", tokenizer.pad_token_id))

    makers = optimizers(model, spec)
    meter = _Meter(spec.steps, on_progress)
    model.train()
    for step, batch in enumerate(steps):
        loss = _step(model, batch, makers, spec, learning_rate(spec.lr, step, spec.steps))
        if not math.isfinite(loss):
            raise TrainingDivergedError(step)
        meter.add(loss, batch)
        if (step + 1) % spec.report_every == 0 or step + 1 == spec.steps:
            meter.report(step + 1)
        if spec.save_every and (step + 1) % spec.save_every == 0:
            save(model, tokenizer, out_dir, spec.store)
    cast("Any", model).eval()
    save(model, tokenizer, out_dir, spec.store)
    return model


def _step(
    model: "PreTrainedModel",
    batch: Sequence[MicroBatch],
    makers: "Sequence[torch.optim.Optimizer]",
    spec: CausalSpec,
    rate: float,
) -> float:
    """Take one step down the mean loss of a batch; return the summed loss before it, in nats."""
    import torch

    scored = sum(micro.scored_count for micro in batch)
    total = 0.0
    for micro in batch:
        with torch.autocast("cpu", torch.bfloat16, enabled=spec.dtype == "bfloat16"):
            loss = output_loss(model, micro)
        cast("Any", loss / scored).backward()  # torch leaves the type of backward open
        total += loss.item()
    torch.nn.utils.clip_grad_norm_(model.parameters(), spec.clip)
    for optimizer in makers:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return total


def output_loss(model: "PreTrainedModel", batch: MicroBatch) -> "torch.Tensor":
    """Return the summed cross-entropy, in nats, over the output tokens of a micro-batch; a scalar with its gradient.

    Padding stands on the right, so the causal mask alone keeps it from being seen. Only output tokens get logits.
    """
    from torch.nn.functional import cross_entropy

    hidden = cast("Any", model.base_model)(input_ids=batch.tokens, use_cache=False).last_hidden_state
    predicting = batch.scored[:, 1:].nonzero(as_tuple=True)
    logits = cast("Any", model).get_output_embeddings()(hidden[:, :-1][predicting])
    return cross_entropy(logits.float(), batch.tokens[:, 1:][predicting], reduction="sum")


def save(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", out_dir: Path, store: str) -> None:
    """Write config, safetensors weights in the stored type, and the tokenizer; the model in memory keeps its type.

    What `save_pretrained` writes, without its progress bar on the terminal; a tied matrix is written once.
    """
    import torch
    from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType] - its PathLike is bare

    stored = cast("Any", copy.deepcopy(model)).to(getattr(torch, store))
    stored.config.dtype = getattr(torch, store)
    stored.config.architectures = [type(model).__name__]
    stored.config.save_pretrained(out_dir)
    stored.generation_config.save_pretrained(out_dir)
    weights = {tensor.data_ptr(): (name, tensor) for name, tensor in reversed(stored.state_dict().items())}
    save_file(dict(weights.values()), out_dir / "model.safetensors", metadata={"format": "pt"})
    cast("Any", tokenizer).save_pretrained(out_dir)


class _Meter:
    """Sums loss, tokens and time between two reports."""

    def __init__(self, steps: int, on_progress: Callable[[Progress], None] | None) -> None:
        self._steps, self._on_progress, self._started_s = steps, on_progress, time.monotonic()
        self._tokens, self._loss, self._scored = 0, 0.0, 0

    def add(self, loss: float, batch: Sequence[MicroBatch]) -> None:
        """Count one step; the loss is summed over its output tokens."""
        self._loss += loss
        self._scored += sum(micro.scored_count for micro in batch)
        self._tokens += sum(micro.token_count for micro in batch)

    def report(self, step: int) -> None:
        """Tell the caller where training stands after `step` steps, and begin a new mean."""
        elapsed_s = time.monotonic() - self._started_s
        loss, self._loss, self._scored = self._loss / self._scored, 0.0, 0
        if self._on_progress is None:
            return
        self._on_progress(
            Progress(
                step=step,
                steps=self._steps,
                loss=loss,
                tokens=self._tokens,
                tokens_per_s=self._tokens / elapsed_s,
                elapsed_s=elapsed_s,
            )
        )
