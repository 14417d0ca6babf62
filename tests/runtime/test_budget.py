"""Bounds hold while a plan runs: what is set aside, given back and used up, and how a run ends at each of them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from msrun.backends.port import BackendFault, Reply, Request, Usage
from msrun.backends.scripted import Scripted
from msrun.dsl.front import check_text
from msrun.dsl.plan import Bounds, Plan
from msrun.runtime.budget import Account, Need, dollars
from msrun.runtime.events import CallStarted, NodeFailed
from msrun.runtime.journal import MemoryJournal

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

WIDE = """
plan p(qs: list<text>) -> list<text> {{
  solve a for q in qs {{ prompt: "{{{{ q }}}}"  max_tokens: 10 {own} }}
  return a | map(.value)
}}
{more}
"""


def wide(more: str = "", own: str = "") -> str:
    return WIDE.format(more=more, own=own)


def priced(cost_usd: float) -> Scripted:
    """A model whose every reply costs the same."""
    return Scripted(
        lambda _request: Reply(text="a", usage=Usage(prompt_tokens=5, completion_tokens=5, cost_usd=cost_usd))
    )


async def test_256_cells_at_once_with_a_budget_of_100_calls_make_100_calls(stage: "Stage") -> None:
    sets = [[f"q{at}" for at in range(start, start + 16)] for start in range(0, 256, 16)]
    inputs = ", ".join(f"s{at}: list<text>" for at in range(16))
    nodes = "\n".join(f'  solve a{at} for q in s{at} {{ prompt: "{{{{ q }}}}" }}' for at in range(16))
    names = ", ".join(f"a{at} | first" for at in range(16))
    plan = f"plan p({inputs}) -> list<text?> {{\n{nodes}\n  return [{names}]\n}}\nlimits run {{ calls: 100 }}\n"
    given: dict[str, Any] = {f"s{at}": items for at, items in enumerate(sets)}
    played = await stage.play(plan, lambda _request: "a", width=256, delay_s=1.0, **given)
    assert len(played.model.requests) == 100
    assert played.outcome.calls == 100
    failure = played.outcome.failure
    assert failure is not None
    assert failure.fault == "budget"
    assert failure.message.endswith("the run has made the 100 calls it may make (`limits run`)")


async def test_a_run_that_needs_exactly_its_budget_ends_well(stage: "Stage") -> None:
    played = await stage.play(wide("limits run { calls: 8 }"), lambda _request: "a", qs=["x"] * 8)
    assert played.value == ["a"] * 8


async def test_calls_wait_for_room_and_the_money_is_never_overspent(stage: "Stage") -> None:
    text = wide("limits run { tokens: 60 }").replace("{{ q }}", "1234")
    played = await stage.play(
        text,
        lambda _request: Reply(text="a", usage=Usage(prompt_tokens=2, completion_tokens=8)),
        qs=["x"] * 4,
        delay_s=1,
    )
    assert played.value == ["a"] * 4  # each sets 12 tokens aside and takes 10: the fifth of a width of 64 would wait
    most = await stage.play(
        text,
        lambda _request: Reply(text="a", usage=Usage(prompt_tokens=2, completion_tokens=8)),
        qs=["x"] * 64,
        delay_s=1,
    )
    assert most.outcome.failure is not None
    assert most.outcome.failure.fault == "budget"
    assert most.outcome.failure.message.endswith(
        "the run may use 60 tokens and has used 50; the next call may need 12 (`limits run`)"
    )
    assert [event.cell for event in most.all(CallStarted)] == [0, 1, 2, 3, 4]
    assert len(most.model.requests) == 5
    assert most.outcome.usage.completion_tokens + most.outcome.usage.prompt_tokens <= 60


@pytest.mark.parametrize(
    ("more", "own", "said"),
    [
        (
            "limits run { budget: $0.10 }",
            "",
            "the run may spend $0.10 and has spent $0.09; the next call may cost $0.011",
        ),
        ("limits p { budget: $0.10 }", "", "plan `p` may spend $0.10 and has spent $0.09;"),
        ("limits m { budget: $0.10 }", "", "model `m` may spend $0.10 and has spent $0.09;"),
        ("", "budget: $0.10", "node `a` may spend $0.10 and has spent $0.09;"),
        ("defaults { budget: $0.10 }", "", "node `a` may spend $0.10 and has spent $0.09;"),
    ],
)
async def test_money(stage: "Stage", more: str, own: str, said: str) -> None:
    text = wide(more, own).replace("{{ q }}", "1234")
    plan = stage.plan(text)
    priced_plan = _with_price(plan)
    played = await stage.play(priced_plan, model=priced(0.01), qs=["x"] * 64, width=64)
    assert played.outcome.failure is not None
    assert said in played.outcome.failure.message
    assert played.outcome.usage.cost_usd <= 0.1 + 1e-9


async def test_a_plan_has_a_budget_of_its_own(stage: "Stage") -> None:
    text = "plan p(q: text) -> text {\n  budget: $0.000001\n  solve a from q { max_tokens: 10 }\n  return a\n}\n"
    played = await stage.play(_with_price(stage.plan(text)), ["x"], q="x")
    assert played.outcome.failure is not None
    assert "plan `p` may spend $0.000001 and has spent $0.00" in played.outcome.failure.message
    assert played.outcome.failure.help.startswith("raise it in the limits of plan `p`")
    assert played.outcome.calls == 0


async def test_what_failed_is_given_back_and_its_attempts_count_as_calls(stage: "Stage") -> None:
    text = wide("limits run { tokens: 30  calls: 4 }", "retry: 3").replace("{{ q }}", "1234")
    down = BackendFault("upstream", "away")
    played = await stage.play(text, [down, down, down, "one two"], qs=["x"])
    assert played.value == ["one two"]
    again = await stage.play(text.replace("calls: 4", "calls: 3"), [down, down, down, "one two"], qs=["x"])
    assert again.outcome.failure is not None
    assert again.outcome.failure.message.startswith("cell 0: the run has made the 3 calls it may make")


async def test_repairs_are_paid_for(stage: "Stage") -> None:
    text = "plan p(q: text) -> int {\n  solve a: int from q\n  return a\n}\nlimits run { calls: 1 }\n"
    played = await stage.play(text, ["no number", "2"], q="x")
    assert played.outcome.failure is not None
    assert played.outcome.failure.fault == "budget"


async def test_a_budget_ends_the_run_where_the_node_would_skip(stage: "Stage") -> None:
    played = await stage.play(wide("limits run { calls: 2 }", "on_error: skip"), lambda _request: "a", qs=["x"] * 5)
    assert played.outcome.status == "failed"
    assert [event.fault for event in played.all(NodeFailed)] == ["budget"]


async def test_a_run_that_goes_on_has_spent_what_it_had_spent_before(stage: "Stage") -> None:
    journal = MemoryJournal()
    text = wide("limits run { calls: 5 }")
    first = await stage.play(text, lambda _request: "a", qs=["x"] * 5, journal=journal, run="r")
    again = await stage.play(text, [], qs=["x"] * 5, journal=journal, run="r")
    assert again.value == first.value
    more = await stage.play(text, ["b"], qs=["x"] * 6, journal=journal, run="r")
    assert more.outcome.failure is not None
    assert more.outcome.failure.fault == "budget"
    assert more.outcome.calls == 0


async def test_the_calls_on_their_way_are_let_finish(stage: "Stage") -> None:
    played = await stage.play(wide("limits run { calls: 3 }"), lambda _request: "a", qs=["x"] * 9, delay_s=5)
    assert len(played.all(CallStarted)) == 3
    assert played.outcome.usage.completion_tokens == 3


@pytest.mark.parametrize("limits", ["limits run { timeout: 3s }", "limits p { timeout: 3s }"])
async def test_a_run_that_takes_too_long(stage: "Stage", limits: str) -> None:
    delays = {"x": 0.01, "y": 100.0}

    def delay(request: Request) -> float:
        return delays[request.messages[-1].content]

    text = wide(limits).replace("3s", "300ms")
    played = await stage.play(text, lambda _request: "a", qs=["x", "y"], delay_s=delay)
    failure = played.outcome.failure
    assert failure is not None
    assert failure.fault == "budget"
    assert failure.message.startswith("the run did not end within 0.3 s")
    assert played.outcome.calls == 2
    in_time = await stage.play(text, lambda _request: "a", qs=["x", "x"], delay_s=delay)
    assert in_time.value == ["a", "a"]


def test_an_account_without_bounds_fits_everything() -> None:
    account = Account("the run", "`limits run`", Bounds())
    need = Need(tokens=10**9, cost_usd=1e9)
    assert account.fits(need)
    assert account.refusal(need) is None


def test_dollars() -> None:
    assert [dollars(each) for each in (0, 0.1, 12, 0.0123, 0.00042, 0.09)] == [
        "$0.00",
        "$0.10",
        "$12.00",
        "$0.0123",
        "$0.00042",
        "$0.09",
    ]


def _with_price(plan: Plan) -> Plan:
    model = replace(plan.models[0], settings=(("price_in", 500.0), ("price_out", 1000.0)))
    return replace(plan, models=(model,))


INSIDE = """
plan part(q: text) -> text {{
  {plan}
  solve a from q {{ prompt: "{{{{ q }}}}"  max_tokens: 10 }}
  solve b from a {{ prompt: "{{{{ a }}}}"  max_tokens: 10 }}
  return b
}}

plan whole(qs: list<text>) -> list<text> {{
  run r from part(q: q) for q in qs {{ {node} }}
  return r | map(.value)
}}
"""


@pytest.mark.parametrize(
    ("plan", "node", "said"),
    [
        ("", "budget: $0.05", "node `r` may spend $0.05 and has spent $0.04;"),
        ("budget: $0.015", "", "plan `part` may spend $0.015 and has spent $0.01;"),
    ],
)
async def test_what_runs_inside_a_node_is_booked_on_it_too(stage: "Stage", plan: str, node: str, said: str) -> None:
    module = check_text("x.plan", 'model m = scripted("a")\n' + INSIDE.format(plan=plan, node=node)).module
    assert module is not None
    played = await stage.play(_with_price(module.plan("whole")), model=priced(0.01), qs=["1234"] * 6, width=1)
    assert played.outcome.failure is not None
    assert played.outcome.failure.fault == "budget"
    assert said in played.outcome.failure.message


async def test_every_run_of_a_plan_has_its_budget_anew(stage: "Stage") -> None:
    module = check_text("x.plan", 'model m = scripted("a")\n' + INSIDE.format(plan="budget: $0.05", node="")).module
    assert module is not None
    played = await stage.play(_with_price(module.plan("whole")), model=priced(0.01), qs=["1234"] * 6)
    assert len(played.value) == 6
