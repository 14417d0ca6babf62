"""One exchange with a model or tool: journaled, bounded in time, sent again after a transport fault."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any, NamedTuple, TypeAlias, TypeVar

from anyio import CancelScope, current_time, sleep

from msrun.backends.port import RETRYABLE, BackendFault, Finish, Usage
from msrun.runtime.budget import Need
from msrun.runtime.durable.fault import JournalFault
from msrun.runtime.events import CallFailed, CallFinished, CallStarted
from msrun.runtime.journal import Done, Intent, NotMade, UnknownOutcome
from msrun.runtime.outcome import NodeFault, first_cause
from msrun.runtime.run import Run
from msrun.runtime.seeds import LONGEST_RETRY_AFTER_S, retry_wait_s
from msrun.runtime.unit import Dropped, Unit

T = TypeVar("T")


class Answer(NamedTuple):
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


async def exchange(unit: Unit, intent: Intent, send: Send, need: Callable[[], Need] = Need) -> tuple[str, Done]:
    """Return the call's id and its committed end, which may be known to the journal already.

    `need` says what an attempt may take; it is asked where some bound holds for the call. Raises NodeFault where no
    attempt was answered or a budget is used up, Dropped where nobody wants the answer any more.
    """
    run, node, path = unit.progress.run, unit.progress.recipe.node, unit.progress.path
    known = await _journaled(run.journal.intend(intent))
    if known is not None:
        call = run.next_call()
        run.budget.book(unit.progress, intent.target, known.usage)
        run.tell(CallFinished, call=call, node=path, usage=known.usage, cached=True)
        return call, known
    left = node.policy.retry
    while True:
        call = run.next_call()
        ended = await _paid(unit, intent, send, call, need)
        if isinstance(ended, Done):
            return call, ended
        wait_s = None
        if left > 0 and ended.retryable and not unit.dropped:
            wait_s = retry_wait_s(intent.seed, unit.attempts, ended.retry_after_s)
        run.tell(CallFailed, call=call, node=path, fault=ended.fault, message=ended.message, retry_in_s=wait_s)
        if unit.withdrawn:
            raise Dropped
        if wait_s is None:
            raise NodeFault(ended.fault, _told(ended, unit.attempts), help=ended.help) from ended.cause
        left -= 1
        await _rest(unit, partial(sleep, wait_s))


async def _paid(unit: Unit, intent: Intent, send: Send, call: str, need: Callable[[], Need]) -> Done | Missed:
    """Make one attempt within the budgets that it is booked on."""
    run = unit.progress.run
    accounts = run.budget.accounts(unit.progress, intent.target)
    if not accounts:
        return await _attempt(unit, intent, send, call)
    wanted = need()
    while (hold := run.budget.hold(accounts, wanted)) is None:
        await _rest(unit, partial(run.budget.queue, unit.rank))
    usage, before = Usage(), unit.attempts
    try:
        ended = await _attempt(unit, intent, send, call)
        usage = ended.usage if isinstance(ended, Done) else usage
    finally:
        hold.settle(usage, sent=unit.attempts > before)
    return ended


async def _attempt(unit: Unit, intent: Intent, send: Send, call: str) -> Done | Missed:
    """Send once and journal how it ended; only then may anyone know."""
    run, key, timeout_s = unit.progress.run, intent.key, unit.progress.recipe.node.policy.timeout_s
    await _journaled(run.journal.dispatch(key))
    if unit.dropped:
        raise Dropped
    unit.attempts += 1
    run.calls += 1
    run.tell(
        CallStarted,
        call=call,
        node=key.node,
        target=intent.target,
        cell=key.cell,
        sample=key.sample,
        attempt=unit.attempts,
    )
    began_s = run.watch_s()
    with CancelScope(deadline=current_time() + timeout_s) as scope:
        ended = await _bounded(unit, scope, intent.target, send, call)
        if isinstance(ended, Missed):
            await _miss(run, intent, ended)
            return ended
        done = await _book(run, intent, ended)
        took_s = run.watch_s() - began_s
        run.tell(CallFinished, call=call, node=key.node, usage=ended.usage, finish=ended.finish, took_s=took_s)
        return done
    if unit.withdrawn:
        missed = Missed(fault="withdrawn", message="what it stands in was taken back")
    else:
        missed = Missed(
            fault="timeout", message=f"`{intent.target}` did not answer within {timeout_s:g} s", retryable=True
        )
    with CancelScope(shield=True):
        await _miss(run, intent, missed)
    return missed


async def _bounded(unit: Unit, scope: CancelScope, target: str, send: Send, call: str) -> Answer | Missed:
    """Send, and protect the scope once it is over: what was paid for is journaled even where the run is cancelled."""
    unit.scope = scope
    ended: Answer | Missed
    try:
        ended = await send(call)
    except Exception as error:  # noqa: BLE001 - named, chained and journaled
        ended = _missed(first_cause(error), target)
    finally:
        unit.scope = None
    # a second scope around the commit would cost as much as the rest of the call
    scope.deadline, scope.shield = inf, True
    return ended


async def _book(run: Run, intent: Intent, answer: Answer) -> Done:
    run.pay(answer.usage)
    done = Done(
        key=intent.key,
        content=intent.content,
        output=answer.output,
        usage=answer.usage,
        logprob=answer.logprob,
    )
    await _journaled(run.journal.done(done))
    return done


async def _miss(run: Run, intent: Intent, missed: Missed) -> None:
    await _journaled(run.journal.done(Done(key=intent.key, content=intent.content, output=None, error=missed.fault)))


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


async def _rest(unit: Unit, wait: Callable[[], Awaitable[object]]) -> None:
    """Wait before an attempt, unless the run fails or the item is taken back meanwhile."""
    rests = unit.progress.run.rests
    unit.scope = scope = CancelScope()
    rests.add(scope)
    try:
        with scope:
            await wait()
    finally:
        rests.discard(scope)
        unit.scope = None
    if unit.dropped:
        raise Dropped


async def _journaled(write: Awaitable[T]) -> T:
    try:
        return await write
    except NotMade:
        raise Dropped from None
    except UnknownOutcome as unknown:
        hint = "look outside whether it happened, then: msrun resume RUN --assume retry (make it) or --assume done"
        raise NodeFault("unknown", str(unknown), help=hint, final=True) from unknown
    except JournalFault as error:
        fault = "journal_full" if error.kind == "full" else "journal"
        raise NodeFault(fault, error.message, help=error.help, final=True) from error
    except Exception as error:
        message = f"the journal failed: {error}"
        raise NodeFault("journal", message, help="no call is made that cannot be journaled", final=True) from error
