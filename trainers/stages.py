"""The part of a module's stage graph up to one stage, run in dependency order: outputs are found again by content."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import assert_never

from msrun.dsl.plan import Module
from msrun.trainers import store
from msrun.trainers.corpus import Corpus, write_documents
from msrun.trainers.datasets import Dataset, write_parts
from msrun.trainers.evaluation import Evaluation, Folders, measure
from msrun.trainers.finetuning import Finetuning, tune
from msrun.trainers.grants import check_grants
from msrun.trainers.jobs import Planned, planned
from msrun.trainers.keys import content_key
from msrun.trainers.lineage import lineage
from msrun.trainers.making import Bench, make_model
from msrun.trainers.paths import resolve
from msrun.trainers.port import (
    Figure,
    Gate,
    GateFailed,
    OnProgress,
    StageFinished,
    StageResult,
    StageStarted,
    TrainingFault,
    ignore,
)
from msrun.trainers.pretraining import Pretraining
from msrun.trainers.rehearsal import rehearse
from msrun.trainers.tokenizing import Tokenizing, make_tokenizer

_PACKAGES = ("torch", "transformers", "tokenizers")


def never() -> bool:
    """Go on: the default where nobody can ask to stop."""
    return False


@dataclass(frozen=True, slots=True)
class Where:
    """The plan's folder, the folder that outputs lie in, and whether somebody wants the work to end."""

    root: Path
    out: Path
    stop: Callable[[], bool] = never


def default_out(root: Path) -> Path:
    """Return the folder that outputs lie in unless the caller names another: `root`/.msrun/train."""
    return root / ".msrun" / "train"


def train(
    module: Module,
    name: str | None = None,
    *,
    root: Path,
    allow: Sequence[str] = (),
    out: Path | None = None,
    on_progress: OnProgress = ignore,
    dry_run: bool = False,
    stop: Callable[[], bool] = never,
) -> tuple[StageResult, ...]:
    """Run the stages that `name` depends on and itself (all of them without a name), each exactly once.

    `root` is the plan's folder: data files, generator modules and `save` paths lie under it. `allow` holds the
    operator's grants, patterns over `dataset:NAME`, for datasets that run Python code. Outputs lie in
    `out`/STAGE/KEY (default `root`/.msrun/train), KEY being the first 12 hex digits of the content key; a stage whose
    output is there is not done again. Blocking; `on_progress` is called in the caller's thread.

    `dry_run` checks everything, reads a sample of the data, tokenises it and builds the models, and writes nothing
    that stays; the figures of its results say rows, tokens per step and parameters.

    `stop` is asked at every step of training: where it says so, a checkpoint is saved and TrainingFault of kind
    "stopped" is raised. The next call goes on from the newest checkpoint, with the same result as without a stop.

    Raises TrainingFault; GateFailed, after all stages have run, where a `require` does not hold.
    """
    stages, out = planned(module, name), out or default_out(root)
    _check_packages(stages)
    _check_saves(stages, root)
    check_grants(stages, root, out, allow)
    if dry_run:
        return rehearse(stages, root, out, on_progress)
    done = dict[str, store.Output]()
    results = list[StageResult]()
    for index, stage in enumerate(stages, start=1):
        result, done[stage.job.stage] = _do(stage, done, (index, len(stages)), Where(root, out, stop), on_progress)
        results.append(result)
    _judge(tuple(results))
    return tuple(results)


def _do(
    stage: Planned, done: Mapping[str, store.Output], place: tuple[int, int], where: Where, on_progress: OnProgress
) -> tuple[StageResult, store.Output]:
    name, kind, started = stage.job.stage, stage.node.kind, time.monotonic()
    key = content_key(stage, {read: done[read].identity for read in stage.reads}, where.root)
    on_progress(StageStarted(stage=name, kind=kind, key=key, index=place[0], of=place[1]))
    output = store.find(where.out, name, key)
    reused = output is not None
    if output is None:
        output, reused = _make(stage, key, done, where, on_progress)
    saved = None
    if isinstance(stage.job, Pretraining | Finetuning) and stage.job.save is not None:
        saved = resolve(where.root, stage.job.save, name)
        store.place(output, saved, name)
    took_s = 0.0 if reused else time.monotonic() - started
    on_progress(
        StageFinished(stage=name, kind=kind, reused=reused, path=output.path, figures=output.figures, took_s=took_s)
    )
    result = StageResult(
        stage=name,
        kind=kind,
        key=key,
        path=output.path,
        reused=reused,
        figures=output.figures,
        gate=output.gate,
        saved=saved,
        took_s=took_s,
    )
    return result, output


def _make(
    stage: Planned, key: str, done: Mapping[str, store.Output], where: Where, on_progress: OnProgress
) -> tuple[store.Output, bool]:
    """Make the output, unless another process finished it while this one waited for nothing but the lock."""
    with store.working(where.out, stage.job.stage, key) as partial:
        there = store.find(where.out, stage.job.stage, key)
        if there is not None:
            return there, True
        checkpoints = store.checkpoints(where.out, stage.job.stage, key)
        figures, gate = _run(
            stage, done, where, Bench(into=partial, checkpoints=checkpoints, report=on_progress, stop=where.stop)
        )
        output = store.finish(partial, lineage(stage, key, done, figures, gate))
        shutil.rmtree(checkpoints, ignore_errors=True)
        return output, False


def _run(
    stage: Planned, done: Mapping[str, store.Output], where: Where, bench: Bench
) -> tuple[Mapping[str, Figure], Gate | None]:
    match stage.job:
        case Corpus() as job:
            return write_documents(job, where.root, bench.into, bench.report), None
        case Dataset() as job:
            return write_parts(job, where.root, bench.into, bench.report), None
        case Tokenizing() as job:
            return make_tokenizer(job, done[job.data.stage].path, bench.into), None
        case Pretraining() as job:
            return make_model(job, done[job.data.stage].path, done[job.tokenizer].path, bench), None
        case Finetuning() as job:
            base = job.base.path({name: output.path for name, output in done.items()}, where.root, job.stage)
            return tune(job, base, done[job.data.stage].path, bench), None
        case Evaluation() as job:
            model, rows, learnt = (done[name].path for name in (job.model, job.data.stage, job.trained_on.stage))
            return measure(job, Folders(model, rows, learnt), bench.into, bench.report)
        case _:
            assert_never(stage.job)


def _check_packages(stages: Sequence[Planned]) -> None:
    absent = [package for package in _PACKAGES if find_spec(package) is None]
    first = next((stage.job.stage for stage in stages if not isinstance(stage.job, Dataset | Corpus)), None)
    if absent and first is not None:
        message = f"needs {', '.join(absent)}, not installed here"
        raise TrainingFault("missing", first, message, help='pip install "msrun[train]"')


def _check_saves(stages: Sequence[Planned], root: Path) -> None:
    for stage in stages:
        if isinstance(stage.job, Pretraining | Finetuning) and stage.job.save is not None:
            resolve(root, stage.job.save, stage.job.stage)


def _judge(results: tuple[StageResult, ...]) -> None:
    failed = next((result for result in results if result.gate is not None and not result.gate.passed), None)
    if failed is not None and failed.gate is not None:
        figures = ", ".join(f"{name} {figure:.4g}" for name, figure in failed.figures.items() if "[" not in name)
        raise GateFailed(failed.stage, f"`require: {failed.gate.require}` does not hold: {figures}", results)
