"""The settings of training a causal transformer from scratch, as the language's `train` statement says them."""

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A transformer to be made: `llama(layers: 4, hidden: 128, …)` or `gpt2(…)`.

    `hidden` and `inner` are units (no `inner`: 8/3 of hidden for llama, 4 times for the others), `positions` tokens.
    `vocab` are the rows of the embedding (none: as many as the tokenizer has tokens). `theta` is llama's,
    `dropout` that of bert and roberta.
    """

    kind: Literal["llama", "gpt2", "bert", "roberta"] = "llama"
    layers: int = 4
    hidden: int = 128
    heads: int = 4
    inner: int | None = None
    positions: int = 512
    theta: float = 10_000.0
    vocab: int | None = None
    dropout: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The learning rate over the steps: linear warm-up over `warmup` steps to `peak`, then down to `floor * peak`."""

    kind: Literal["cosine", "linear", "constant"] = "cosine"
    peak: float = 1e-3
    warmup: int = 100
    floor: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopSpec:
    """The settings of every training loop.

    `batch` is rows a step; a step is cut into micro-batches of at most `micro_tokens` padded tokens. `dtype` is that of
    the matrix products; weights and optimiser state stay float32, and are stored as `store`. `optimizer: muon` takes
    Muon for the hidden matrices and AdamW for the rest. `report_every` and `save_every` are steps, `keep` checkpoints.
    `steps` is 0 where `epochs` says how long; who reads the rows counts them then.
    """

    steps: int = 0
    batch: int
    seed: int
    lr: Schedule
    epochs: float | None = None
    length: int | None = None
    optimizer: Literal["adamw", "muon"] = "adamw"
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.98)
    clip: float = 1.0
    micro_tokens: int = 4096
    threads: int | None = None
    dtype: Literal["float32", "bfloat16"] = "float32"
    store: Literal["float32", "bfloat16", "float16"] = "float32"
    report_every: int = 50
    save_every: int | None = None
    keep: int = 2

    @property
    def interval(self) -> int:
        """Steps between two checkpoints: ten in all where nothing is said."""
        return self.save_every or max(1, self.steps // 10)

    def steps_over(self, rows: int) -> int:
        """Return how many steps it takes, over this many rows."""
        return self.steps or max(1, math.ceil(rows * (self.epochs or 1) / self.batch))


@dataclass(frozen=True, slots=True, kw_only=True)
class CausalSpec(LoopSpec):
    """The settings of `train = pretrain(llama(...))` with `objective: clm(loss_on: output)`: a model from scratch."""

    architecture: Architecture


def learning_rate(schedule: Schedule, step: int, steps: int) -> float:
    """Return the rate of one step of 0 … steps-1.

    >>> slope = Schedule(kind="linear", peak=1.0, warmup=2)
    >>> learning_rate(slope, 0, 12), learning_rate(slope, 7, 12)
    (0.5, 0.5)
    """
    if step < schedule.warmup:
        return schedule.peak * (step + 1) / schedule.warmup
    done = (step - schedule.warmup) / max(1, steps - schedule.warmup)
    left = {"constant": 1.0, "linear": 1.0 - done, "cosine": 0.5 * (1.0 + math.cos(math.pi * done))}[schedule.kind]
    return schedule.peak * (schedule.floor + (1.0 - schedule.floor) * left)
