"""Models that come with msrun: `bundled("arithmetic")` works offline, with no key, a moment after installation.

They were trained on exact prompts, so the reply's schema is never added to what they are asked.
"""

from importlib.resources import files
from pathlib import Path

from msrun.backends.model_files import check_folder
from msrun.backends.port import BackendFault, Surroundings
from msrun.backends.transformers_local import LocalModel, open_folder
from msrun.dsl.plan import ModelSpec


def open_backend(spec: ModelSpec, around: Surroundings) -> LocalModel:  # noqa: ARG001 - the port's signature
    """Open a bundled model; an unknown name is a fault of kind `missing` with the names that there are."""
    found = bundled_models()
    folder = found.get(spec.id)
    if folder is None:
        raise BackendFault(
            "missing",
            f"no model `{spec.id}` comes with msrun",
            help=f"bundled models: {', '.join(sorted(found)) or 'none'}",
        )
    check_folder(folder, spec.name)
    return open_folder(spec, folder, tells_schema=False)


def bundled_models() -> dict[str, Path]:
    """Return the folders of all bundled models by name."""
    root = Path(str(files("msrun.backends"))) / "bundled"
    return {path.parent.name: path.parent for path in sorted(root.glob("*/config.json"))}
