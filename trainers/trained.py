"""Where the model of `model x = trained(y)` lies: the output of stage `y` for what the plan says today."""

from dataclasses import replace
from pathlib import Path

from msrun.dsl.plan import ModelSpec, Module, Name
from msrun.trainers import store
from msrun.trainers.jobs import Planned, planned
from msrun.trainers.keys import content_key
from msrun.trainers.port import TrainingFault
from msrun.trainers.settings import plain, spelled
from msrun.trainers.stages import default_out


def trained_path(module: Module, stage: str, *, root: Path, out: Path | None = None) -> Path:
    """Return the output folder of a stage; nothing runs, and nothing but data files and manifests is read.

    Raises TrainingFault of kind "missing", whose help is the command to run, where the stage or one that it reads
    has not been run for the plan as it stands.
    """
    return _found(planned(module, stage), module, root, out or default_out(root)).path


def resolve_trained(module: Module, spec: ModelSpec, *, root: Path, out: Path | None = None) -> ModelSpec:
    """Return `model x = trained(y) { requires: gate }` as `transformers("folder")`, its other settings kept.

    A spec of any other backend comes back as it is. Raises TrainingFault as `trained_path` does, and of kind "gate"
    where the required evaluation was not run for this model or did not hold.
    """
    if spec.backend != "trained":
        return spec
    if len(spec.args) != 1 or not isinstance(spec.args[0], Name):
        given = ", ".join(map(spelled, spec.args)) or "nothing"
        message = f"trained(…) takes the name of a train stage, not {given}"
        raise TrainingFault("setting", spec.name, message, help="model x = trained(tiny)")
    stage = spec.args[0].path
    _check_kind(module, spec.name, stage)
    path = trained_path(module, stage, root=root, out=out)
    gate = spec.setting("requires")
    if gate is not None:
        _check_gate(module, spec.name, stage, plain(gate) or spelled(gate), root, out or default_out(root))
    settings = tuple(item for item in spec.settings if item[0] != "requires")
    if spec.setting("schema") is None:  # it was trained on exact prompts: nothing is added to them
        settings = (*settings, ("schema", "none"))
    return replace(spec, backend="transformers", args=(str(path),), settings=settings)


def _check_kind(module: Module, model: str, stage: str) -> None:
    if not any(node.id == stage and node.kind == "train" for node in module.stages):
        trains = [str(node.id) for node in module.stages if node.kind == "train"]
        message = f"there is no train stage `{stage}`"
        raise TrainingFault("missing", model, message, help="train stages: " + (", ".join(trains) or "none"))


def _check_gate(module: Module, model: str, stage: str, gate: str, root: Path, out: Path) -> None:
    steps = planned(module, gate)
    if stage not in steps[-1].reads:
        raise TrainingFault("setting", model, f"`requires: {gate}` does not evaluate `{stage}`")
    found = _found(steps, module, root, out).gate
    if found is None:
        raise TrainingFault("setting", model, f"`{gate}` has no `require`", help="require: .exact_match >= 0.99")
    if not found.passed:
        help_ = f"msrun train {module.file} {gate} shows its figures"
        raise TrainingFault("gate", model, f"`{gate}` requires {found.require}, which does not hold", help=help_)


def _found(stages: tuple[Planned, ...], module: Module, root: Path, out: Path) -> store.Output:
    done = dict[str, store.Output]()
    last = stages[-1].job.stage
    for stage in stages:
        key = content_key(stage, {name: done[name].identity for name in stage.reads}, root)
        output = store.find(out, stage.job.stage, key)
        if output is None:
            name = stage.job.stage
            why = "has not been run" if name == last else f"cannot be used: `{name}` has not been run"
            message = f"{why} for the plan as it stands"
            raise TrainingFault("missing", last, message, help=f"msrun train {module.file} {last}")
        done[stage.job.stage] = output
    return done[last]
