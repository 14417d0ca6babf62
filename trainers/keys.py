"""The content key of a stage: a hash of what it says and of what it reads, so that names and paths change nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from msrun.trainers.datasets import Dataset, fingerprint
from msrun.trainers.evaluation import Evaluation
from msrun.trainers.inputs import RowsOf
from msrun.trainers.jobs import Job, Planned
from msrun.trainers.port import TRAINERS_VERSION
from msrun.trainers.pretraining import Pretraining
from msrun.trainers.tokenizing import Tokenizing


def content_key(stage: Planned, identities: Mapping[str, str], root: Path) -> str:
    """Return the key of a stage whose inputs have these identities (hashes of their files).

    In it: the settings as checked, the identity of every input, the bytes a dataset is read from (or the source of
    its generator), the version of the trainers. Not in it: names of stages, paths, `save`, comments, layout.
    """
    data = fingerprint(stage.job, root) if isinstance(stage.job, Dataset) else ""
    inputs = [identities[name] for name in stage.reads]
    parts = [str(TRAINERS_VERSION), stage.node.kind, repr(_nameless(stage.job)), data, *inputs]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _nameless(job: Job) -> Job:
    match job:
        case Dataset():
            return replace(job, stage="", target="")
        case Tokenizing():
            return replace(job, stage="", data=_part(job.data))
        case Pretraining():
            spec = replace(job.spec, report_every=1, save_every=None)
            return replace(job, stage="", data=_part(job.data), tokenizer="", save=None, spec=spec)
        case Evaluation():
            return replace(job, stage="", model="", data=_part(job.data), trained_on=_part(job.trained_on))
        case _:
            assert_never(job)


def _part(rows: RowsOf) -> RowsOf:
    return replace(rows, stage="")
