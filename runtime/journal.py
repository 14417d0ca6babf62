"""The journal port: intent, dispatch, done, ack. A dependant sees a value only after `done` returned (the ack).

The engine writes every paid call through this port, so that a durable store changes no scheduling code.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from msrun.backends.port import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKey:
    """Which call of which run: a node, a place in its fan-out, a draw, an attempt (from 1)."""

    run: str
    node: str
    cell: int | None = None
    sample: int | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A call that is about to be paid for. `content` is the hash of everything that decides its reply."""

    key: CallKey
    target: str
    content: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A call that answered: the reply's text (or a tool's JSON value), usage, and log-probability where known."""

    key: CallKey
    content: str
    output: Any
    usage: Usage = Usage()
    logprob: float | None = None
    error: str | None = None


class Journal(Protocol):
    """Remembers calls. Every method returns only when its row is as safe as the store promises."""

    async def intend(self, intent: Intent) -> Done | None:
        """Write the intent; return the finished call of this key and content, if there is one: it is not paid again."""
        ...

    async def dispatch(self, key: CallKey) -> None:
        """Write that the call is on its way."""
        ...

    async def done(self, done: Done) -> None:
        """Commit the call's end and its cost in one step. Returning is the ack."""
        ...


@dataclass(slots=True)
class MemoryJournal:
    """Keeps the calls of a process in memory; `resume` of a run in the same process reuses them."""

    calls: dict[CallKey, Done] = field(default_factory=dict[CallKey, Done])
    intents: int = 0

    async def intend(self, intent: Intent) -> Done | None:
        """See Journal."""
        self.intents += 1
        known = self.calls.get(intent.key)
        return known if known is not None and known.content == intent.content and known.error is None else None

    async def dispatch(self, key: CallKey) -> None:
        """See Journal."""

    async def done(self, done: Done) -> None:
        """See Journal."""
        self.calls[done.key] = done
