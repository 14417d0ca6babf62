"""What a model that is tuned starts from: a `train` stage of the file, or a model folder on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msrun.dsl.plan import ModelSpec, Name, Value
from msrun.trainers.paths import resolve
from msrun.trainers.port import TrainingFault
from msrun.trainers.settings import Settings, spelled
from msrun.trainers.store import identity


@dataclass(frozen=True, slots=True)
class Base:
    """The `train` stage of a model, or the folder below the plan's that holds one; one of the two is empty."""

    stage: str = ""
    folder: str = ""

    def path(self, done: Mapping[str, Path], root: Path, owner: str) -> Path:
        """Return where the model lies. Raises TrainingFault where the folder holds none."""
        return done[self.stage] if self.stage else model_folder(self.folder, root, owner)


def read_base(value: Value, settings: Settings, trains: Mapping[str, object], models: Mapping[str, ModelSpec]) -> Base:
    """Return what `finetune(base)` names; raises TrainingFault where that is no model that can be tuned here."""
    if not isinstance(value, Name):
        raise settings.fault(f"a base is named, not {spelled(value)}")
    if value.path in trains:
        return Base(stage=value.path)
    model = models.get(value.path)
    if model is None:
        raise settings.fault(f"`{value.path}` is no train stage and no model")
    first = model.args[0] if model.args else None
    if model.backend == "trained" and isinstance(first, Name) and first.path in trains:
        return Base(stage=first.path)
    if model.backend != "transformers" or not isinstance(first, str):
        message = f"`{model.name}` is a model of {model.backend}, and only a model folder can be tuned"
        raise settings.fault(message, 'model base = transformers("models/base")')
    return Base(folder=first)


def model_folder(text: str, root: Path, owner: str) -> Path:
    """Return the folder of a model below the plan's. Raises TrainingFault of kind "missing" where there is none."""
    found = resolve(root, text, owner)
    if not (found / "config.json").is_file():
        message = f'there is no model folder "{text}" below the plan\'s'
        help_ = f"put it there: hf download {text} --local-dir {text}"
        raise TrainingFault("missing", owner, message, help=help_)
    return found


def fingerprint(base: Base, root: Path, owner: str) -> str:
    """Return a hash of the files of a base that is a folder; of a stage nothing, for its identity counts already."""
    return "" if base.stage else identity(model_folder(base.folder, root, owner))
