"""The port of session stores: a turn takes a session for itself, reads what is kept, and keeps the next state once."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

LONGEST_WAIT_S = 600.0
"""How long a turn waits for the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a session keeps: slots that were updated, the last turns as `{user, answer}`, how many turns there were."""

    slots: Mapping[str, Any] = field(default_factory=dict[str, Any])
    history: tuple[Mapping[str, str], ...] = ()
    turns: int = 0


class SessionFault(Exception):  # noqa: N818 - a fault is data of the run
    """A session cannot be taken or kept: `busy` too long, `lost` to another turn, or its store is `unusable`."""

    def __init__(self, kind: Literal["busy", "lost", "unusable"], message: str, *, help: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.help = help


class Turn(Protocol):
    """One turn of a session, which nobody else has meanwhile."""

    @property
    def kept(self) -> Kept:
        """What the session held when the turn began."""
        ...

    async def keep(self, kept: Kept) -> None:
        """Keep the next state, all of it or nothing; it is safe once this returned. Raises SessionFault."""
        ...


class SessionStore(Protocol):
    """Keeps sessions by the name of their declaration and an id that the caller chooses."""

    def turn(self, name: str, id_: str, *, expires_s: float) -> AbstractAsyncContextManager[Turn]:
        """Wait until no other turn of the session is on its way, and take it. Raises SessionFault.

        A session that nobody used for `expires_s` begins anew. Leaving without `keep` leaves it as it was.
        """
        ...
