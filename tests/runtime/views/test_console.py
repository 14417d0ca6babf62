import io
from typing import Any

import pytest
from rich.console import Console

from msrun.backends.port import Usage
from msrun.runtime import events
from msrun.runtime.events import Event
from msrun.runtime.views.console import LiveView, choose, picture
from msrun.runtime.views.progress import NodeProgress, Progress, fold
from tests.runtime.views.conftest import told


def drawn(
    progress: Progress, frame: int | None, *, rows: int = 20, ascii_only: bool = False, width: int = 100
) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, color_system=None)
    console.print(picture(progress, frame, rows, ascii_only=ascii_only))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def folded(happened: list[Event]) -> Progress:
    progress = Progress()
    for event in happened:
        fold(progress, event)
    return progress


def test_the_picture_while_it_runs(story: list[Event]) -> None:
    progress = folded(story[:14])
    progress.nodes["answers"].done[1] = "ok"
    progress.nodes["answers"].tail = "The [bold]capital[/bold]\x1b]0;owned\x07 is"
    assert drawn(progress, 1) == [
        "✓  parts    decompose  2 items                15 tokens  4.0 s",
        "⠙  answers  solve      ━━━━━━━━──────── 1/2+  15 tokens  4.0 s",
        "·    check  score",
        "·  answer   combine",
        "  answers › The [bold]capital[/bold]␛]0;owned␇ is",
        "4 calls · 30 tokens · $0.0020 · 6.5 s",
    ]


def test_the_picture_that_is_left(story: list[Event]) -> None:
    assert drawn(folded(story), None) == [
        "✓  parts    decompose  2 items               15 tokens   4.0 s",
        "✓  answers  solve      ━━━━━━━━━━━━━━━━ 2/2  15 tokens   5.5 s",
        "–    check  score      skipped                          0.00 s",
        "✗  answer   combine                                     0.50 s",
    ]


def test_marks_without_unicode(story: list[Event]) -> None:
    rows = drawn(folded(story), None, ascii_only=True)
    assert all(row.isascii() for row in rows)
    assert [row[0] for row in rows] == ["+", "+", "-", "x"]


def test_wide_characters_keep_the_columns() -> None:
    progress = Progress(nodes={name: NodeProgress(id=name, kind="solve") for name in ("意图", "größe")})
    assert drawn(progress, None) == ["·  意图   solve", "·  größe  solve"]


def test_what_is_inside_a_node_stands_below_it_once_however_often_it_runs() -> None:
    nodes = (("draft", "repeat"), ("checks", "run"), ("answer", "choose"))
    usage = Usage(prompt_tokens=4, completion_tokens=1)
    steps: list[tuple[Any, dict[str, Any]]] = [
        (events.RunStarted, {"run": "r", "plan": "p", "seed": 0, "nodes": nodes}),
        (events.NodeStarted, {"node": "draft"}),
        (events.NodeStarted, {"node": "checks", "cells": 3}),
        (events.NodeStarted, {"node": "answer"}),
        (events.NodeStarted, {"node": "draft#1.critique", "of": "score"}),
        (events.CallStarted, {"call": "c1", "node": "draft#1.critique", "target": "m"}),
        (events.CallFinished, {"call": "c1", "node": "draft#1.critique", "usage": usage}),
        (events.NodeFinished, {"node": "draft#1.critique", "value": 1}),
        (events.NodeStarted, {"node": "draft#2.critique", "of": "score"}),
        (events.NodeStarted, {"node": "answer.refund.r", "of": "solve"}),
        *[(events.NodeStarted, {"node": f"checks[{at}].verdict", "of": "solve"}) for at in range(3)],
        (events.NodeFinished, {"node": "checks[1].verdict", "value": "x"}),
        (events.NodeFailed, {"node": "checks[2].verdict", "fault": "refused", "message": "no"}),
        (events.CellFinished, {"node": "checks", "index": 2, "value": None, "status": "skipped"}),
    ]
    progress = folded(told(*steps))
    assert drawn(progress, 0) == [
        "⠋  draft       repeat  2 rounds               5 tokens  7.0 s",
        "⠋    critique  score   ━━━━━━━━──────── 1/2+  5 tokens  5.5 s",
        "⠋  checks      run     ━━━━━─────────── 1/3             6.5 s",
        "⠋    verdict   solve   ━━━━━━━━━━━───── 2/3+            2.5 s",
        "⠋  answer      choose                                   6.0 s",
        "⠋    refund.r  solve                                    3.0 s",
        "1 call · 5 tokens · $0 · 7.5 s",
    ]
    ended = told(*steps, (events.NodeFinished, {"node": "draft", "value": "x", "exhausted": True}))
    assert "2 rounds, limit reached" in drawn(folded(ended), 0)[0]


def test_what_runs_in_a_frame_that_was_given_up_is_not_waited_for() -> None:
    steps: list[tuple[Any, dict[str, Any]]] = [
        (events.RunStarted, {"run": "r", "plan": "p", "seed": 0, "nodes": (("checks", "run"),)}),
        (events.NodeStarted, {"node": "checks", "cells": 1}),
        (events.NodeStarted, {"node": "checks[0].slow", "of": "solve"}),
        (events.CellFinished, {"node": "checks", "index": 0, "value": None, "status": "skipped"}),
    ]
    progress = folded(told(*steps))
    assert progress.nodes["checks[0].slow"].state == "cancelled"
    assert progress.rows["checks.slow"].state == "ok"


def test_where_not_all_nodes_have_room_the_running_ones_stay() -> None:
    nodes = [NodeProgress(id=f"n{at}", kind="solve", state="ok") for at in range(50)]
    nodes[40].state = "running"
    nodes[45].state = "failed"
    nodes[48].state = "waiting"
    assert [node.id for node in choose(nodes, 5)] == ["n0", "n40", "n45", "n48"]
    assert choose(nodes, 50) == nodes
    progress = Progress(nodes={node.id: node for node in nodes})
    assert drawn(progress, 0, rows=5)[4] == "  and 46 more"


def test_a_narrow_terminal_gets_no_broken_lines(story: list[Event]) -> None:
    assert all(len(line) <= 30 for line in drawn(folded(story), 1, width=30))


def test_the_live_view_paints_in_place_and_gives_the_cursor_back(
    story: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    file = io.StringIO()
    progress = Progress()
    view = LiveView(progress, file)
    view.open()
    for event in story[:8]:
        fold(progress, event)
        view.paint()
    view.close()
    written = file.getvalue()
    assert written.startswith("\x1b[?25l")
    assert written.endswith("\x1b[?25h")
    assert "\x1b]" not in written
    assert "␛]0;owned␇" in written
    assert progress.nodes["parts"].state == "cancelled"


def test_no_color_means_no_colour(story: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    file = io.StringIO()
    view = LiveView(folded(story), file)
    view.open()
    view.close()
    assert "\x1b[3" not in file.getvalue().replace("\x1b[?25", "")


def test_time_goes_on_between_events(story: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("msrun.runtime.views.console.monotonic", lambda: clock[0])
    file = io.StringIO()
    view = LiveView(folded(story[:3]), file)
    view.open()
    view.paint()
    clock[0] += 60
    view.paint()
    view.close()
    assert "1 call · 0 tokens · $0 · 1 min 01 s" in file.getvalue()
