"""Trains a small causal transformer from rows of input and output text, and saves it in Hugging Face layout.

Rows are encoded once, batched by length so that little is padding, and the loss is the mean over the tokens of the
outputs (`clm(loss_on: output)`). Same spec, rows and machine: same weights.
"""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msrun.trainers.causal_build import build_model
from msrun.trainers.causal_rows import EncodedRows, MicroBatch, Order, encode, padded
from msrun.trainers.causal_spec import Architecture, CausalSpec, LoopSpec, Schedule, learning_rate
from msrun.trainers.loop import Around, Micro, Progress, TrainingDivergedError, fit

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

__all__ = [
    "Architecture",
    "CausalSpec",
    "OutputTask",
    "Progress",
    "Schedule",
    "TrainingDivergedError",
    "build_model",
    "learning_rate",
    "output_loss",
    "save",
    "train_causal",
]


def train_causal(
    spec: CausalSpec,
    rows: Iterable[Mapping[str, str]],
    tokenizer: "PreTrainedTokenizerBase",
    out_dir: Path,
    on_progress: Callable[[Progress], None] | None = None,
    around: Around | None = None,
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
    most = spec.steps * spec.batch if spec.steps else None
    encoded = encode(rows, tokenizer, positions=spec.length or spec.architecture.positions, most=most)
    model = build_model(spec.architecture, tokenizer)
    tuned = replace(spec, steps=spec.steps_over(len(encoded)))
    fit(
        model,
        OutputTask(encoded, tuned, cast("int", tokenizer.pad_token_id)),
        tuned,
        around or Around(on_progress=on_progress),
    )
    save(model, tokenizer, out_dir, spec.store)
    return model


@dataclass(frozen=True, slots=True)
class OutputTask:
    """Learn the outputs of rows: `clm(loss_on: output)`."""

    rows: EncodedRows
    spec: LoopSpec
    pad: int

    def batch(self, step: int) -> Sequence[Micro]:
        """Return the rows of one step, cut into groups of like length."""
        chosen = self._order().rows(step, self.spec.batch)
        micros = padded(self.rows, chosen, self.spec.micro_tokens, self.pad)
        return [
            Micro(
                tensors={"tokens": micro.tokens, "scored": micro.scored},
                counts={"clm": micro.scored_count},
                tokens=micro.token_count,
            )
            for micro in micros
        ]

    def losses(self, model: "PreTrainedModel", micro: Micro) -> "Mapping[str, torch.Tensor]":
        """Return the summed loss over the output tokens."""
        tensors = micro.tensors
        batch = MicroBatch(
            tokens=tensors["tokens"],
            scored=tensors["scored"],
            token_count=micro.tokens,
            scored_count=micro.counts["clm"],
        )
        return {"clm": output_loss(model, batch)}

    def describe(self, step: int) -> str:
        """Name the rows."""
        return "rows " + ", ".join(str(row + 1) for row in self._order().rows(step, self.spec.batch)[:20])

    def _order(self) -> Order:
        return Order(len(self.rows), self.spec.seed)


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
    if stored.can_generate():
        stored.generation_config.save_pretrained(out_dir)
    weights = {tensor.data_ptr(): (name, tensor) for name, tensor in reversed(stored.state_dict().items())}
    save_file(dict(weights.values()), out_dir / "model.safetensors", metadata={"format": "pt"})
    cast("Any", tokenizer).save_pretrained(out_dir)
