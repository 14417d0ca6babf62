"""One difference between two plans: what happened, where, and both sides of it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

What: TypeAlias = Literal["added", "removed", "renamed", "changed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the way to a place: `plan ask`, `node draft`, `case refund`; `kind` may be empty."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A difference at the end of `path`. What was added has no `old`, what was removed no `new`.

    `prose`: both sides are texts that people read word by word, such as a prompt.
    """

    what: What
    path: tuple[Step, ...]
    old: str | None = None
    new: str | None = None
    prose: bool = False
