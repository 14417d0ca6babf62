"""Facts for the checks of test plans: the rows beside them, and a device whose memory is the same everywhere."""

from dataclasses import dataclass
from pathlib import Path

from msrun.dsl.cost.catalogue import Catalogue, standard
from msrun.dsl.facts import Asked, Checkpoint, Machine, RowsSeen
from msrun.trainers.facts import look


@dataclass(frozen=True, slots=True)
class FactsOfTests:
    """Reads rows below `root`, as `msrun check` does."""

    root: Path

    def rows(self, asked: Asked) -> RowsSeen | None:
        return look(asked, self.root)

    def memory_bytes(self) -> int | None:
        return 64 * 1024**3

    def machine(self) -> Machine | None:
        return Machine(
            secret=lambda name: not name.startswith("UNSET"),
            backends=("openai", "ollama", "vllm", "transformers", "bundled", "scripted"),
            lacking=lambda backend: ("torch", 'pip install "msrun[local]"') if backend == "bundled" else None,
            checkpoint=self._checkpoint,
        )

    def catalogue(self) -> Catalogue:
        return standard()

    def _checkpoint(self, path: str) -> Checkpoint | None:
        if path.startswith("./"):
            raise FileNotFoundError(path)
        labels = ("sport", "politics") if path == "models/topics" else ()
        kind = {"models/topics": "BertForSequenceClassification", "models/bert": "BertForMaskedLM"}.get(path)
        return None if kind is None else Checkpoint(architectures=(kind,), labels=labels, context=512)
