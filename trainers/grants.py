"""Grants: a dataset that runs Python code does so only where the operator named it, `dataset:NAME` or a pattern."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from msrun.trainers import store
from msrun.trainers.datasets import Dataset
from msrun.trainers.jobs import Planned
from msrun.trainers.keys import content_key
from msrun.trainers.port import TrainingFault


def check_grants(stages: Sequence[Planned], root: Path, out: Path, allow: Sequence[str]) -> None:
    """Raise TrainingFault of kind "grant" where a dataset would run code that `allow` does not name.

    A dataset whose rows were made before runs no code and needs no grant.
    """
    refused = [stage.job for stage in stages if isinstance(stage.job, Dataset) and not _granted(stage.job, allow)]
    missing = [job for job in refused if store.find(out, job.stage, _key(stages, job.stage, root)) is None]
    if missing:
        first = missing[0]
        message = f"would run Python code ({first.source}), which was not allowed"
        flags = " ".join(f"--allow {job.grant}" for job in missing)
        raise TrainingFault("grant", first.stage, message, help=f"read that file, then add {flags}")


def _granted(job: Dataset, allow: Sequence[str]) -> bool:
    return job.grant is None or any(fnmatchcase(job.grant, pattern) for pattern in allow)


def _key(stages: Sequence[Planned], name: str, root: Path) -> str:
    return next(content_key(stage, {}, root) for stage in stages if stage.job.stage == name)
