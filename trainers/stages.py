"""The part of a module's stage graph up to one stage, run in dependency order: outputs are found again by content."""

from collections.abc import Sequence
from pathlib import Path

from msrun.dsl.plan import Module
from msrun.trainers.port import OnProgress, StageResult, TrainingFault, ignore


def train(
    module: Module,
    name: str | None = None,
    *,
    root: Path,
    allow: Sequence[str] = (),
    out: Path | None = None,
    on_progress: OnProgress = ignore,
    dry_run: bool = False,
) -> tuple[StageResult, ...]:
    """Run the stages that `name` depends on and itself (all of them without a name), each exactly once.

    `root` is the plan's folder: data files, generator modules and `save` paths lie under it. `allow` holds the
    operator's grants, patterns over `dataset:NAME`, for datasets that run Python code. Outputs lie in
    `out`/STAGE/KEY (default `root`/.msrun/train), KEY being the first 12 hex digits of the content key; a stage whose
    output is there is not done again. Blocking; `on_progress` is called in the caller's thread.

    `dry_run` checks everything, reads a sample of the data, tokenises it and builds the models, and writes nothing;
    the figures of its results say rows, tokens per step and parameters.

    Raises TrainingFault; GateFailed, after all stages have run, where a `require` does not hold.
    """
    del module, root, allow, out, on_progress, dry_run
    raise TrainingFault("missing", name or "", "the stages of this module cannot be run yet")
