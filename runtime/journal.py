"""The journal port: intent, dispatch, done, ack. A dependant sees a value only after `done` returned (the ack).

The engine writes every paid call through this port, so that a durable store changes no scheduling code.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from msrun.backends.port import Usage

if TYPE_CHECKING:
    from msrun.runtime.outcome import Outcome


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
    """A call that is about to be paid for. `content` is the hash of everything that decides its reply.

    `request` is what is asked, as plain JSON, for those who learn from it. A call that is not `repeatable` changes
    something outside: where nobody knows how it ended, it is not made again.
    """

    key: CallKey
    target: str
    content: str
    seed: int
    request: Any = None
    repeatable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A call that answered: the reply's text (or a tool's JSON value), usage, and log-probability where known."""

    key: CallKey
    content: str
    output: Any
    usage: Usage = Usage()
    logprob: float | None = None
    error: str | None = None


class UnknownOutcome(Exception):  # noqa: N818 - nothing went wrong here; a person has to decide
    """A call that changes something outside was under way when its process died; nobody knows whether it happened."""

    def __init__(self, key: CallKey, target: str) -> None:
        super().__init__(f"nobody knows whether the call to `{target}` happened before the process died")
        self.key = key
        self.target = target


class NotMade(Exception):  # noqa: N818 - no error: the run is only rehearsed
    """The call is not known, and no call is to be made: its place stays open."""


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


class Keeping(Protocol):
    """A journal for the length of one run; `run` is its id, None where the engine is to make one up."""

    @property
    def journal(self) -> Journal:
        """Where the run's calls are kept."""
        ...

    @property
    def run(self) -> str | None:
        """The run's id."""
        ...

    async def end(self, outcome: "Outcome") -> None:
        """Keep how the run ended."""
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


@dataclass(frozen=True, slots=True)
class InMemory:
    """See Keeping: nothing is left after the run."""

    journal: MemoryJournal
    run: str | None = None

    async def end(self, outcome: "Outcome") -> None:
        """See Keeping."""


@asynccontextmanager
async def in_memory() -> AsyncGenerator[InMemory]:
    """Give a journal that is gone after the block."""
    yield InMemory(MemoryJournal())
