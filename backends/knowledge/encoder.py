"""Sentence vectors of a local encoder: a folder beside the plan, or a model of the hub, read as safetensors only.

The pooling is the one that the model's own `1_Pooling/config.json` names (sentence-transformers writes it), the mean of
the tokens where it names none. Vectors have length 1, so that their product is the cosine of the angle between them.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from msrun.backends.model_files import find_model, read_json
from msrun.backends.model_load import quiet
from msrun.backends.port import BackendFault, Surroundings
from msrun.dsl.plan import Made, Name

if TYPE_CHECKING:
    import numpy as np

    Vectors: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.float32]]

BATCH = 32
"""Texts encoded at once."""

Pooling: TypeAlias = Literal["mean", "cls"]


class Encoder:
    """Turns texts into vectors. Loading takes seconds and encoding blocks: both happen in threads."""

    def __init__(self, made: Made, name: str, around: Surroundings) -> None:
        self.id = str(made.args[0])
        self._name = name
        self._query, self._passage = str(made.get("query", "")), str(made.get("passage", ""))
        revision = made.get("revision")
        self._folder = find_model(
            self.id, name, around, revision if isinstance(revision, str) else None, what="encoder"
        )
        chosen = made.get("pooling")
        self._pooling: Pooling = _pooling(self._folder, name) if not isinstance(chosen, Name) else _named(chosen.path)
        self._lock = Lock()
        self._model: Any = None
        self._tokenizer: Any = None

    def identity(self) -> list[str]:
        """Return all that decides its vectors: the weights by their hash, the pooling, what stands before a text."""
        digests: list[str] = []
        for path in sorted([*self._folder.glob("*.safetensors"), self._folder / "tokenizer.json"]):
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        return [self._pooling, self._passage, *digests]

    def passages(self, texts: Sequence[str]) -> "Vectors":
        """Return a vector of length 1 for each text: float32, (texts, dimensions). Raises BackendFault."""
        return self._vectors([self._passage + text for text in texts])

    def query(self, text: str) -> "Vectors":
        """Return the vector of a question: float32, (1, dimensions). Raises BackendFault."""
        return self._vectors([self._query + text])

    def _vectors(self, texts: list[str]) -> "Vectors":
        import numpy as np

        with self._lock:
            self._load()
            parts = [self._batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        return cast("Vectors", np.concatenate(parts))

    def _batch(self, texts: list[str]) -> Any:
        import torch
        from torch.nn.functional import normalize

        with torch.inference_mode():
            batch: Any = self._tokenizer(
                texts, padding=True, truncation=True, split_special_tokens=True, return_tensors="pt"
            )
            mask = batch["attention_mask"]
            states = self._model(input_ids=batch["input_ids"], attention_mask=mask).last_hidden_state
            if self._pooling == "cls":
                pooled = states[:, 0]
            else:
                weights = mask.unsqueeze(-1).to(states.dtype)
                pooled = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return normalize(pooled.float(), dim=1).numpy()

    def _load(self) -> None:
        if self._model is not None:
            return
        try:
            with quiet():
                self._tokenizer, self._model = _loaded(self._folder)
        except Exception as error:  # any library below may raise anything about files that strangers wrote
            message = f"model `{self._name}` in {self._folder} cannot be loaded: {error}".splitlines()[0][:300]
            raise BackendFault("missing", message) from error


def _loaded(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModel, PreTrainedTokenizerFast

    tokenizer: Any = cast("Any", PreTrainedTokenizerFast).from_pretrained(folder, local_files_only=True)
    model: Any = cast("Any", AutoModel).from_pretrained(
        folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
    )
    positions = getattr(model.config, "max_position_embeddings", None)
    if isinstance(positions, int):
        tokenizer.model_max_length = min(tokenizer.model_max_length, positions)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    model.eval()
    return tokenizer, model


def _pooling(folder: Path, name: str) -> Pooling:
    path = folder / "1_Pooling" / "config.json"
    if not path.is_file():
        return "mean"
    config = read_json(path, name)
    if config.get("pooling_mode_cls_token") is True:
        return "cls"
    if config.get("pooling_mode_mean_tokens") is True:
        return "mean"
    raise BackendFault(
        "request", f"model `{name}` pools its tokens in a way that is not known here", help="pooling: mean"
    )


def _named(pooling: str) -> Pooling:
    return "cls" if pooling == "cls" else "mean"
