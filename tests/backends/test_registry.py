"""From a backend's name to a backend."""

import sys
import tomllib
from importlib import metadata
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from msrun.backends import registry
from msrun.backends.port import BackendFault, Surroundings
from msrun.backends.scripted import Scripted
from msrun.dsl.plan import ModelSpec


def spec(backend: str) -> ModelSpec:
    return ModelSpec(name="m", backend=backend, args=("a",))


def plug_in(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    def entry_points(*, group: str) -> EntryPoints:
        return EntryPoints((EntryPoint(name, value, group),))

    monkeypatch.setattr(metadata, "entry_points", entry_points)


def test_a_built_in_name_opens_without_reading_the_installed_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "scripted", "nowhere:nothing")
    assert isinstance(registry.open_backend(spec("scripted"), Surroundings()), Scripted)


def test_the_table_and_the_entry_points_of_this_package_agree() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["entry-points"][registry.GROUP]
    assert {name: entry.target for name, entry in registry.BUILT_IN.items()} == declared


def test_a_plug_in_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "mine", "msrun.backends.scripted:open_backend")
    assert isinstance(registry.open_backend(spec("mine"), Surroundings()), Scripted)
    assert "mine" in registry.backend_names()


@pytest.mark.parametrize("value", ["no_such_module:f", "msrun.backends.scripted:nothing"])
def test_a_broken_plug_in_is_a_fault(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    plug_in(monkeypatch, "mine", value)
    with pytest.raises(BackendFault, match=r"backend `mine`.*could not be loaded") as caught:
        registry.open_backend(spec("mine"), Surroundings())
    assert caught.value.kind == "missing"


def test_an_unknown_name_is_answered_with_the_near_one_and_the_list() -> None:
    with pytest.raises(BackendFault, match="there is no backend `olama`") as caught:
        registry.open_backend(spec("olama"), Surroundings())
    assert caught.value.kind == "missing"
    assert caught.value.help.startswith("did you mean `ollama`? backends here: bundled, ollama, openai, scripted,")


def test_a_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_spec(name: str) -> object:
        return None if name in {"torch", "tokenizers"} else object()

    monkeypatch.setattr(registry, "find_spec", find_spec)
    with pytest.raises(BackendFault, match="backend `transformers` needs torch and tokenizers") as caught:
        registry.open_backend(spec("transformers"), Surroundings())
    assert (caught.value.kind, caught.value.help) == ("missing", 'pip install "msrun[local]"')


def test_asking_for_the_extra_imports_nothing() -> None:
    before = set(sys.modules)
    registry.missing_packages("transformers")
    assert not {"torch", "transformers"} & (set(sys.modules) - before)
