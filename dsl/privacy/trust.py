"""Whether what is sent to a model or tool leaves: `trust` says so, else its backend and address do."""

from ipaddress import ip_address
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from msrun.dsl.plan import ModelSpec, Name, ToolSpec

Trust: TypeAlias = Literal["local", "internal", "external"]
"""On this machine, on a machine of one's own organisation, or anywhere else."""

LEVELS: tuple[Trust, ...] = ("local", "internal", "external")

_HERE = ("transformers", "bundled", "trained", "scripted", "ollama", "vllm")
"""Backends whose models are on this machine, unless a `base_url` says otherwise."""


def trust_of(spec: ModelSpec | ToolSpec) -> Trust:
    """Return how far a model or tool is trusted.

    A model at an address other than this machine's, and one of a backend that did not come with msrun, is external
    unless its `trust` says otherwise; so is a tool of an MCP server. A Python tool is local.
    """
    settings = dict(spec.settings)
    written = settings.get("trust")
    level = written.path if isinstance(written, Name) else written
    for each in LEVELS:
        if level == each:
            return each
    if isinstance(spec, ToolSpec):
        return "local" if spec.provider == "python" else "external"
    address = settings.get("base_url", dict(spec.named).get("base_url"))
    if isinstance(address, str):
        return "local" if _is_here(address) else "external"
    return "local" if spec.backend in _HERE else "external"


def _is_here(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
