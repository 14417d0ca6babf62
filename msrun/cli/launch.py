"""One run of a plan: events go to a view on stderr, the answer to stdout, and the totals end it."""

import os
import signal
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import anyio

from msrun.api import Loaded, Result
from msrun.cli.failure import tell
from msrun.cli.output import spell, write, write_json
from msrun.errors import RunFailed, Terminated
from msrun.runtime.events import Event
from msrun.runtime.views.progress import NodeProgress, Progress
from msrun.runtime.views.summary import summary
from msrun.runtime.views.wire import to_json

FRAME_S = 0.1
"""Time between two pictures of the live view."""

Show: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the caller wants to see."""

    as_json: bool = False
    as_jsonl: bool = False
    quiet: bool = False


@dataclass(slots=True)
class Viewer:
    """What watches a run: `show` is called with every event, `paint` now and then; either may be missing."""

    show: Show | None = None
    paint: Callable[[], None] | None = None


def launch(loaded: Loaded, inputs: Mapping[str, Any], output: Output, session: str | None = None) -> None:
    """Run the plan and print its answer. Raises what `Loaded.execute` raises, after the totals and the JSON of it."""
    progress = Progress()
    try:
        with terminable(), watching(progress, output) as viewer:
            result = anyio.run(_run, loaded, inputs, session, progress, viewer, output)
    except RunFailed as failure:
        if output.as_json:
            write_json({**_record(loaded, progress, None), "error": _failure(failure)})
        _say_totals(progress, output)
        raise
    except KeyboardInterrupt:
        _say_totals(progress, output)
        raise
    if output.as_json:
        write_json(_record(loaded, progress, result.value))
    elif not output.as_jsonl:
        write(spell(result.value))
    _say_totals(progress, output)


@contextmanager
def terminable() -> Generator[None]:
    """Let SIGTERM end a run as Ctrl-C does, so that calls are closed and the cursor comes back; a second one kills.

    Where the caller ignores Ctrl-C (a job in the background of a script) SIGTERM keeps its own effect.
    """
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    before = signal.signal(signal.SIGTERM, ask)
    try:
        yield
    except KeyboardInterrupt:
        if asked:
            raise Terminated from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def watching(progress: Progress, output: Output) -> Generator[Viewer]:
    """Choose the view: none, the live picture on a terminal, plain lines anywhere else."""
    stderr = sys.stderr
    if output.quiet or stderr is None:
        yield Viewer()
    elif not stderr.isatty() or os.environ.get("TERM", "dumb") in {"dumb", "unknown"}:
        from msrun.runtime.views.lines import Lines

        yield Viewer(show=Lines(progress, tell).show)
    elif output.as_jsonl and sys.stdout.isatty():
        yield Viewer()  # the events themselves are on this screen
    else:
        from msrun.runtime.views.console import LiveView

        view = LiveView(progress, stderr)
        view.open()
        try:
            yield Viewer(paint=view.paint)
        finally:
            view.close()


async def _run(
    loaded: Loaded,
    inputs: Mapping[str, Any],
    session: str | None,
    progress: Progress,
    viewer: Viewer,
    output: Output,
) -> Result:
    """Run with the picture repainted beside it. A stdout that breaks under `--jsonl` ends the run: nobody reads it."""
    ended: Result | Exception | None = None

    def see(event: Event) -> None:
        if viewer.show is not None:
            viewer.show(event)
        if output.as_jsonl:
            write(to_json(event))

    async with anyio.create_task_group() as group:
        if viewer.paint is not None:
            group.start_soon(_repaint, viewer.paint)
        try:
            ended = await loaded.execute(inputs, see, progress, session=session)
        except Exception as error:  # noqa: BLE001 - raised below, outside of the group that would wrap it
            ended = error
        group.cancel_scope.cancel()
    if isinstance(ended, Exception):
        raise ended
    assert ended is not None  # noqa: S101 - the group ends with a cancellation or with one of the two
    return ended


async def _repaint(paint: Callable[[], None]) -> None:
    while True:
        paint()
        await anyio.sleep(FRAME_S)


def _say_totals(progress: Progress, output: Output) -> None:
    if progress.run and not output.quiet and sys.stderr is not None:
        tell(summary(progress))


def _record(loaded: Loaded, progress: Progress, answer: Any) -> dict[str, Any]:
    usage = progress.usage
    return {
        "answer": answer,
        "plan": loaded.plan.name,
        "run": progress.run,
        "calls": progress.calls,
        "tokens": usage.prompt_tokens + usage.completion_tokens,
        "cost_usd": usage.cost_usd,
        "seconds": round(progress.at_s, 6),
        "nodes": {node.id: _node(node, progress.at_s) for node in progress.nodes.values()},
    }


def _node(node: NodeProgress, now_s: float) -> dict[str, Any]:
    from msrun.dsl.values.plain import plain

    return {
        "kind": node.kind,
        "status": node.state,
        "value": plain(node.value),
        "calls": node.calls,
        "tokens": node.usage.prompt_tokens + node.usage.completion_tokens,
        "seconds": round(node.seconds(now_s), 6),
    }


def _failure(failure: RunFailed) -> dict[str, Any]:
    return {"fault": failure.fault, "message": failure.message, "help": failure.help, "node": failure.node}
