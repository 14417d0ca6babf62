"""Folders of models: what is refused before anything is loaded, what is broken, and where models are found."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from msrun.backends.bundled import bundled_models
from msrun.backends.bundled import open_backend as open_bundled
from msrun.backends.port import BackendFault, Message, Request, Surroundings
from msrun.backends.registry import open_backend as open_by_name
from msrun.backends.transformers_local import LocalModel, open_backend
from msrun.dsl.plan import ModelSpec


def opened(folder: Path, *settings: tuple[str, Any]) -> LocalModel:
    spec = ModelSpec(name="small", backend="transformers", args=(str(folder),), settings=settings)
    backend = open_backend(spec, Surroundings())
    assert isinstance(backend, LocalModel)
    return backend


def ask() -> Request:
    return Request(model="small", messages=(Message("user", "abc"),), settings=(("max_tokens", 5),))


def edit(folder: Path, name: str, **entries: Any) -> None:
    path = folder / name
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**config, **entries}), encoding="utf-8")


def rename(folder: Path, old: str, new: str) -> None:
    (folder / old).rename(folder / new)


def write(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)


REFUSED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "no config": (lambda at: (at / "config.json").unlink(), "missing", "holds no config.json"),
    "no tokenizer": (lambda at: (at / "tokenizer.json").unlink(), "missing", "holds no tokenizer.json"),
    "no weights": (lambda at: (at / "model.safetensors").unlink(), "missing", r"holds no \*.safetensors"),
    "pickled": (
        lambda at: rename(at, "model.safetensors", "pytorch_model.bin"),
        "missing",
        r"holds only pickled weights \(pytorch_model.bin\), which can run code",
    ),
    "code in config": (
        lambda at: edit(at, "config.json", auto_map={"AutoModelForCausalLM": "evil.Model"}),
        "request",
        r"config.json asks to run code of its own \(auto_map\)",
    ),
    "code in a nested config": (
        lambda at: edit(at, "config.json", text_config={"x": [{"trust_remote_code": True}]}),
        "request",
        "trust_remote_code",
    ),
    "code in tokenizer": (lambda at: edit(at, "tokenizer_config.json", auto_map={"a": "b"}), "request", "auto_map"),
    "code in generation": (lambda at: edit(at, "generation_config.json", custom_generate="x/y"), "request", "custom_g"),
    "kernel": (lambda at: edit(at, "config.json", _attn_implementation="evil/kernel"), "request", "a kernel"),
    "adapter": (lambda at: edit(at, "adapter_config.json", base_model_name_or_path="x/y"), "request", "is an adapter"),
    "quantised": (lambda at: edit(at, "config.json", quantization_config={}), "request", "is quantised"),
    "encoder": (lambda at: edit(at, "config.json", architectures=["BertModel"]), "request", "names BertModel"),
    "no architecture": (lambda at: edit(at, "config.json", architectures=None), "request", "names no architecture"),
    "no json": (lambda at: write(at, "config.json", b"{"), "request", "config.json is no JSON"),
    "deep": (lambda at: write(at, "config.json", b"[" * 100_000), "request", "config.json is no JSON"),
    "no utf-8": (lambda at: write(at, "config.json", b"\xff"), "request", "config.json is no JSON"),
    "long": (lambda at: write(at, "config.json", b" " * (2**20 + 1)), "request", "longer than"),
    "traversal": (
        lambda at: edit(at, "model.safetensors.index.json", weight_map={"a": "../x.safetensors"}),
        "request",
        "names files outside of the folder",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_folder_is_refused_before_anything_is_loaded(name: str, folder: Path, tmp_path: Path) -> None:
    change, kind, message = REFUSED[name]
    copy = tmp_path / "m"
    shutil.copytree(folder, copy)
    change(copy)
    with pytest.raises(BackendFault, match=message) as caught:
        opened(copy)
    assert caught.value.kind == kind


BROKEN: dict[str, bytes] = {
    "pickle renamed": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "empty": b"",
    "endless header": (2**40).to_bytes(8, "little") + b"{}",
    "header cut": (50).to_bytes(8, "little") + b'{"a"',
    "outside": (60).to_bytes(8, "little") + b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}     ',
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_weights_are_a_fault_with_no_traceback(name: str, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "m"
    shutil.copytree(folder, copy)
    write(copy, "model.safetensors", BROKEN[name])
    with pytest.raises(BackendFault, match="cannot be loaded") as caught:
        anyio.run(opened(copy).call, ask())
    assert caught.value.kind == "missing"


def test_paths_start_at_the_plans_folder(folder: Path) -> None:
    around = Surroundings(root=str(folder.parent))
    beside = ModelSpec(name="small", backend="transformers", args=(folder.name,))
    assert open_backend(beside, around) is not None
    with pytest.raises(BackendFault, match=r"there is no folder \./nothing beside the plan"):
        open_backend(ModelSpec(name="small", backend="transformers", args=("./nothing",)), around)


def test_a_hub_id_is_offline_until_the_operator_allows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked: list[bool] = []

    def snapshot_download(_id: str, *, local_files_only: bool, **_: object) -> str:
        asked.append(local_files_only)
        raise OSError("not there")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    spec = ModelSpec(name="small", backend="transformers", args=("Qwen/Qwen3-0.6B",))
    with pytest.raises(BackendFault, match="is neither a folder beside the plan nor downloaded before") as caught:
        open_backend(spec, Surroundings(root=str(tmp_path)))
    assert (caught.value.kind, caught.value.help) == ("missing", "--allow hub:Qwen/Qwen3-0.6B lets it be downloaded")
    with pytest.raises(BackendFault, match="could not be downloaded"):
        open_backend(spec, Surroundings(root=str(tmp_path), allow=("hub:Qwen/*",)))
    assert asked == [True, False]


@pytest.mark.parametrize(("setting", "message"), [(("dtype", "int8"), "`dtype`"), (("schema", "xml"), "`schema`")])
def test_wrong_settings(folder: Path, setting: tuple[str, Any], message: str) -> None:
    with pytest.raises(BackendFault, match=message):
        opened(folder, setting)


def test_an_unknown_bundled_model_is_answered_with_the_names() -> None:
    with pytest.raises(BackendFault, match="no model `poetry` comes with msrun") as caught:
        open_by_name(ModelSpec(name="m", backend="bundled", args=("poetry",)), Surroundings())
    assert caught.value.kind == "missing"
    assert caught.value.help.startswith("bundled models: ")


def test_a_bundled_model_gets_exact_prompts(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from msrun.backends import bundled

    shutil.copytree(folder, tmp_path / "bundled" / "tiny")

    def files(_: str) -> Path:
        return tmp_path

    monkeypatch.setattr(bundled, "files", files)
    assert list(bundled_models()) == ["tiny"]
    backend = open_bundled(ModelSpec(name="m", backend="bundled", args=("tiny",)), Surroundings())
    reply = anyio.run(backend.call, replace(ask(), schema={"type": "integer"}))
    assert reply.usage.prompt_tokens == len("user:abc") + 1
