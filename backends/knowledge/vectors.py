"""Vectors that are searched: all of them compared, or a graph of neighbours walked (HNSW, by usearch)."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Protocol, cast

from msrun.backends.port import BackendFault

if TYPE_CHECKING:
    from msrun.backends.knowledge.encoder import Vectors


class VectorIndex(Protocol):
    """Finds the vectors nearest to one."""

    def search(self, query: "Vectors", top: int) -> list[tuple[int, float]]:
        """Return the numbers of the nearest vectors with their cosines, the nearest first."""
        ...


class Exact:
    """Compares all."""

    def __init__(self, vectors: "Vectors") -> None:
        self._vectors = vectors

    def search(self, query: "Vectors", top: int) -> list[tuple[int, float]]:
        """See VectorIndex."""
        scores: list[float] = (self._vectors @ query[0]).tolist()
        ranked = sorted(range(len(scores)), key=lambda at: (-scores[at], at))[:top]
        return [(at, scores[at]) for at in ranked]


class Graph:
    """Walks a graph of neighbours: much faster among very many, and may miss one. Built by one thread, always alike."""

    def __init__(self, vectors: "Vectors") -> None:
        import numpy as np
        from usearch.index import Index

        self._vectors = vectors
        self._index: Any = cast("Any", Index)(ndim=vectors.shape[1], metric="cos", dtype="f32")
        self._index.add(np.arange(len(vectors)), vectors, threads=1)

    def search(self, query: "Vectors", top: int) -> list[tuple[int, float]]:
        """See VectorIndex."""
        keys: list[int] = self._index.search(query[0], top, threads=1).keys.tolist()
        scored = [(at, float(self._vectors[at] @ query[0])) for at in keys]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def require_graph() -> None:
    """Raise BackendFault `missing` where the package of `index: hnsw` is not installed."""
    from importlib.util import find_spec

    if find_spec("usearch") is None:
        raise BackendFault(
            "missing", "`index: hnsw` needs usearch, not installed here", help='pip install "msrun[hnsw]"'
        )


def cached(path: Path, count: int, make: Callable[[], "Vectors"]) -> "Vectors":
    """Return the vectors kept in a file, or make and keep them; a file that is damaged is made anew."""
    import numpy as np

    try:
        kept: Vectors = np.load(path, allow_pickle=False)
        if kept.dtype == np.float32 and kept.ndim == 2 and len(kept) == count and bool(np.isfinite(kept).all()):
            return kept
    except (OSError, ValueError, EOFError):
        pass  # not there yet, or not what was written: both are made good below
    made = make()
    _keep(path, made)
    return made


def _keep(path: Path, vectors: "Vectors") -> None:
    """Write beside, then rename: nobody reads half of it. A cache that cannot be written costs time, not the run."""
    import numpy as np

    beside = path.with_name(f"{path.name}.{token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            np.save(file, vectors, allow_pickle=False)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
