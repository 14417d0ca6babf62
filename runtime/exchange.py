"""One exchange with a model or tool: journaled, bounded in time, sent again after a transport fault."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from anyio import CancelScope, current_time, sleep

from msrun.backends.port import RETRYABLE, BackendFault, Finish, Usage
from msrun.runtime.events import CallFailed, CallFinished, CallStarted
from msrun.runtime.journal import Done, Intent
from msrun.runtime.outcome import NodeFault, first_cause
from msrun.runtime.progress import Dropped, Unit
from msrun.runtime.run import Run
from msrun.runtime.seeds import LONGEST_RETRY_AFTER_S, retry_wait_s

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side gave: a reply's text or a tool's value."""

    output: Any
    usage: Usage = Usage()
    logprob: float | None = None
    finish: Finish = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Why there is no answer. `cause` is chained to the fault that a reader of the run sees."""

    fault: str
    message: str
    help: str = ""
    retryable: bool = False
    retry_after_s: float | None = None
    cause: BaseException | None = None


Send: TypeAlias = Callable[[str], Awaitable[Answer]]
"""Makes the call that has this id in events. Raises BackendFault; anything else is a programming error of its own."""


async def exchange(unit: Unit, intent: Intent, send: Send) -> tuple[str, Done]:
    """Return the call's id and its committed end, which may be known to the journal already.

    Raises NodeFault where no attempt was answered, Dropped where nobody wants the answer any more.
    """
    run, node = unit.progress.run, unit.progress.recipe.node
    known = await _journaled(run.journal.intend(intent))
    if known is not None:
        call = run.next_call()
        run.tell(CallFinished, call=call, node=node.id, usage=known.usage, cached=True)
        return call, known
    left = node.policy.retry
    while True:
        call = run.next_call()
        ended = await _attempt(unit, intent, send, call)
        if isinstance(ended, Done):
            return call, ended
        wait_s = None
        if left > 0 and ended.retryable and not unit.dropped:
            wait_s = retry_wait_s(intent.seed, unit.attempts, ended.retry_after_s)
        run.tell(CallFailed, call=call, node=node.id, fault=ended.fault, message=ended.message, retry_in_s=wait_s)
        if unit.place.dead:
            raise Dropped
        if wait_s is None:
            raise NodeFault(ended.fault, _told(ended, unit.attempts), help=ended.help) from ended.cause
        left -= 1
        await _rest(unit, wait_s)


async def _attempt(unit: Unit, intent: Intent, send: Send, call: str) -> Done | Missed:
    """Send once and journal how it ended; only then may anyone know."""
    run, key = unit.progress.run, intent.key
    await _journaled(run.journal.dispatch(key))
    if unit.dropped:
        raise Dropped
    unit.attempts += 1
    run.calls += 1
    place = {"cell": key.cell, "sample": key.sample}
    run.tell(CallStarted, call=call, node=key.node, target=intent.target, attempt=unit.attempts, **place)
    began_s = run.clock()
    ended = await _bounded(unit, intent.target, send, call)
    if isinstance(ended, Missed):
        await _commit(run, Done(key=key, content=intent.content, output=None, error=ended.fault))
        return ended
    run.pay(ended.usage)
    done = Done(key=key, content=intent.content, output=ended.output, usage=ended.usage, logprob=ended.logprob)
    await _commit(run, done)
    took_s = run.clock() - began_s
    run.tell(CallFinished, call=call, node=key.node, usage=ended.usage, finish=ended.finish, took_s=took_s)
    return done


async def _bounded(unit: Unit, target: str, send: Send, call: str) -> Answer | Missed:
    timeout_s = unit.progress.recipe.node.policy.timeout_s
    unit.scope = scope = CancelScope(deadline=current_time() + timeout_s)
    try:
        with scope:
            return await send(call)
    except Exception as error:  # noqa: BLE001 - named, chained and journaled
        return _missed(first_cause(error), target)
    finally:
        unit.scope = None
    if unit.place.dead:
        return Missed(fault="withdrawn", message="its item was taken back")
    return Missed(fault="timeout", message=f"`{target}` did not answer within {timeout_s:g} s", retryable=True)


def _missed(error: BaseException, target: str) -> Missed:
    match error:
        case BackendFault():
            return Missed(
                fault=error.kind,
                message=error.message,
                help=error.help,
                retryable=error.kind in RETRYABLE,
                retry_after_s=error.retry_after_s,
                cause=error,
            )
        case _:
            message = f"`{target}` raised {type(error).__name__}: {error}"
            return Missed(fault="crashed", message=message, help="this is an error in its code", cause=error)


def _told(missed: Missed, attempts: int) -> str:
    """Say what was found, how often, and which wait was too long."""
    more = f" (after {attempts} attempts)" if attempts > 1 else ""
    after_s = missed.retry_after_s
    if missed.retryable and after_s is not None and after_s > LONGEST_RETRY_AFTER_S:
        more += f"; it asks to wait {after_s:g} s, which is longer than a run waits"
    return missed.message + more


async def _rest(unit: Unit, wait_s: float) -> None:
    """Wait before the next attempt, unless the run fails or the item is taken back meanwhile."""
    rests = unit.progress.run.rests
    unit.scope = scope = CancelScope()
    rests.add(scope)
    try:
        with scope:
            await sleep(wait_s)
    finally:
        rests.discard(scope)
        unit.scope = None
    if unit.dropped:
        raise Dropped


async def _commit(run: Run, done: Done) -> None:
    # shielded: what was paid for is not lost to a cancellation
    with CancelScope(shield=True):
        await _journaled(run.journal.done(done))


async def _journaled(write: Awaitable[T]) -> T:
    try:
        return await write
    except Exception as error:
        message = f"the journal failed: {error}"
        raise NodeFault("journal", message, help="no call is made that cannot be journaled", final=True) from error
