"""An exception becomes one message with a help line on stderr, and an exit code. No traceback reaches a user."""

import os
import sys
from typing import TYPE_CHECKING

import click

from msrun.cli import exits
from msrun.errors import JournalUnusable, MsrunError, OutputLost, PlanInvalid, RunFailed, Terminated

if TYPE_CHECKING:
    from typing import TextIO


def report(error: BaseException) -> int:
    """Say on stderr what went wrong; return the process's exit code."""
    if os.environ.get("MSRUN_DEBUG") == "1":
        _traceback(error)
    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else exits.FAILED
        case click.exceptions.Exit():
            return error.exit_code
        case Terminated():
            say("terminated")
            return exits.TERMINATED
        case KeyboardInterrupt() | click.Abort():
            say("interrupted")
            return exits.INTERRUPTED
        case PlanInvalid():
            tell(error.pictures(color=colourful(sys.stderr)))
            say(error.message, f"`msrun check {error.file} --json` lists them for a program")
            return exits.STATIC
        case RunFailed():
            say(_run_failure(error), error.help or _HELP)
            return exits.of_fault(error.fault)
        case BrokenPipeError():
            from msrun.cli.output import nobody_reads

            return report(nobody_reads())
        case OutputLost():
            say(error.message, error.help)
            return exits.FAILED
        case JournalUnusable():
            say(error.message, error.help)
            return exits.JOURNAL
        case MsrunError():
            say(error.message, error.help)
            return exits.USAGE
        case click.exceptions.NoArgsIsHelpError():
            tell(error.format_message())
            return exits.USAGE
        case click.ClickException():
            say(*_usage(error))
            return exits.USAGE
        case _:
            return _unexpected(error)


_HELP = "`--jsonl` prints every event of the run"


def say(message: str, help: str = "", *, word: str = "error") -> None:  # noqa: A002 - the word of the help line
    """Write one message to stderr in the shape of a diagnostic."""
    from msrun.runtime.views.terminal import neutral

    head = f"\x1b[1;31m{word}\x1b[0m" if word == "error" and colourful(sys.stderr) else word
    tell(f"{head}: {neutral(message)}" + (f"\n  = help: {neutral(help)}" if help else ""))


def _run_failure(error: RunFailed) -> str:
    return f"node `{error.node}` failed: {error.message}" if error.node else error.message


def _usage(error: click.ClickException) -> tuple[str, str]:
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "msrun"
    if isinstance(error, click.NoSuchOption):
        near = error.possibilities or []
        help_line = f"did you mean `{near[0]}`?" if near else f"`{path} --help` lists the options"
        return f"there is no option `{error.option_name}`", help_line
    message = error.format_message().rstrip(".")
    return message[:1].lower() + message[1:], f"`{path} --help` shows how it is called"


def _unexpected(error: BaseException) -> int:
    what = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    say(f"internal error {what}", "set MSRUN_DEBUG=1 and run again to see where; please report it")
    return exits.FAILED


def _traceback(error: BaseException) -> None:
    from traceback import print_exception

    print_exception(error)


def colourful(stream: "TextIO | None") -> bool:
    """Whether colours are wanted there: on a terminal, unless NO_COLOR is set (no-color.org)."""
    return stream is not None and stream.isatty() and not os.environ.get("NO_COLOR")


def tell(text: str) -> None:
    """Write a line to stderr. Where nobody can read it the run goes on all the same."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return
