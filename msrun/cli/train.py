"""`msrun train`: the training stages of a file run, or are checked in a dry run, and say what came of them."""

import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from msrun.cli import exits
from msrun.cli.failure import say
from msrun.cli.output import require_stdout, write, write_json
from msrun.errors import PlanUnreadable
from msrun.files import read_module, split_target

if TYPE_CHECKING:
    from msrun.trainers.port import Progress, StageResult

SECONDS_BETWEEN_LINES = 10.0
"""Where progress goes to a file or pipe."""


@click.command("train", short_help="Run the training stages of a file.")
@click.argument("target", metavar="FILE")
@click.argument("name", required=False)
@click.option("--dry-run", is_flag=True, help="Check settings, data and sizes; train and write nothing.")
@click.option("--allow", "grants", multiple=True, metavar="dataset:NAME", help="Let a dataset run its Python code.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON list.")
@click.option("--quiet", is_flag=True, help="Only errors on standard error.")
def command(
    target: str, name: str | None, grants: tuple[str, ...], *, dry_run: bool, as_json: bool, quiet: bool
) -> int:
    """Run the stages that NAME depends on and NAME itself, or all of them. A stage that is done is not run again."""
    from msrun.config import read_config
    from msrun.trainers.port import GateFailed, TrainingFault
    from msrun.trainers.stages import train

    require_stdout()
    file, _ = split_target(target)
    module, _ = read_module(file, data=True)
    if not module.stages:
        raise PlanUnreadable(f"{file} has no training stage", help=f"`msrun {file}` runs its plan")
    allow = (*read_config(Path.cwd()).allow, *grants)
    failure: TrainingFault | None = None
    results: tuple[StageResult, ...] = ()
    try:
        with stopping() as stop:
            results = train(
                module,
                name,
                root=file.parent,
                allow=allow,
                dry_run=dry_run,
                on_progress=_ignore if quiet else Telling(),
                stop=stop,
            )
    except GateFailed as fault:
        results, failure = fault.results, fault
    except TrainingFault as fault:
        failure = fault
    _print(results, as_json=as_json)
    if failure is not None:
        say(str(failure), failure.help)
    return exits.OK if failure is None else exits.FAILED


@contextmanager
def stopping() -> Generator[Callable[[], bool]]:
    """Let SIGTERM end training after the step at hand, with a checkpoint; a second one ends it at once."""
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    before = signal.signal(signal.SIGTERM, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGTERM, before)


class Telling:
    """Writes progress to stderr: on a terminal the steps overwrite each other, elsewhere one is told now and then."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._terminal = sys.stderr.isatty()
        self._clock = clock
        self._told_s = clock()

    def __call__(self, progress: "Progress") -> None:
        """Tell of one piece of progress."""
        from msrun.runtime.views.stages import line
        from msrun.runtime.views.terminal import neutral
        from msrun.trainers.port import StageProgress

        step = isinstance(progress, StageProgress)
        if step and not self._terminal and self._clock() - self._told_s < SECONDS_BETWEEN_LINES:
            return
        self._told_s = self._clock()
        lead = "\r\x1b[2K" if self._terminal else ""
        end = "" if step and self._terminal else "\n"
        print(lead + neutral(line(progress)), end=end, file=sys.stderr, flush=True)


def _ignore(progress: "Progress") -> None:
    del progress


def _print(results: "tuple[StageResult, ...]", *, as_json: bool) -> None:
    if as_json:
        write_json([_to_json(result) for result in results])
        return
    from msrun.runtime.views.stages import spell

    for result in results:
        gate = "" if result.gate is None else f"; {'met' if result.gate.passed else 'NOT met'}: {result.gate.require}"
        write(f"{result.kind} {result.stage}: {spell(result.figures)}{gate}; {result.saved or result.path}")


def _to_json(result: "StageResult") -> dict[str, Any]:
    gate = result.gate
    return {
        "stage": result.stage,
        "kind": result.kind,
        "key": result.key,
        "path": str(result.path),
        "saved": None if result.saved is None else str(result.saved),
        "reused": result.reused,
        "figures": dict(result.figures),
        "gate": None if gate is None else {"require": gate.require, "passed": gate.passed},
        "seconds": result.took_s,
    }
