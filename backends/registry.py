"""From a backend's name to a backend: the built-in table first, then the entry points of installed packages.

Nothing is imported before a plan names it; a plug-in cannot take a built-in name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from msrun.backends.port import Backend, BackendFault, OpenBackend, Surroundings
from msrun.dsl.plan import ModelSpec

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "msrun.backends"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Where a built-in backend is opened; `packages` are what its extra installs."""

    target: str
    extra: str | None = None
    packages: tuple[str, ...] = ()


_LOCAL = ("torch", "transformers", "tokenizers", "safetensors")

BUILT_IN: Mapping[str, BuiltIn] = {
    "bundled": BuiltIn("msrun.backends.bundled:open_backend", "local", _LOCAL),
    "ollama": BuiltIn("msrun.backends.openai:open_ollama"),
    "openai": BuiltIn("msrun.backends.openai:open_openai"),
    "scripted": BuiltIn("msrun.backends.scripted:open_backend"),
    "transformers": BuiltIn("msrun.backends.transformers_local:open_backend", "local", _LOCAL),
    "vllm": BuiltIn("msrun.backends.openai:open_vllm"),
}


def open_backend(spec: ModelSpec, around: Surroundings) -> Backend:
    """Open the backend of one model. BackendFault `missing` where it, or a package it needs, is not installed."""
    built_in = BUILT_IN.get(spec.backend)
    return (_load_plug_in(spec.backend) if built_in is None else _load_built_in(spec.backend, built_in))(spec, around)


def backend_names() -> tuple[str, ...]:
    """Return the names of all backends, built-in and installed, in alphabetical order."""
    return tuple(sorted({*BUILT_IN, *_plug_ins()}))


def missing_packages(name: str) -> tuple[str, ...]:
    """Return the packages a built-in backend needs that are not installed, without importing them."""
    built_in = BUILT_IN.get(name)
    return () if built_in is None else tuple(package for package in built_in.packages if find_spec(package) is None)


def _load_built_in(name: str, entry: BuiltIn) -> OpenBackend:
    absent = missing_packages(name)
    if absent:
        raise BackendFault(
            "missing",
            f"backend `{name}` needs {_enumerate(absent)}, not installed here",
            help=f'pip install "msrun[{entry.extra}]"',
        )
    module, _, function = entry.target.partition(":")
    return cast("OpenBackend", getattr(import_module(module), function))


def _load_plug_in(name: str) -> OpenBackend:
    entry = _plug_ins().get(name)
    if entry is None:
        raise _unknown(name)
    try:
        opened: Callable[..., Backend] = entry.load()
    except (ImportError, AttributeError) as error:
        raise BackendFault(
            "missing", f"backend `{name}` ({entry.value}) could not be loaded: {error}", help="reinstall its package"
        ) from error
    return opened


def _plug_ins() -> "dict[str, EntryPoint]":
    # importlib.metadata costs 20 ms and is not needed for a built-in name
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in BUILT_IN}


def _unknown(name: str) -> BackendFault:
    names = backend_names()
    near = get_close_matches(name, names, n=1)
    guess = f"did you mean `{near[0]}`? " if near else ""
    return BackendFault(
        "missing",
        f"there is no backend `{name}`",
        help=f"{guess}backends here: {', '.join(names)}; others come with packages that declare `{GROUP}`",
    )


def _enumerate(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
