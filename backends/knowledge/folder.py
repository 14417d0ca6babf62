"""A knowledge base of a folder: its files read, cut and indexed in a thread, and searched in threads."""

import os
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from msrun.backends.knowledge.chunks import passages
from msrun.backends.knowledge.documents import documents
from msrun.backends.knowledge.port import Knowledge, Passage
from msrun.backends.knowledge.words import WordIndex
from msrun.backends.port import BackendFault, Surroundings
from msrun.dsl.codec import canonical
from msrun.dsl.plan import KnowledgeSpec, Made, Name

if TYPE_CHECKING:
    from msrun.backends.knowledge.encoder import Encoder
    from msrun.backends.knowledge.vectors import VectorIndex

CHUNK = 400
"""Characters of a passage where nothing is said."""

MOST_PASSAGES = 200_000

Piece = tuple[str, str]
"""A passage's text and its file."""


class Words:
    """A knowledge base compared by words."""

    def __init__(self, pieces: Sequence[Piece], key: str) -> None:
        self.key = key
        self._pieces = pieces
        self._index = WordIndex([text for text, _ in pieces])

    async def search(self, query: str, *, top: int, min_score: float) -> list[Passage]:
        """See Knowledge."""
        from anyio import to_thread

        return _passages(self._pieces, await to_thread.run_sync(self._index.search, query, top), min_score)


class Meanings:
    """A knowledge base compared by vectors."""

    def __init__(self, pieces: Sequence[Piece], key: str, encoder: "Encoder", index: "VectorIndex") -> None:
        self.key = key
        self._pieces, self._encoder, self._index = pieces, encoder, index

    async def search(self, query: str, *, top: int, min_score: float) -> list[Passage]:
        """See Knowledge."""
        from anyio import to_thread

        vector = await to_thread.run_sync(self._encoder.query, query)
        return _passages(self._pieces, await to_thread.run_sync(self._index.search, vector, top), min_score)


async def open_folder(spec: KnowledgeSpec, around: Surroundings, cache: Path | None = None) -> Knowledge:
    """Read and index a knowledge base in a thread. `cache` is the folder that keeps vectors, the user's own if None.

    Raises BackendFault `missing` or `request`.
    """
    from anyio import to_thread

    return await to_thread.run_sync(partial(build, spec, around, cache or cache_folder()))


def build(spec: KnowledgeSpec, around: Surroundings, cache: Path) -> Knowledge:
    """Do what `open_folder` does, here and now."""
    embed, index = spec.setting("embed"), spec.setting("index")
    graph = isinstance(index, Name) and index.path == "hnsw"
    chunk = spec.setting("chunk", CHUNK)
    size = chunk if isinstance(chunk, int) else CHUNK
    pieces = [(text, each.source) for each in documents(spec, Path(around.root)) for text in passages(each.text, size)]
    if not pieces:
        raise BackendFault("missing", f"the files of {spec.files} hold no text")
    if len(pieces) > MOST_PASSAGES:
        raise BackendFault("request", f"its files give more than {MOST_PASSAGES} passages", help="chunk: 2000")
    if not isinstance(embed, Made):
        return Words(pieces, _key(pieces, ["bm25"]))
    from msrun.backends.knowledge.encoder import Encoder
    from msrun.backends.knowledge.vectors import Exact, Graph, cached, require_graph

    if graph:
        require_graph()
    _require_local()
    encoder = Encoder(embed, str(embed.args[0]), around)
    key = _key(pieces, encoder.identity())
    texts = [text for text, _ in pieces]
    vectors = cached(cache / f"{key}.npy", len(texts), partial(encoder.passages, texts))
    return Meanings(pieces, key, encoder, Graph(vectors) if graph else Exact(vectors))


def cache_folder() -> Path:
    """Return where vectors are kept: in the user's folder for caches."""
    told = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(told) if told.startswith("/") else Path("~/.cache").expanduser()) / "msrun" / "knowledge"


def _require_local() -> None:
    from importlib.util import find_spec

    absent = [name for name in ("torch", "transformers") if find_spec(name) is None]
    if absent:
        raise BackendFault(
            "missing", f"`sentence` needs {' and '.join(absent)}, not installed here", help='pip install "msrun[local]"'
        )


def _key(pieces: Sequence[Piece], how: list[str]) -> str:
    return sha256(canonical([how, [list(piece) for piece in pieces]])).hexdigest()


def _passages(pieces: Sequence[Piece], found: list[tuple[int, float]], min_score: float) -> list[Passage]:
    scored = [(at, round(min(max(score, 0.0), 1.0), 6)) for at, score in found]
    return [Passage(*pieces[at], score) for at, score in scored if score >= min_score]
