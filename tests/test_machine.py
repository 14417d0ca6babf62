"""What `msrun check` finds out about this machine: its environment, what is installed, models on its disk."""

import json
from pathlib import Path

import pytest

from msrun.backends.registry import BUILT_IN, install_command
from msrun.dsl.facts import Checkpoint, Machine
from msrun.facts import FactsBeside


def machine(root: Path, **environment: str) -> Machine:
    found = FactsBeside(root, online=True, environment=environment).machine()
    assert found is not None
    return found


def test_nothing_is_said_of_the_machine_unless_it_is_looked_at(tmp_path: Path) -> None:
    assert FactsBeside(tmp_path).machine() is None


def test_an_environment_variable_that_is_blank_counts_as_not_set(tmp_path: Path) -> None:
    here = machine(tmp_path, KEY="k", BLANK=" ")
    assert here.secret("KEY")
    assert not here.secret("BLANK")
    assert not here.secret("OTHER")


def test_the_backends_are_those_of_the_registry(tmp_path: Path) -> None:
    assert set(BUILT_IN) <= set(machine(tmp_path).backends)
    assert machine(tmp_path).lacking("openai") is None


def test_what_a_backend_lacks_is_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_torch(name: str) -> str | None:
        return None if name == "torch" else name

    monkeypatch.setattr("msrun.backends.registry.find_spec", without_torch)
    assert machine(tmp_path).lacking("transformers") == ("torch", install_command("transformers"))
    assert install_command("transformers") == 'pip install "msrun[local]"'


def test_a_model_is_described_by_its_config(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "topics"
    folder.mkdir(parents=True)
    config = {
        "architectures": ["BertForSequenceClassification"],
        "id2label": {"0": "sport", "1": "politics"},
        "max_position_embeddings": 512,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert machine(tmp_path).checkpoint("models/topics") == Checkpoint(
        architectures=("BertForSequenceClassification",), labels=("sport", "politics"), context=512
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"architectures": 3, "id2label": [], "max_position_embeddings": "x"}'])
def test_a_config_that_says_nothing_is_left_to_the_one_who_opens_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text(text, encoding="utf-8")
    found = machine(tmp_path).checkpoint("./model")
    assert found is None or found == Checkpoint()


def test_what_may_be_an_id_of_a_hub_is_not_missing(tmp_path: Path) -> None:
    assert machine(tmp_path).checkpoint("Qwen/Qwen3-0.6B") is None
    with pytest.raises(FileNotFoundError):
        machine(tmp_path).checkpoint("./models/nothing")
