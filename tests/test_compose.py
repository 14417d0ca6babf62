"""Plans with graphs inside their nodes, written as text and run through the front door, with scripted models."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import msrun
from msrun.api import Loaded
from msrun.backends.port import Request
from msrun.backends.scripted import Answer, Scripted
from msrun.errors import NotAllowed, OverrideInvalid, RunFailed, SecretMissing
from msrun.preflight import used_models, used_tools

FACT = """
model checker = scripted("unused")
type Verdict { ok: bool  why: text[..300] }

plan check(claim: text) -> Verdict {
  solve pages from claim using checker { prompt: "find {{ claim }}" }
  solve verdict: Verdict from pages using checker { prompt: "Claim: {{ claim }} Sources: {{ pages }}" }
  return verdict
}
"""

EXPLAIN = '''
import "lib/fact.plan" as fact
param style: text = "plain" { help: "house style" }

model eye   = scripted("unused")
model think = scripted("unused") { temperature: 0.5 }

type Claim { text: text[..160]  checkable: bool }
type Critique { score: float[0..1]  advice: text }

plan explain(question: text) -> text {
  solve seen from question using eye
  decompose claims: Claim from seen limit 8 using think
  run verdicts from fact.check(claim: claim.text) for claim in claims when claim.checkable {
    on_error: skip
    parallel: 4
  }
  choose ground: text {
    case verdicts | all(.ok) { return seen }
    else {
      combine better from [seen, question] using think
      return better
    }
  }
  solve first from ground using think {
    prompt: """
      Style: {{ style }}
      {{ ground }}
      """
  }
  repeat draft: text from first limit 3 using think {
    score critique: Critique { prompt: "Criticise {{ draft }}" }
    until critique.score >= 0.9
    solve better from draft { prompt: "Improve {{ draft }}: {{ critique.advice }}" }
    next better
  }
  expect draft != ""
  return draft
}
'''

TREE = """
model m = scripted("unused")
type Thought { text: text  done: bool = false }

plan tree(question: text) -> text {
  search path: Thought from question as so_far limit 60 using m {
    strategy: beam
    width: 2
    depth: 3
    expand step: Thought samples 3 { prompt: "{{ question }}: {{ so_far | map(.text) | numbered }}" }
    score value: float[0..1] { prompt: "rate {{ so_far | map(.text) | numbered }} then {{ step.text }}" }
    stop: step.done
  }
  return path | map(.text) | join(" ")
}
"""

DOWN = '''
model m = scripted("unused")

plan down(n: int) -> text {
  run rest from down(n: n - 1) when n > 0 limit 5
  solve here from n {
    prompt: """
      {{ n }} {{ rest | default("-") }}
      """
  }
  return here
}
'''

Model = Callable[[Request], Answer]


def think(request: Request) -> Answer:
    if request.node == "claims":
        return [{"text": text, "checkable": text != "nice"} for text in ("red", "nice", "square")]
    if request.node.endswith("critique"):
        return {"score": 0.95 if "#2" in request.node else 0.2, "advice": "shorter"}
    return request.node


def checker(request: Request) -> Answer:
    if request.node.endswith("verdict"):
        return {"ok": "red" in request.messages[-1].content, "why": "w"}
    return request.node


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "fact.plan").write_text(FACT)
    (tmp_path / "explain.plan").write_text(EXPLAIN)
    (tmp_path / "tree.plan").write_text(TREE)
    return tmp_path


def loaded(
    path: Path, *, settings: dict[str, object] | None = None, **models: Model
) -> tuple[Loaded, dict[str, Scripted]]:
    """Load a plan whose models answer as these functions do."""
    backends = {name: Scripted(answer) for name, answer in models.items()}
    return replace(msrun.load(path, settings=settings), backends=backends), backends


def test_a_run_for_every_claim_an_arm_and_rounds_follow_each_other(folder: Path) -> None:
    plan, models = loaded(folder / "explain.plan", eye=lambda _: "a red square", think=think, checker=checker)
    result = plan.run(question="what?")
    assert (result.value, result.calls) == ("draft#1.better", 11)
    assert {request.node for request in models["checker"].requests} == {
        "verdicts[0].pages", "verdicts[0].verdict", "verdicts[2].pages", "verdicts[2].verdict",
    }  # fmt: skip
    asked = [request.node for request in models["think"].requests]
    assert asked == ["claims", "ground.else.better", "first", "draft#1.critique", "draft#1.better", "draft#2.critique"]
    assert models["think"].requests[-1].messages[-1].content == "Criticise draft#1.better"


def test_the_other_arm_costs_nothing(folder: Path) -> None:
    def sure(request: Request) -> Answer:
        return {"ok": True, "why": "w"} if request.node.endswith("verdict") else "x"

    plan, models = loaded(folder / "explain.plan", eye=lambda _: "a red square", think=think, checker=sure)
    result = plan.run(question="what?")
    assert "ground.else.better" not in result.nodes
    assert "a red square" in models["think"].requests[1].messages[-1].content


def test_nodes_inside_are_in_the_result_and_count_for_the_node_around_them(folder: Path) -> None:
    plan, _ = loaded(folder / "explain.plan", eye=lambda _: "a red square", think=think, checker=checker)
    nodes = plan.run(question="what?").nodes
    assert list(nodes)[:6] == ["seen", "claims", "verdicts", "ground", "first", "draft"]
    assert (nodes["draft"].calls_inside, nodes["draft"].turns, nodes["draft#2.critique"].calls) == (3, 2, 1)
    assert nodes["draft#1.critique"].value == {"score": 0.2, "advice": "shorter"}
    assert (nodes["verdicts"].calls_inside, nodes["verdicts[0].verdict"].kind) == (4, "solve")


def test_a_fault_inside_is_named_by_its_path(folder: Path) -> None:
    def broken(request: Request) -> Answer:
        return "no score" if request.node.endswith("critique") else think(request)

    plan, _ = loaded(folder / "explain.plan", eye=lambda _: "a red square", think=broken, checker=checker)
    with pytest.raises(RunFailed) as caught:
        plan.run(question="what?")
    assert (caught.value.node, caught.value.fault) == ("draft#1.critique", "reply")


def test_models_and_tools_inside_are_opened_and_granted_before_the_first_call(folder: Path) -> None:
    models = used_models(msrun.load(folder / "explain.plan").plan)
    assert [model.name for model in models] == ["checker", "eye", "think"]
    tool = '\ntool look(claim: text) -> text = python("helpers:look")\n'
    (folder / "lib" / "fact.plan").write_text(
        FACT.replace("solve pages from claim using checker", "call pages from look(claim: claim)").replace(
            '{ prompt: "find {{ claim }}" }', ""
        ) + tool
    )  # fmt: skip
    plan = msrun.load(folder / "explain.plan")
    assert [each.name for each in used_tools(plan.plan)] == ["look"]
    with pytest.raises(NotAllowed, match="look"):
        plan.run(question="x")
    (folder / "inside.plan").write_text(
        'model m = openai("x") { key: secret("NO_SUCH_KEY") }\n'
        "plan p(q: text) -> text {\n"
        '  choose a: text { case q == "x" { solve r from q { prompt: "{{ q }}" }  return r }  else { return q } }\n'
        "  return a\n}\n"
    )
    with pytest.raises(SecretMissing, match="NO_SUCH_KEY"):
        msrun.load(folder / "inside.plan").run(q="y")


def test_settings_and_models_are_replaced_inside_too(folder: Path) -> None:
    plan, models = loaded(
        folder / "explain.plan", settings={"critique.temperature": 0.1, "style": "odd"},
        eye=lambda _: "a red square", think=think, checker=checker,
    )  # fmt: skip
    plan.run(question="what?")
    temperatures = {request.node: dict(request.settings).get("temperature") for request in models["think"].requests}
    assert (temperatures["draft#2.critique"], temperatures["draft#1.better"]) == (0.1, None)
    assert any(request.messages[-1].content.startswith("Style: odd") for request in models["think"].requests)
    with pytest.raises(OverrideInvalid, match="critic"):
        msrun.load(folder / "explain.plan", settings={"critic.temperature": 0.1})
    swapped = msrun.load(folder / "explain.plan", models={"think": "eye"})
    assert [model.name for model in used_models(swapped.plan)] == ["checker", "eye"]


def test_a_search_as_text_finds_the_path_that_is_rated_best(folder: Path) -> None:
    def answer(request: Request) -> Answer:
        number = int(request.node.partition("#")[2].partition(".")[0])
        if request.node.endswith("step"):
            return {"text": f"t{number}", "done": number >= 8}
        return number % 5 / 5

    plan, models = loaded(folder / "tree.plan", m=answer)
    result = plan.run(question="how?")
    # 1 2 3 are rated 1 2 3 of 5; 3 goes on with 4 5 6 (4 0 1) and 2 with 7 8 9 (2 3 4): 4 and the finished 9 are kept
    assert result.value == "t2 t9"
    assert [request.messages[-1].content for request in models["m"].requests].count("how?: 1. t3\n2. t4") == 3
    assert result.nodes["path"].turns == 12
    assert not result.nodes["path"].exhausted


def test_a_plan_that_runs_itself_as_text(tmp_path: Path) -> None:
    (tmp_path / "count.plan").write_text(DOWN)
    plan, _ = loaded(tmp_path / "count.plan", m=lambda request: request.messages[-1].content)
    assert plan.run(n=3).value == "3 2 1 0 -"
    with pytest.raises(RunFailed, match="5 times"):
        plan.run(n=9)
