"""Checkpoints of training: a folder a step, whole where its manifest is, which is written last; the newest counts.

In it: weights, the optimizers' averages, the state of torch's random numbers, the losses so far, and the step, which is
also the place in the data: every batch is a function of seed and step, so nothing else has to be remembered.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch

MANIFEST = "manifest.json"
_WEIGHTS, _OPTIMIZERS, _STATE = "model.safetensors", "optimizers.safetensors", "state.json"


class OtherMakerError(Exception):
    """A checkpoint was made in another way; going on from it would give another model than either way."""

    def __init__(self, folder: Path, keys: Sequence[str]) -> None:
        super().__init__(f"the checkpoint {folder} was made with another {', '.join(keys)}")
        self.keys = tuple(keys)


@dataclass(slots=True, kw_only=True)
class Training:
    """What changes while a model is trained. `step` steps are done; `losses` has one number for each."""

    model: "torch.nn.Module"
    optimizers: "Sequence[torch.optim.Optimizer]"
    step: int
    losses: list[float]


def save(folder: Path, training: Training, maker: Mapping[str, str], *, keep: int) -> Path:
    """Write a checkpoint of the step that training is at, and remove all but the newest `keep` whole ones.

    `maker` is what must be the same where training goes on: versions, threads. Raises OSError where it cannot be
    written; what was there before is then still there.
    """
    import torch
    from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType] - its PathLike is bare

    final = folder / f"step-{training.step:09d}"
    partial = folder / f".{final.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        save_file(_weights(training.model), partial / _WEIGHTS)
        averages = {f"{at}/{name}": tensor for at, o in enumerate(training.optimizers) for name, tensor in _averages(o)}
        save_file({**averages, "torch_rng": torch.get_rng_state()}, partial / _OPTIMIZERS)
        state = {"step": training.step, "losses": [loss.hex() for loss in training.losses], "maker": dict(maker)}
        (partial / _STATE).write_text(json.dumps(state), encoding="utf-8")
        _seal(partial)
        shutil.rmtree(final, ignore_errors=True)
        partial.rename(final)
        _sync(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    for old in whole(folder)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def restore(folder: Path, training: Training, maker: Mapping[str, str]) -> bool:
    """Put training where its newest whole checkpoint was; False where there is none.

    Raises OtherMakerError where that was made with other versions or threads.
    """
    import torch
    from safetensors.torch import load_file  # pyright: ignore[reportUnknownVariableType] - its PathLike is bare

    found = whole(folder)
    if not found:
        return False
    newest = found[-1]
    state = json.loads((newest / _STATE).read_text(encoding="utf-8"))
    differing = [key for key, value in maker.items() if state["maker"].get(key) != value]
    if differing:
        raise OtherMakerError(newest, differing)
    training.model.load_state_dict(load_file(newest / _WEIGHTS), strict=False)  # tied matrices were written once
    tensors = load_file(newest / _OPTIMIZERS)
    torch.set_rng_state(tensors.pop("torch_rng"))
    for at, optimizer in enumerate(training.optimizers):
        averages: dict[int, dict[str, Any]] = {}
        for name, tensor in tensors.items():
            owner, place, what = name.split("/")
            if int(owner) == at:
                averages.setdefault(int(place), {})[what] = tensor
        cast("Any", optimizer).load_state_dict({**cast("Any", optimizer).state_dict(), "state": averages})
    training.step, training.losses[:] = state["step"], [float.fromhex(loss) for loss in state["losses"]]
    return True


def whole(folder: Path) -> list[Path]:
    """Return the checkpoints whose every file is as the manifest says, the newest last."""
    return [path for path in sorted(folder.glob("step-*")) if _is_whole(path)]


def _weights(model: "torch.nn.Module") -> "dict[str, torch.Tensor]":
    """The weights, each matrix once: a tied one has two names."""
    state: dict[str, Any] = model.state_dict()
    once = {tensor.data_ptr(): (name, tensor) for name, tensor in reversed(state.items())}
    return {name: tensor.contiguous() for name, tensor in once.values()}


def _averages(optimizer: "torch.optim.Optimizer") -> "list[tuple[str, torch.Tensor]]":
    state: dict[int, dict[str, Any]] = cast("Any", optimizer).state_dict()["state"]
    return [(f"{at}/{name}", tensor.clone()) for at, one in state.items() for name, tensor in one.items()]


def _seal(folder: Path) -> None:
    """Write what every file must hash to, after all of them are on the disk."""
    sums = dict[str, str]()
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            sums[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(sums, file)
        file.flush()
        os.fsync(file.fileno())
    _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_whole(folder: Path) -> bool:
    try:
        sums = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, wanted in sums.items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != wanted:
                    return False
    except (OSError, ValueError, AttributeError):
        return False
    return bool(sums)
