from msrun.backends.port import Usage
from msrun.runtime.events import CallDelta, CellFinished, Event, ItemProduced, ItemsReset, NodeStarted, RunStarted
from msrun.runtime.views.progress import TAIL_CHARACTERS, Progress, fold


def folded(events: list[Event]) -> Progress:
    progress = Progress()
    for event in events:
        fold(progress, event)
    return progress


def test_a_run_is_folded_into_its_nodes(story: list[Event]) -> None:
    progress = folded(story)
    assert (progress.run, progress.plan, progress.seed, progress.ended) == ("r1", "ask", 7, True)
    assert (progress.calls, progress.usage) == (4, Usage(prompt_tokens=20, completion_tokens=10, cost_usd=0.002))
    assert [(node.id, node.kind, node.state) for node in progress.nodes.values()] == [
        ("parts", "decompose", "ok"),
        ("answers", "solve", "ok"),
        ("answers.check", "score", "skipped"),
        ("answer", "combine", "failed"),
    ]
    answers = progress.nodes["answers"]
    assert (answers.cells, answers.cells_known, answers.done) == (2, True, {1: "ok", 0: "skipped"})
    assert (answers.calls, answers.retries, answers.value) == (3, 1, ["B"])
    assert answers.seconds(now_s=100) == 5.5


def test_while_it_runs_calls_and_usage_are_counted_from_the_calls(story: list[Event]) -> None:
    progress = folded(story[:14])
    assert (progress.calls, progress.usage.completion_tokens, progress.ended) == (4, 10, False)
    assert progress.nodes["answers"].cells == 2
    assert not progress.nodes["answers"].cells_known
    assert progress.nodes["answers"].seconds(now_s=10) == 7.5


def test_a_failed_run_leaves_no_node_running(story: list[Event]) -> None:
    cut = [*story[:7], story[-1]]
    assert [node.state for node in folded(cut).nodes.values()] == ["cancelled", "cancelled", "waiting", "waiting"]


def test_items_taken_back_are_no_longer_counted() -> None:
    run = RunStarted(seq=0, at_s=0, run="r", plan="p", seed=0, nodes=(("parts", "decompose"),))
    items = [ItemProduced(seq=at, at_s=0, node="parts", index=at, item="x") for at in range(5)]
    assert folded([run, *items, ItemsReset(seq=9, at_s=0, node="parts", index=2)]).nodes["parts"].items == 2


def test_a_length_known_at_the_start_is_not_changed_by_cells() -> None:
    start = NodeStarted(seq=0, at_s=0, node="n", cells=5)
    done = CellFinished(seq=1, at_s=1, node="n", index=0, value=1)
    assert folded([start, done]).nodes["n"].cells == 5


def test_only_the_end_of_a_reply_is_kept() -> None:
    pieces: list[Event] = [CallDelta(seq=at, at_s=0, call="c", node="n", text="x" * 99 + "y") for at in range(100)]
    tail = folded(pieces).nodes["n"].tail
    assert len(tail) == TAIL_CHARACTERS
    assert tail.endswith("y")
