"""How a test ended, and every reason why it failed."""

from dataclasses import dataclass

from msrun.dsl.source import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a test failed: one sentence, the place it is about, what values had a part in it, and what to do."""

    message: str
    span: Span = NOWHERE
    notes: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one test ended. `calls` counts the calls to its models, `seconds` is the time it took.

    `ended`: every run of the test came to its end, so that all calls were made that it makes.
    """

    name: str
    failures: tuple[Failure, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    ended: bool = True

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures
