import asyncio
import gc
from collections.abc import Callable

import pytest

from msrun.api import Result
from msrun.backends.port import Usage
from msrun.errors import RunFailed
from msrun.runtime.events import CallDelta, Event, NodeStarted
from msrun.stream import MAX_DELTAS, EventStream

RESULT = Result(value="v", calls=1, usage=Usage(), run="r", seconds=0.0, nodes={})
OnEvent = Callable[[Event], None]


def started(number: int) -> Event:
    return NodeStarted(seq=number, at_s=0, node=f"n{number}")


def delta(number: int) -> Event:
    return CallDelta(seq=number, at_s=0, call="c", node="n", text=str(number))


async def three(on_event: OnEvent) -> Result:
    for number in range(3):
        on_event(started(number))
        await asyncio.sleep(0)
    return RESULT


def test_events_come_in_order_and_then_the_result() -> None:
    async def main() -> None:
        stream = EventStream(three)
        with pytest.raises(RuntimeError, match="has not ended"):
            _ = stream.result
        assert [event.seq async for event in stream] == [0, 1, 2]
        assert stream.result is RESULT

    asyncio.run(main())


def test_a_failed_run_ends_the_iteration_and_is_raised_by_the_result() -> None:
    async def fails(on_event: OnEvent) -> Result:
        on_event(started(0))
        raise RunFailed("no", fault="auth", node=None, run="r", calls=0, usage=Usage())

    async def main() -> None:
        stream = EventStream(fails)
        assert [event.seq async for event in stream] == [0]
        with pytest.raises(RunFailed, match="no"):
            _ = stream.result

    asyncio.run(main())


def test_what_refuses_to_start_is_raised_where_the_reader_waits() -> None:
    async def refuses(on_event: OnEvent) -> Result:
        raise ValueError("missing input")

    async def main() -> None:
        with pytest.raises(ValueError, match="missing input"):
            await anext(EventStream(refuses))

    asyncio.run(main())


class Endless:
    """A run that never ends by itself and knows whether it was cancelled."""

    def __init__(self) -> None:
        self.cancelled = False

    async def __call__(self, on_event: OnEvent) -> Result:
        try:
            number = 0
            while True:
                on_event(started(number))
                number += 1
                await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


def others() -> set["asyncio.Task[object]"]:
    current = asyncio.current_task()
    return {task for task in asyncio.all_tasks() if task is not current}


def test_leaving_the_block_cancels_the_run_and_waits_for_it() -> None:
    async def main() -> None:
        run = Endless()
        async with EventStream(run) as stream:
            async for event in stream:
                if event.seq == 2:
                    break
        assert run.cancelled
        assert not others()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        await stream.aclose()

    asyncio.run(main())


def test_dropping_the_stream_cancels_the_run() -> None:
    async def main() -> None:
        run = Endless()
        async for event in EventStream(run):
            if event.seq == 2:
                break
        gc.collect()
        await asyncio.sleep(0.01)
        assert run.cancelled
        assert not others()

    asyncio.run(main())


def test_a_cancelled_reader_may_read_on() -> None:
    async def main() -> None:
        gate = asyncio.Event()

        async def waits(on_event: OnEvent) -> Result:
            await gate.wait()
            on_event(started(7))
            return RESULT

        stream = EventStream(waits)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.01)
        gate.set()
        assert [event.seq async for event in stream] == [7]

    asyncio.run(main())


def test_a_slow_reader_loses_the_oldest_pieces_of_replies_and_nothing_else() -> None:
    async def talks(on_event: OnEvent) -> Result:
        on_event(started(0))
        for number in range(MAX_DELTAS + 10):
            on_event(delta(number))
        on_event(started(1))
        return RESULT

    async def main() -> None:
        read = [event async for event in EventStream(talks)]
        pieces = [event.text for event in read if isinstance(event, CallDelta)]
        assert pieces == [str(number) for number in range(10, MAX_DELTAS + 10)]
        assert [event.seq for event in read if isinstance(event, NodeStarted)] == [0, 1]

    asyncio.run(main())


def test_a_stream_that_was_never_read_starts_nothing() -> None:
    async def main() -> None:
        stream = EventStream(three)
        await stream.aclose()
        assert not others()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    asyncio.run(main())
