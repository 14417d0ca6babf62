"""`model x = trained(y) { requires: gate }`: found for the plan as it stands, or refused with the command to run."""

from pathlib import Path

import pytest

from msrun.dsl.plan import Made, ModelSpec, Module, Name, Node, NodeId, Rule, Settings, Stage, Value, ValueMap
from msrun.dsl.shapes import Opaque
from msrun.dsl.tree import Binary, Constant, Get
from msrun.trainers.port import GateFailed, TrainingFault
from msrun.trainers.stages import train
from msrun.trainers.trained import resolve_trained, trained_path


def stage(kind: str, name: str, value: Made, reads: tuple[str, ...], *settings: tuple[str, Value]) -> Node:
    shape, said = Opaque(kind), Stage(value=value, settings=settings)
    return Node(id=NodeId(name), kind=kind, action=said, shape=shape, value_shape=shape, reads=reads)


def module(require: float | None = 0.0, *, steps: int = 2) -> Module:
    settings: Settings = (
        ("data", Name("q")),
        ("tokenizer", Name("t")),
        ("objective", Made("clm", (), (("loss_on", Name("output")),))),
        ("steps", steps),
        ("batch", 4),
        ("lr", Made("constant", (), (("peak", 1e-3),))),
        ("threads", 1),
        ("seed", 1),
    )
    sizes = (("layers", 1), ("hidden", 8), ("heads", 2), ("positions", 16))
    gate = () if require is None else (("require", Rule(Binary(">=", Get(None, "exact_match"), Constant(require)))),)
    split = ValueMap((("train", 0.5), ("test", 0.5)))
    stages = (
        stage("dataset", "q", Made("jsonl", ("q.jsonl",)), (), ("split", split)),
        stage("tokenizer", "t", Made("chars", (Name("q"),)), ("q",)),
        stage("train", "y", Made("pretrain", (Made("gpt2", (), sizes),)), ("q", "t"), *settings),
        stage("evaluate", "gate", Made("metrics", (Name("y"), Name("q.test"))), ("y", "q"), *gate),
        stage("train", "other", Made("pretrain", (Made("gpt2", (), sizes),)), ("q", "t"), *settings[:-1], ("seed", 2)),
    )
    return Module(file="f.plan", stages=stages)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    rows = (f'{{"input": "{number}", "output": "{number % 10}"}}\n' for number in range(40))
    (tmp_path / "q.jsonl").write_text("".join(rows), encoding="utf-8")
    return tmp_path


def spec(stage_name: str = "y", requires: str | None = None) -> ModelSpec:
    settings: Settings = (("temperature", 0.0), *((("requires", Name(requires)),) if requires else ()))
    return ModelSpec(name="x", backend="trained", args=(Name(stage_name),), settings=settings)


def test_a_trained_model_is_a_transformers_folder(root: Path) -> None:
    *_, result = train(module(), "y", root=root)
    assert trained_path(module(), "y", root=root) == result.path
    found = resolve_trained(module(), spec(), root=root)
    assert found == ModelSpec(
        name="x", backend="transformers", args=(str(result.path),), settings=(("temperature", 0.0), ("schema", "none"))
    )


def test_other_backends_are_left_alone(root: Path) -> None:
    other = ModelSpec(name="x", backend="ollama", args=("qwen3:8b",))
    assert resolve_trained(module(), other, root=root) is other


def test_untrained_says_what_to_run(root: Path) -> None:
    with pytest.raises(TrainingFault, match=r"y: .*has not been run for the plan as it stands") as caught:
        resolve_trained(module(), spec(), root=root)
    assert caught.value.help == "msrun train f.plan y"
    train(module(), "y", root=root)
    with pytest.raises(TrainingFault) as caught:
        resolve_trained(module(steps=3), spec(), root=root)  # the plan says another thing now
    assert caught.value.help == "msrun train f.plan y"


def test_a_gate_must_have_been_run_and_must_hold(root: Path) -> None:
    train(module(), "y", root=root)
    with pytest.raises(TrainingFault, match="gate: has not been run"):
        resolve_trained(module(), spec(requires="gate"), root=root)
    train(module(), "gate", root=root)
    assert resolve_trained(module(), spec(requires="gate"), root=root).backend == "transformers"
    with pytest.raises(GateFailed):
        train(module(1.0), "gate", root=root)
    with pytest.raises(TrainingFault, match=r"`gate` requires \.exact_match >= 1, which does not hold") as caught:
        resolve_trained(module(1.0), spec(requires="gate"), root=root)
    assert caught.value.kind == "gate"


def test_a_gate_of_another_model_or_without_a_requirement_is_none(root: Path) -> None:
    train(module(), "other", root=root)
    with pytest.raises(TrainingFault, match="`requires: gate` does not evaluate `other`"):
        resolve_trained(module(), spec("other", requires="gate"), root=root)
    train(module(None), root=root)
    with pytest.raises(TrainingFault, match="`gate` has no `require`"):
        resolve_trained(module(None), spec(requires="gate"), root=root)


@pytest.mark.parametrize("name", ["q", "nowhere"])
def test_only_a_train_stage_gives_a_model(root: Path, name: str) -> None:
    with pytest.raises(TrainingFault, match=f"there is no train stage `{name}`") as caught:
        resolve_trained(module(), spec(name), root=root)
    assert caught.value.help == "train stages: y, other"


def test_edited_data_make_the_model_stale(root: Path) -> None:
    train(module(), "y", root=root)
    with (root / "q.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"input": "41", "output": "1"}\n')
    with pytest.raises(TrainingFault, match="`q` has not been run"):
        trained_path(module(), "y", root=root)
