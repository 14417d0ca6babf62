"""`pick` and `rank`: marks beside the items or inside them, ties, skipped cells; and the share that a vote gives."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import pytest

from msrun.backends.port import BackendFault, Reply, Request
from msrun.backends.scripted import Answer
from msrun.dsl.values.plain import EvaluationError
from msrun.runtime.events import CellFinished, NodeFinished
from msrun.runtime.rank import best_first
from msrun.runtime.seeds import call_seed

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

Nodes: TypeAlias = dict[str, Sequence[Answer] | Callable[[Request], Answer]]

JUDGED = """
type Draft { final: text  size: int }
plan p(q: text) -> json {
  solve drafts: Draft from q samples 3
  score marks for draft in drafts { prompt: "{{ draft.final }}"  on_error: skip }
  %s
}
"""
DRAFTS: list[Answer] = [{"final": "a", "size": 3}, {"final": "b", "size": 1}, {"final": "c", "size": 3}]


def drawn(node: str, *replies: Answer) -> Nodes:
    """Give each draw of a node its own reply, whichever is asked for first."""
    seeds = {call_seed(0, node, None, sample, 1): reply for sample, reply in enumerate(replies)}
    return {node: lambda request: seeds[request.seed]}


def marked(*marks: Answer) -> Nodes:
    """Give each cell of `marks` its own reply."""
    return {f"marks[{at}]": [mark] for at, mark in enumerate(marks)}


def test_marks_are_ordered_and_ties_go_to_the_lower_index() -> None:
    assert best_first({0: 1, 1: 3, 2: 3.0, 5: 2}) == [1, 2, 5, 0]
    assert best_first({0: 1, 1: 3, 2: 3, 3: 1}, lowest=True) == [0, 3, 1, 2]
    assert best_first({4: "b", 2: "a"}) == [4, 2]
    assert best_first({}) == []


@pytest.mark.parametrize("marks", [{0: 1, 1: "a"}, {0: True, 1: 2}, {0: [1]}, {0: {"a": 1}}])
def test_marks_of_other_kinds_are_refused(marks: dict[int, object]) -> None:
    with pytest.raises(EvaluationError, match="give a number for every item"):
        best_first(marks)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("pick best from drafts by marks return best", DRAFTS[1]),
        ("pick best from drafts by marks { order: lowest } return best", DRAFTS[0]),
        ("pick best from drafts by .size return best.final", "a"),
        ("pick best from drafts by .size { order: lowest } return best.final", "b"),
        ("rank top from drafts by marks keep 2 return top | map(.final)", ["b", "c"]),
        ("rank top from drafts by marks return top | map(.final)", ["b", "c", "a"]),
        ("rank top from drafts by .size keep 9 return top | map(.final)", ["a", "c", "b"]),
        ("rank top from marks keep 1 return top", [0.9]),
        ("pick best from drafts by (.size + .size) return best.final", "a"),
    ],
)
async def test_the_best_by_marks(stage: "Stage", body: str, value: object) -> None:
    played = await stage.play(JUDGED % body, nodes={**drawn("drafts", *DRAFTS), **marked(0.1, 0.9, 0.9)}, q="?")
    assert played.value == value


async def test_an_item_whose_mark_was_skipped_does_not_win(stage: "Stage") -> None:
    nodes = {**drawn("drafts", *DRAFTS), **marked(0.1, BackendFault("refused", "no"), 0.2)}
    body = "pick best from drafts by marks\nrank all from drafts by marks\nreturn [best.final, all | count]"
    played = await stage.play(JUDGED % body, nodes=nodes, q="?")
    assert played.value == ["c", 2]


async def test_nothing_to_pick_from_ends_the_run(stage: "Stage") -> None:
    nodes = {**drawn("drafts", *DRAFTS), **marked(*[BackendFault("refused", "no")] * 3)}
    played = await stage.play(JUDGED % "pick best from drafts by marks return best", nodes=nodes, q="?")
    assert played.outcome.failure is not None
    assert "no item has a mark" in played.outcome.failure.message


async def test_marks_that_are_too_few_end_the_run(stage: "Stage") -> None:
    plan = "plan p(q: text, marks: list<float>) -> json { solve d from q samples 2 pick b from d by marks return b }"
    played = await stage.play(plan, ["x", "y"], q="?", marks=[1.0])
    assert played.outcome.failure is not None
    assert "`by` gives 1 marks for 2 items" in played.outcome.failure.message


async def test_a_keep_of_zero_that_comes_from_outside_ends_the_run(stage: "Stage") -> None:
    plan = "plan p(q: text, n: int) -> json { solve d from q samples 2 rank b from d keep n return b }"
    played = await stage.play(plan, ["x", "y"], q="?", n=0)
    assert played.outcome.failure is not None
    assert "`keep` needs a whole number of at least 1" in played.outcome.failure.message


VOTE = """
type Draft { final: text }
plan p(q: text) -> json {
  solve drafts: Draft from q samples 4
  vote winner from drafts by .final %s
  return [winner.final, winner.share, winner.shares, winner, "{{ winner.share }}"]
}
"""


async def test_the_winner_of_a_vote_carries_its_share_and_is_read_as_the_item(stage: "Stage") -> None:
    replies = drawn("drafts", *({"final": final} for final in ("7", "8", " 7", "7")))
    played = await stage.play(VOTE % "", nodes=replies, q="?")
    assert played.value == ["7", 0.75, {"7": 0.75, "8": 0.25}, {"final": "7"}, "0.75"]
    finished = next(event for event in played.all(NodeFinished) if event.node == "winner")
    assert finished.value == {"final": "7"}
    assert finished.notes == {"share": 0.75, "shares": {"7": 0.75, "8": 0.25}}


async def test_a_text_that_won_has_a_share_too_and_each_cell_of_votes_its_own(stage: "Stage") -> None:
    plan = """plan p(q: text) -> json {
      decompose parts from q
      solve drafts for part in parts samples 2
      vote winners from draft for draft in drafts
      return [winners, winners | map(.share)]
    }"""
    nodes: Nodes = {
        "parts": [["x", "y"]],
        "drafts[0]": ["a", "a"],
        "drafts[1]": ["b", "b"],
    }
    played = await stage.play(plan, nodes=nodes, q="?")
    assert played.value == [["a", "b"], [1.0, 1.0]]
    cells = [event for event in played.all(CellFinished) if event.node == "winners"]
    assert {cell.value: (cell.notes or {}).get("share") for cell in cells} == {"a": 1.0, "b": 1.0}


async def test_a_vote_by_log_probability_asks_the_model_for_them(stage: "Stage") -> None:
    plan = VOTE % "{ weight: logprob }"
    replies = [Reply(text=f'{{"final": "{text}"}}', logprob=-n) for text, n in (("a", 4), ("a", 4), ("b", 1), ("c", 5))]
    played = await stage.play(plan, replies, q="?")
    assert played.value[0] == "b"
    assert all(("logprobs", True) in request.settings for request in played.model.requests)
