"""What a caller of the trainers sees: progress while stages run, one result per stage, and the fault that ends them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

TRAINERS_VERSION = 2
"""Part of every content key: raised when the same settings and data would give another output than before."""

Figure: TypeAlias = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A stage begins; it is number `index` (from 1) of `of` in this call. `key` is its content key."""

    stage: str
    kind: str
    key: str
    index: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageProgress:
    """A stage is at `step` of `steps` (None: not known). `note` says what a step is: "rows", "steps", "answers"."""

    stage: str
    step: int
    steps: int | None = None
    note: str = "steps"
    loss: float | None = None
    tokens_per_s: float | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFinished:
    """A stage has its output. `reused`: the same content was made before, nothing was done."""

    stage: str
    kind: str
    reused: bool
    path: Path
    figures: Mapping[str, Figure]
    took_s: float = 0.0


Progress: TypeAlias = StageStarted | StageProgress | StageFinished
OnProgress: TypeAlias = Callable[[Progress], None]
Report: TypeAlias = Callable[[StageProgress], None]
"""What the code of one stage calls while it works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What became of an evaluation's `require`: the expression as the language writes it, and whether it held."""

    require: str
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """One stage that is done. `path` is its output directory, `saved` the place its `save` setting names.

    `figures` are what there is to say in numbers: rows, parameters, loss, exact_match … In a dry run `path` is where
    the output would be, and nothing is there unless `reused` says so.
    """

    stage: str
    kind: str
    key: str
    path: Path
    reused: bool
    figures: Mapping[str, Figure] = field(default_factory=dict[str, Figure])
    gate: Gate | None = None
    saved: Path | None = None
    took_s: float = 0.0


FaultKind: TypeAlias = Literal[
    "setting",  # the plan's settings cannot be what they are
    "data",  # the data are not what the plan says
    "grant",  # the operator has not allowed this
    "path",  # a path that leaves the plan's folder
    "missing",  # a file, package or stage is not there
    "busy",  # another process works on the same stage
    "code",  # a generator function failed
    "stopped",  # somebody asked it to; a checkpoint is kept
    "gate",  # a requirement was measured and not met
]


class TrainingFault(Exception):  # noqa: N818 - what the user did or the data are, no programming error
    """Training cannot go on. `message` says what was found, `help` what to do; `stage` is the statement's name."""

    def __init__(self, kind: FaultKind, stage: str, message: str, *, help: str = "") -> None:  # noqa: A002 - the field's name
        super().__init__(f"{stage}: {message}" if stage else message)
        self.kind: FaultKind = kind
        self.stage = stage
        self.message = message
        self.help = help


class GateFailed(TrainingFault):
    """Every stage ran, and a `require` does not hold. `results` holds all stages, the failed gate among them."""

    def __init__(self, stage: str, message: str, results: tuple[StageResult, ...]) -> None:
        help_ = "the model is kept, but a plan whose model requires this gate refuses it"
        super().__init__("gate", stage, message, help=help_)
        self.results = results


def ignore(progress: Progress) -> None:
    """Take no notice: the default where nobody watches."""
    del progress
