"""Every kind of training stage by its name: what makes it, its settings, and the declarations it may name."""

from collections.abc import Mapping

from msrun.dsl.kinds.data import CORPUS, DATASET, TOKENIZER
from msrun.dsl.kinds.measure import BATCH, EVALUATE
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.kinds.train import TRAIN

STAGES: Mapping[str, KindSpec] = {spec.name: spec for spec in (CORPUS, DATASET, TOKENIZER, TRAIN, EVALUATE, BATCH)}
"""The tables."""
