"""The port of knowledge bases: a question gives the passages that are nearest to it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document. `source` is its file from the plan's folder; `score` is 0 (far) to 1 (near)."""

    text: str
    source: str
    score: float


class Knowledge(Protocol):
    """A searchable set of passages. Safe for many searches at the same time."""

    @property
    def key(self) -> str:
        """The hash of all that decides what a search finds: the documents' text, the settings, the model."""
        ...

    async def search(self, query: str, *, top: int, min_score: float) -> list[Passage]:
        """Return at most `top` passages whose score reaches `min_score`, the nearest first. Raises BackendFault."""
        ...
