"""One run's shared state: what is to be done next, what was paid, and the events that say so."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from anyio import CancelScope

from msrun.backends.port import Usage
from msrun.runtime.budget import Budget
from msrun.runtime.events import Event
from msrun.runtime.journal import Journal
from msrun.runtime.outcome import NodeFault
from msrun.runtime.pool import Pool


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """State of one `execute`. Everything here happens on the event loop's thread, between two awaits."""

    id: str
    seed: int
    journal: Journal
    pool: Pool
    on_event: Callable[[Event], None] | None
    clock: Callable[[], float]
    started_s: float
    updates: dict[str, Any] = field(default_factory=dict[str, Any])  # of the session's slots
    rests: set[CancelScope] = field(default_factory=set[CancelScope])  # calls that wait before they are tried again
    fault: NodeFault | None = None
    crash: BaseException | None = None  # an observer's own error, raised once the calls are closed
    budget: Budget = field(default_factory=Budget)
    calls: int = 0
    usage: Usage = Usage()
    _seq: int = 0
    _calls_named: int = 0
    _agenda: deque[tuple[Callable[..., None], tuple[Any, ...]]] = field(
        default_factory=deque[tuple[Callable[..., None], tuple[Any, ...]]]
    )

    def later(self, step: Callable[..., None], *args: Any) -> None:
        """Note a consequence; `settle` draws it. A list instead of the stack: chains of nodes may be long."""
        self._agenda.append((step, args))

    def settle(self) -> None:
        """Draw all consequences of what just happened, in the order in which they were noted."""
        agenda = self._agenda
        while agenda:
            step, args = agenda.popleft()
            step(*args)

    def tell(self, make: Callable[..., Event], /, **fields: Any) -> None:
        """Stamp an event and hand it to the observer; an observer that raises ends the run with its own error."""
        if self.on_event is not None:
            self.show(make(seq=self.next_seq(), at_s=self.age_s(), **fields))

    def show(self, event: Event) -> None:
        """Hand a stamped event to the observer."""
        if self.on_event is None:
            return
        try:
            self.on_event(event)
        except Exception as error:  # noqa: BLE001 - kept, and raised by `execute`
            self.on_event = None
            self.crash = error
            self.pool.abort()

    def next_seq(self) -> int:
        """Return the number of the next event, from 0."""
        self._seq += 1
        return self._seq - 1

    def watch_s(self) -> float:
        """Return the clock's time where somebody is told how long a call took; asking costs more than it seems."""
        return 0.0 if self.on_event is None else self.clock()

    def age_s(self) -> float:
        """Return the seconds since the run began."""
        return self.clock() - self.started_s

    def next_call(self) -> str:
        """Return a call's id for events."""
        self._calls_named += 1
        return f"c{self._calls_named}"

    def pay(self, usage: Usage) -> None:
        """Count what an answered call cost."""
        self.usage += usage

    @property
    def stopping(self) -> bool:
        """Whether nothing new may be dispatched."""
        return self.fault is not None or self.crash is not None

    def fail(self, fault: NodeFault) -> None:
        """Let what is running end and dispatch nothing more; the first fault is the run's."""
        if self.fault is None:
            self.fault = fault
        self.pool.clear()
        for rest in self.rests:
            rest.cancel()
