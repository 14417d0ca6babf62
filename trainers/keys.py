"""The content key of a stage: a hash of what it says and of what it reads, so that names and paths change nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from msrun.trainers import bases, corpus, datasets
from msrun.trainers.corpus import Corpus
from msrun.trainers.datasets import Dataset
from msrun.trainers.evaluation import Evaluation
from msrun.trainers.finetuning import Finetuning
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
    data = _outside(stage.job, root)
    inputs = [identities[name] for name in stage.reads]
    parts = [str(TRAINERS_VERSION), stage.node.kind, repr(_nameless(stage.job)), data, *inputs]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _outside(job: Job, root: Path) -> str:
    """A hash of what a job reads that no stage makes."""
    match job:
        case Dataset():
            return datasets.fingerprint(job, root)
        case Corpus():
            return corpus.fingerprint(job, root)
        case Finetuning():
            return bases.fingerprint(job.base, root, job.stage)
        case _:
            return ""


def _nameless(job: Job) -> Job:
    match job:
        case Dataset() | Corpus():
            return replace(job, stage="", target="")
        case Tokenizing():
            return replace(job, stage="", data=_part(job.data))
        case Pretraining():
            spec = replace(job.spec, report_every=1, save_every=None, keep=1)
            return replace(job, stage="", data=_part(job.data), tokenizer="", save=None, spec=spec)
        case Finetuning():
            tuned = replace(job.spec, report_every=1, save_every=None, keep=1)
            base = bases.Base()
            return replace(job, stage="", base=base, data=_part(job.data), save=None, spec=tuned)
        case Evaluation():
            return replace(job, stage="", model="", data=_part(job.data), trained_on=_part(job.trained_on))
        case _:
            assert_never(job)


def _part(rows: RowsOf) -> RowsOf:
    return replace(rows, stage="")
