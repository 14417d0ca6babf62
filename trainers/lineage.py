"""How an output was made, as `msrun.json` says it: key, inputs with theirs, settings, seed, versions and figures."""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from msrun.trainers.jobs import Planned
from msrun.trainers.port import TRAINERS_VERSION, Figure, Gate
from msrun.trainers.settings import action, spelled
from msrun.trainers.store import Output

FORMAT = 1
_PACKAGES = ("msrun", "torch", "transformers", "tokenizers")


def lineage(
    stage: Planned, key: str, inputs: Mapping[str, Output], figures: Mapping[str, Figure], gate: Gate | None
) -> dict[str, Any]:
    """Return what `msrun.json` holds, but for the identity of the files beside it."""
    said = action(stage.node)
    return {
        "format": FORMAT,
        "stage": str(stage.node.id),
        "kind": stage.node.kind,
        "key": key,
        "inputs": {name: {"key": inputs[name].key, "identity": inputs[name].identity} for name in stage.reads},
        "value": spelled(said.value),
        "settings": {name: spelled(value) for name, value in said.settings},
        "seed": next((value for name, value in said.settings if name == "seed"), None),
        "figures": dict(figures),
        "gate": None if gate is None else {"require": gate.require, "passed": gate.passed},
        "versions": {"trainers": TRAINERS_VERSION, "python": platform.python_version(), **_versions()},
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _versions() -> dict[str, str]:
    installed = {name: _version(name) for name in _PACKAGES}
    return {name: version for name, version in installed.items() if version is not None}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
