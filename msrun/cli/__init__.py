"""The command `msrun`: a file or a verb becomes a process with an answer on stdout and an exit code."""

import os
import sys
from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> int:
    """Run the command with `args` (the process's own where None) and return its exit code. Never raises."""
    try:
        code = _dispatch(args)
        _flush()
    except BaseException as error:  # noqa: BLE001 - the last place: every failure becomes one message and a code
        code = _report(error)
        _give_up_stdout()
    _leave_abandoned_threads(code)
    return code


def _dispatch(args: Sequence[str] | None) -> int:
    from msrun.cli.verbs import command

    typed = sys.argv[1:] if args is None else list(args)
    if "_MSRUN_COMPLETE" in os.environ:  # a shell asks for completions; click's own way of answering
        command.main(args=typed, prog_name="msrun")
    with command.make_context("msrun", typed) as context:
        code = command.invoke(context)
    return code if isinstance(code, int) else 0


def _report(error: BaseException) -> int:
    from msrun.cli.failure import report

    try:
        return report(error)
    except Exception as second:  # noqa: BLE001 - what cannot be shown as it should be is shown as our own error
        return report(second)


def _flush() -> None:
    if sys.stdout is not None:  # pyright: ignore[reportUnnecessaryComparison] - None where it was closed at start
        sys.stdout.flush()


def _leave_abandoned_threads(code: int) -> None:
    """End the process where a tool's function still runs in a thread that nobody waits for: it cannot be cancelled."""
    threading = sys.modules.get("threading")
    threads = () if threading is None else threading.enumerate()
    if any(thread.name.startswith("AnyIO worker") for thread in threads):
        if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison] - None where it was closed at start
            sys.stderr.flush()
        os._exit(code)


def _give_up_stdout() -> None:
    """Keep the interpreter from failing once more, with a traceback, when it flushes a broken stdout at its end."""
    try:
        _flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
