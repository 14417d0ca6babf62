"""`limits`, budgets and timeouts in the file become the bounds of a plan."""

from msrun.dsl.front import check_text
from msrun.dsl.plan import Bounds, Limit, Module

FILE = """
model small = ollama("qwen3:8b")
model big = ollama("qwen3:14b")

limits run { budget: $0.10  timeout: 60s  calls: 300 }
limits big { tokens: 10k }
limits ask { calls: 4  timeout: 3min }
defaults { model: small  budget: $0.02 }

plan ask(question: text) -> text {
  budget: $0.05
  timeout: 2min
  solve draft from question
  solve answer from draft using big { budget: $1 }
  return answer
}

plan free(question: text) -> text {
  solve answer from question
  return answer
}

profile prod {
  limits run { calls: 9 }
}
"""


def module() -> Module:
    checked = check_text("x.plan", FILE)
    assert checked.module is not None, checked.diagnostics
    return checked.module


def test_a_plan_has_the_limits_of_the_run_of_models_and_its_own() -> None:
    assert module().plan("ask").limits == (
        Limit(of="run", name="run", bounds=Bounds(budget_usd=0.1, timeout_s=60, calls=300)),
        Limit(of="model", name="big", bounds=Bounds(tokens=10_000)),
        Limit(of="plan", name="ask", bounds=Bounds(calls=4, budget_usd=0.05, timeout_s=120)),
    )


def test_the_limits_of_one_plan_do_not_hold_for_another() -> None:
    assert [limit.name for limit in module().plan("free").limits] == ["run", "big"]


def test_a_node_has_the_budget_of_the_defaults_or_its_own() -> None:
    plan = module().plan("ask")
    assert [node.policy.budget_usd for node in plan.nodes] == [0.02, 1.0]


def test_a_profile_puts_its_limits_in_the_place_of_the_files() -> None:
    profile = module().profiles[0]
    run = next(limit for limit in profile.plans[0].limits if limit.of == "run")
    assert run.bounds == Bounds(calls=9)
    assert module().plan("ask").limits[0].bounds.calls == 300
