"""How a run ended: an Outcome, which the caller gets, and the NodeFault that a node of it may have ended with."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from msrun.backends.port import Usage
from msrun.runtime.events import RunFailed


class NodeFault(Exception):  # noqa: N818 - a fault is data of the run; what caused it is chained
    """A node, or one cell of it, will have no value.

    `fault` is a backend's kind (`timeout`, `auth` …) or one of `reply evaluate given expect quorum input journal tool
    crashed plan stage skipped cancelled`. A `final` fault ends the run even where the node says `on_error: skip`.
    """

    def __init__(self, fault: str, message: str, *, help: str = "", final: bool = False) -> None:  # noqa: A002 - the event's field
        super().__init__(message)
        self.fault = fault
        self.message = message
        self.help = help
        self.final = final
        self.node: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What `execute` gives back. `value` is plain JSON, None unless `status` is ok.

    `failure` is the run's last event where it failed, `cause` the error behind it with its own chain of causes.
    `calls` and `usage` count what this run paid for; replies known to the journal are not in them.
    """

    run: str
    status: Literal["ok", "failed"]
    value: Any = None
    failure: RunFailed | None = None
    cause: NodeFault | None = None
    calls: int = 0
    usage: Usage = Usage()


def first_cause(error: BaseException) -> BaseException:
    """Return the first error inside a group of errors (of a task group), or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        return first_cause(cast("BaseExceptionGroup[BaseException]", error).exceptions[0])
    return error
