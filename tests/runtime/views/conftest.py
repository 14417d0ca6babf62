"""A run as its events, for every view to draw."""

from collections.abc import Callable
from typing import Any

import pytest

from msrun.backends.port import Usage
from msrun.runtime import events
from msrun.runtime.events import Event

Story = Callable[[], list[Event]]


def told(*steps: tuple[Any, dict[str, Any]]) -> list[Event]:
    """Stamp the steps: half a second apart."""
    return [make(seq=number, at_s=number * 0.5, **values) for number, (make, values) in enumerate(steps)]


@pytest.fixture
def story() -> list[Event]:
    """Two parts are found, one answer of two comes back after a retry, the combination fails."""
    nodes = (("parts", "decompose"), ("answers", "solve"), ("answers.check", "score"), ("answer", "combine"))
    some = Usage(prompt_tokens=10, completion_tokens=5, cost_usd=0.001)
    return told(
        (events.RunStarted, {"run": "r1", "plan": "ask", "seed": 7, "nodes": nodes}),
        (events.NodeStarted, {"node": "parts"}),
        (events.CallStarted, {"call": "c1", "node": "parts", "target": "small"}),
        (events.CallDelta, {"call": "c1", "node": "parts", "text": '["a\x1b]0;owned\x07'}),
        (events.ItemProduced, {"node": "parts", "index": 0, "item": "a"}),
        (events.NodeStarted, {"node": "answers"}),
        (events.CallStarted, {"call": "c2", "node": "answers", "target": "small", "cell": 0}),
        (events.ItemProduced, {"node": "parts", "index": 1, "item": "b"}),
        (events.CallFinished, {"call": "c1", "node": "parts", "usage": some}),
        (events.NodeFinished, {"node": "parts", "value": ["a", "b"]}),
        (events.CallStarted, {"call": "c3", "node": "answers", "target": "small", "cell": 1}),
        (
            events.CallFailed,
            {"call": "c2", "node": "answers", "fault": "connect", "message": "re\x1b[2Jfused", "retry_in_s": 0.5},
        ),
        (events.CallStarted, {"call": "c4", "node": "answers", "target": "small", "cell": 0, "attempt": 2}),
        (events.CallFinished, {"call": "c3", "node": "answers", "usage": some}),
        (events.CellFinished, {"node": "answers", "index": 1, "value": "B"}),
        (events.CellFinished, {"node": "answers", "index": 0, "value": None, "status": "skipped"}),
        (events.NodeFinished, {"node": "answers", "value": ["B"]}),
        (events.NodeFinished, {"node": "answers.check", "value": None, "status": "skipped"}),
        (events.NodeStarted, {"node": "answer"}),
        (events.NodeFailed, {"node": "answer", "fault": "reply", "message": "no\nJSON"}),
        (
            events.RunFailed,
            {
                "fault": "reply",
                "message": "no JSON",
                "help": "",
                "node": "answer",
                "calls": 4,
                "usage": some + some,
            },
        ),
    )
