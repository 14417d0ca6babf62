# ruff: noqa: N818 - the names say what is wrong, as the language does
"""What the front door raises: one sentence that says what is wrong, and a help line that says what to do."""

from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msrun.backends.port import Usage
    from msrun.dsl.diagnostic import Diagnostic


class MsrunError(Exception):
    """The base of all. `help` may be empty; neither text holds a secret."""

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word the messages use
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"{self.message}\n  = help: {self.help}" if self.help else self.message


class PlanInvalid(MsrunError):
    """The file has errors. `diagnostics` holds all of them; `str()` shows them with their source."""

    def __init__(self, file: str, diagnostics: Sequence["Diagnostic"]) -> None:
        errors = sum(found.severity == "error" for found in diagnostics)
        super().__init__(f"{file}: {errors} error{'s' * (errors != 1)}")
        self.file = file
        self.diagnostics = tuple(diagnostics)

    def __str__(self) -> str:
        return f"{self.pictures()}\n\n{self.message}"

    def pictures(self, *, color: bool = False) -> str:
        """Return every finding with the lines it is about, as a person reads them."""
        from msrun.dsl.render import render_all

        return render_all(self.diagnostics, color=color)


class PlanUnreadable(MsrunError):
    """There is no such file or no such plan in it, or it cannot be read."""


class InputInvalid(MsrunError, ValueError):
    """An input is missing, unknown or of the wrong type. `problems` has one sentence for each, by input."""

    def __init__(self, problems: Sequence[tuple[str, str]], *, help: str = "") -> None:  # noqa: A002
        super().__init__("; ".join(text for _, text in problems), help=help)
        self.problems = tuple(problems)


class OverrideInvalid(MsrunError, ValueError):
    """A `--set` or `--model` names nothing of the plan, or has a value of the wrong type."""


class ConfigInvalid(MsrunError):
    """`msrun.toml` cannot be used."""


class CassetteInvalid(MsrunError):
    """A cassette cannot be read or written."""


class JournalUnusable(MsrunError):
    """The journal cannot be opened, read or written, or there is no such run in it."""


class OutputLost(MsrunError):
    """The answer or picture cannot be written to where it should go."""


class SessionUnusable(MsrunError):
    """A session cannot be taken, read or kept: its id, its store, or another turn of it is in the way."""


class NotAllowed(MsrunError):
    """The plan calls tools that the operator did not allow. `grants` are the patterns that would allow them."""

    def __init__(self, message: str, grants: Sequence[str], *, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.grants = tuple(grants)


class SecretMissing(MsrunError):
    """A model or tool needs environment variables that are not set. `names` are theirs."""

    def __init__(self, message: str, names: Sequence[str], *, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.names = tuple(names)


class InsideLoop(MsrunError, RuntimeError):
    """`run()` was called where an event loop is already running; nothing was started."""


class Terminated(KeyboardInterrupt):
    """The run was asked to end by SIGTERM, and closed what it had opened."""


class RunFailed(MsrunError):
    """The run gave no answer. `fault` is a word (`auth`, `reply`, `budget` …), `node` its place or None."""

    def __init__(
        self,
        message: str,
        *,
        fault: str,
        node: str | None,
        run: str,
        calls: int,
        usage: "Usage",
        help: str = "",  # noqa: A002
    ) -> None:
        super().__init__(message, help=help)
        self.fault = fault
        self.node = node
        self.run = run
        self.calls = calls
        self.usage = usage

    def __str__(self) -> str:
        where = f"node `{self.node}` failed: " if self.node else ""
        return where + super().__str__()
