"""A model's folder, checked before a byte of it is loaded: safetensors only, and nothing that would run code.

A folder of weights is hostile data: `auto_map` names Python files to run, pickled weights run code when they are read,
an adapter or a kernel named in a config is fetched from the network (CVE-2025-32434, CVE-2026-4372, CVE-2026-5241).
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from msrun.backends.port import BackendFault, Surroundings
from msrun.dsl.values.jsontext import JsonRefused, parse

_CONFIG_BYTES = 2**20
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")
_RUNS_CODE = frozenset({"auto_map", "custom_generate", "trust_remote_code", "custom_pipelines"})
_NOT_HERE = frozenset({"quantization_config"})
_NO_CONFIGS = frozenset({"tokenizer.json", "vocab.json", "added_tokens.json"})
_GENERATES = ("ForCausalLM", "LMHeadModel")
_JUDGES = "ForSequenceClassification"
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_HUB_FILES = ("*.safetensors", "*.json", "*.jinja")


Use: TypeAlias = Literal["generator", "encoder"]
"""What a model is loaded for: to write text, or to give vectors."""


def find_model(
    id_: str, name: str, around: Surroundings, revision: str | None = None, *, what: Use = "generator"
) -> Path:
    """Return the checked folder of a model: a path from the plan's folder, or a hub id that was downloaded before.

    `--allow hub:OWNER/NAME` lets it be downloaded. Raises BackendFault `missing` or `request`.
    """
    folder = Path(around.root, id_).expanduser()
    if not folder.is_dir():
        if not _HUB_ID.fullmatch(id_):
            raise BackendFault(
                "missing",
                f"model `{name}`: there is no folder {id_} beside the plan",
                help='transformers("models/mine"), a folder with config.json, *.safetensors and tokenizer.json',
            )
        folder = _from_hub(id_, name, around, revision)
    check_folder(folder, name, what=what)
    return folder


def check_folder(folder: Path, name: str, *, what: Use = "generator") -> None:
    """Refuse a folder that lacks something, that needs code of its own, or whose weights are pickled."""
    for needed in ("config.json", "tokenizer.json"):
        if not (folder / needed).is_file():
            raise BackendFault("missing", f"model `{name}`: {folder} holds no {needed}")
    for path in sorted(folder.glob("*.json")):
        if path.name not in _NO_CONFIGS:
            _check_config(path, name, what)
    if (folder / "adapter_config.json").exists():
        raise BackendFault("request", f"model `{name}`: {folder} is an adapter; merge it into its base model first")
    if not any(folder.glob("*.safetensors")):
        pickled = next((path.name for pattern in _PICKLED for path in folder.glob(pattern)), None)
        why = "no *.safetensors" if pickled is None else f"only pickled weights ({pickled}), which can run code"
        raise BackendFault("missing", f"model `{name}`: {folder} holds {why}", help="save it as safetensors")


def _check_config(path: Path, name: str, what: Use) -> None:
    config = read_json(path, name)
    found = set(_keys(config))
    if code := found & _RUNS_CODE:
        raise BackendFault(
            "request", f"model `{name}`: {path.name} asks to run code of its own ({', '.join(sorted(code))}); refused"
        )
    if path.name == "config.json":
        if found & _NOT_HERE:
            raise BackendFault("request", f"model `{name}` is quantised, which is not supported", help="use a server")
        _check_architecture(config, name, what)
    if path.name.endswith(".index.json"):
        _check_index(config, path, name)


def read_json(path: Path, name: str) -> dict[str, Any]:
    """Return a config of a model's folder. Raises BackendFault where it is no JSON, or too long."""
    limit = _CONFIG_BYTES * (16 if path.name.endswith(".index.json") else 1)
    try:
        if path.stat().st_size > limit:
            raise BackendFault("request", f"model `{name}`: {path.name} is longer than {limit} bytes")
        value = parse(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, JsonRefused) as error:
        raise BackendFault("request", f"model `{name}`: {path.name} is no JSON: {error}") from None
    except OSError as error:
        raise BackendFault("missing", f"model `{name}`: {path.name} cannot be read: {error.strerror}") from None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _keys(config: object) -> Iterator[str]:
    waiting: list[object] = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            record = cast("dict[str, object]", value)
            yield from record
            waiting += record.values()
        elif isinstance(value, list):
            waiting += cast("list[object]", value)


def _check_architecture(config: dict[str, Any], name: str, what: Use) -> None:
    named = config.get("architectures")
    architectures = [each for each in cast("list[object]", named) if isinstance(each, str)] if named else []
    if what == "generator" and not any(each.endswith((*_GENERATES, _JUDGES)) for each in architectures):
        told = ", ".join(architectures) or "no architecture"
        raise BackendFault("request", f"model `{name}` cannot write text: its config names {told}")
    attention = next((config[key] for key in ("_attn_implementation", "attn_implementation") if key in config), None)
    if isinstance(attention, str) and "/" in attention:
        raise BackendFault("request", f"model `{name}`: config.json asks for a kernel from the network; refused")


def _check_index(index: dict[str, Any], path: Path, name: str) -> None:
    shards = index.get("weight_map")
    files: set[object] = set(cast("dict[str, object]", shards).values()) if isinstance(shards, dict) else set()
    if not all(isinstance(file, str) and Path(file).name == file and file.endswith(".safetensors") for file in files):
        raise BackendFault("request", f"model `{name}`: {path.name} names files outside of the folder")


def _from_hub(id_: str, name: str, around: Surroundings, revision: str | None) -> Path:
    import huggingface_hub

    download: Any = cast("Any", huggingface_hub).snapshot_download
    allowed = any(fnmatchcase(f"hub:{id_}", pattern) for pattern in around.allow)
    try:
        found: object = download(id_, revision=revision, local_files_only=not allowed, allow_patterns=list(_HUB_FILES))
        return Path(str(found))
    except (OSError, ValueError, RuntimeError) as error:  # what the hub's client raises, its own errors among them
        why = "could not be downloaded" if allowed else "is neither a folder beside the plan nor downloaded before"
        help_ = "is there a network?" if allowed else f"--allow hub:{id_} lets it be downloaded"
        raise BackendFault("missing", f"model `{name}`: {id_} {why}", help=help_) from error
