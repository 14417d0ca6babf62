import json

from msrun.dsl.values.cells import Cell
from msrun.runtime.events import CallFinished, Event, NodeFinished
from msrun.runtime.views.wire import to_json


def test_every_event_is_one_line_with_its_kind_first(story: list[Event]) -> None:
    for event in story:
        line = to_json(event)
        assert "\n" not in line
        assert next(iter(json.loads(line).items())) == ("kind", event.kind)


def test_usage_is_spelt_out(story: list[Event]) -> None:
    event = next(event for event in story if isinstance(event, CallFinished))
    assert json.loads(to_json(event))["usage"] == {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "cost_usd": 0.001,
        "estimated": False,
    }


def test_cells_are_written_with_their_status() -> None:
    event = NodeFinished(seq=1, at_s=0, node="n", value=[Cell(item="a", value=1, index=0, status="ok")])
    assert json.loads(to_json(event))["value"] == [{"item": "a", "value": 1, "index": 0, "status": "ok"}]
