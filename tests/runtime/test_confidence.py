"""How sure a classifier is, and what it gives where it is not sure enough."""

from collections.abc import Callable
from math import log
from typing import TYPE_CHECKING

import pytest

from msrun.backends.port import BackendFault, Reply, Request
from msrun.backends.scripted import Answer
from msrun.runtime.seeds import call_seed

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

PLAN = """
enum Topic { sport  politics  other }
plan p(q: text) -> json {
  classify a: Topic from q { min_confidence: 0.6  otherwise: other  %s }
  return [a, a.confidence, a.label]
}
"""


def said(text: str, probability: float | None) -> Reply:
    return Reply(text=text, logprob=None if probability is None else log(probability))


@pytest.mark.parametrize(
    ("probability", "label"), [(0.9, "sport"), (0.6, "sport"), (0.59, "other"), (1.0, "sport"), (1e-9, "other")]
)
async def test_the_probability_of_the_reply_decides(stage: "Stage", probability: float, label: str) -> None:
    played = await stage.play(PLAN % "", [said("sport", probability)], q="?")
    assert played.value == [label, pytest.approx(probability), label]
    assert ("logprobs", True) in played.model.requests[0].settings


async def test_a_model_without_log_probabilities_ends_the_run_and_says_what_to_do(stage: "Stage") -> None:
    played = await stage.play(PLAN % "", [said("sport", None)], q="?")
    assert played.outcome.failure is not None
    assert played.outcome.failure.fault == "confidence"
    assert "draws(5)" in played.outcome.failure.help


async def test_a_script_is_sure_of_itself(stage: "Stage") -> None:
    assert (await stage.play(PLAN % "", ["sport"], q="?")).value == ["sport", 1.0, "sport"]


def drawn(*replies: Answer) -> Callable[[Request], Answer]:
    seeds = {call_seed(0, "a", None, at, 1): reply for at, reply in enumerate(replies)}
    return lambda request: seeds[request.seed]


@pytest.mark.parametrize(
    ("replies", "label", "share"),
    [
        (("sport", "sport", "politics", "sport", "sport"), "sport", 0.8),
        (("sport", "politics", "politics", "other", "sport"), "other", 0.4),
        (("politics",) * 5, "politics", 1.0),
    ],
)
async def test_or_the_share_of_several_replies(
    stage: "Stage", replies: tuple[str, ...], label: str, share: float
) -> None:
    played = await stage.play(PLAN % "confidence: draws(5)", drawn(*replies), q="?")
    assert played.value == [label, share, label]
    assert len(played.prompts) == 5
    assert all(("logprobs", True) not in request.settings for request in played.model.requests)


async def test_a_reply_that_fails_counts_against_the_label(stage: "Stage") -> None:
    replies = drawn("sport", "sport", BackendFault("refused", "no"), BackendFault("refused", "no"), "sport")
    played = await stage.play(PLAN % "confidence: draws(5)  on_error: skip", replies, q="?")
    assert played.value == ["sport", 0.6, "sport"]


async def test_each_cell_and_each_draw_is_judged_alone(stage: "Stage") -> None:
    plan = """
    enum Topic { sport  other }
    plan p(xs: list<text>) -> json {
      classify a: Topic for x in xs samples 2 { min_confidence: 0.5  otherwise: other  prompt: "{{ x }}" }
      return a
    }"""
    played = await stage.play(
        plan, lambda request: said("sport", 0.9 if "sure" in request.messages[-1].content else 0.1), xs=["sure", "no"]
    )
    assert played.value == [["sport", "sport"], ["other", "other"]]


EXAMPLES = 'examples: [{text: "a goal\\nat last", label: sport}, {text: "vote {{", label: "politics"}]'


async def test_examples_stand_in_the_prompt(stage: "Stage") -> None:
    plan = PLAN % EXAMPLES.replace("{{", "now")
    played = await stage.play(plan, ["sport"], q="who won?")
    assert "Examples:\n- a goal at last => sport\n- vote now => politics\n\nwho won?" in played.prompts[0]
    written = await stage.play(plan.replace("q {", 'q { prompt: "Which? {{ q }}"'), ["sport"], q="who won?")
    assert written.prompts == ["Examples:\n- a goal at last => sport\n- vote now => politics\n\nWhich? who won?"]
