"""A dry run: every stage checked on a sample of its data, tokenised, its model built, and nothing kept."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import assert_never

from msrun.trainers import store
from msrun.trainers.corpus import Corpus, write_documents
from msrun.trainers.datasets import Dataset, write_parts
from msrun.trainers.evaluation import Evaluation, rehearse_evaluation
from msrun.trainers.finetuning import Finetuning, rehearse_tuning
from msrun.trainers.jobs import Planned
from msrun.trainers.keys import content_key
from msrun.trainers.making import rehearse_model
from msrun.trainers.port import Figure, OnProgress, StageFinished, StageResult, StageStarted
from msrun.trainers.pretraining import Pretraining
from msrun.trainers.tokenizing import Tokenizing, make_tokenizer

SAMPLE_ROWS = 1000
"""How many rows of each dataset a dry run reads."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """What a later stage of the dry run reads; `identity` is None where only a sample was made."""

    path: Path
    identity: str | None


def rehearse(stages: Sequence[Planned], root: Path, out: Path, on_progress: OnProgress) -> tuple[StageResult, ...]:
    """Rehearse every stage whose output is not there; raises TrainingFault at the first that could not run."""
    ready, results = dict[str, _Ready](), list[StageResult]()
    with TemporaryDirectory(prefix="msrun-") as folder:
        for index, stage in enumerate(stages, start=1):
            name, kind, started = stage.job.stage, stage.node.kind, time.monotonic()
            key = _key(stage, ready, root)
            on_progress(StageStarted(stage=name, kind=kind, key=key, index=index, of=len(stages)))
            output = store.find(out, name, key) if key else None
            if output is None:
                into = Path(folder, name)
                into.mkdir()
                figures, path = _rehearsed(stage, ready, root, into, on_progress), store.folder(out, name, key)
                ready[name] = _Ready(into, None)
            else:
                figures, path = output.figures, output.path
                ready[name] = _Ready(output.path, output.identity)
            reused, took_s = output is not None, time.monotonic() - started
            on_progress(StageFinished(stage=name, kind=kind, reused=reused, path=path, figures=figures, took_s=took_s))
            results.append(
                StageResult(stage=name, kind=kind, key=key, path=path, reused=reused, figures=figures, took_s=took_s)
            )
    return tuple(results)


def _key(stage: Planned, ready: Mapping[str, _Ready], root: Path) -> str:
    """Return the content key, empty where an input was only rehearsed: then nobody can know it yet."""
    identities = {name: ready[name].identity for name in stage.reads}
    known = {name: identity for name, identity in identities.items() if identity is not None}
    return content_key(stage, known, root) if len(known) == len(identities) else ""


def _rehearsed(
    stage: Planned, ready: Mapping[str, _Ready], root: Path, into: Path, on_progress: OnProgress
) -> Mapping[str, Figure]:
    match stage.job:
        case Dataset() as job:
            figures = write_parts(job, root, into, on_progress, sample=SAMPLE_ROWS)
            return {f"sample_{name}": figure for name, figure in figures.items()}
        case Corpus() as job:
            figures = write_documents(job, root, into, on_progress, sample=SAMPLE_ROWS)
            return {f"sample_{name}": figure for name, figure in figures.items()}
        case Tokenizing() as job:
            return make_tokenizer(job, ready[job.data.stage].path, into)
        case Pretraining() as job:
            return rehearse_model(job, ready[job.data.stage].path, ready[job.tokenizer].path, into)
        case Finetuning() as job:
            base = job.base.path({name: one.path for name, one in ready.items()}, root, job.stage)
            return rehearse_tuning(job, base, ready[job.data.stage].path, into)
        case Evaluation() as job:
            return rehearse_evaluation(job, ready[job.data.stage].path)
        case _:
            assert_never(stage.job)
