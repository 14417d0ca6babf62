"""What single nodes and graphs take: each figure worked out by hand."""

from math import inf

import pytest

from msrun.dsl.cost.catalogue import Catalogue, Entry
from msrun.dsl.cost.estimate import estimate
from msrun.dsl.cost.extent import Extent
from msrun.dsl.cost.share import Cost
from msrun.dsl.cost.table import objects, table
from msrun.dsl.front import check_text
from msrun.dsl.render import render_all

MODEL = 'model m = openai("x") { max_tokens: 100 }\n'
PRICES = Catalogue((Entry(backend="openai", id="x", price_in=1.0, price_out=2.0, context=10_000, speed=10),))


def cost(text: str, plan: str = "p", *, texts: int | None = None, model: str = MODEL) -> Cost:
    checked = check_text("x.plan", model + text)
    assert checked.module is not None, render_all(checked.diagnostics)
    return estimate(checked.module.plan(plan), PRICES, text_tokens=texts)


def calls(text: str) -> tuple[float, float, float]:
    extent = cost(text).total.calls
    return extent.low, extent.usual, extent.high


TWO = "plan part(q: text) -> text {\n solve a from q ONCE\n solve b from a ONCE\n return b\n}\n"
"""A plan of two calls."""

ROUNDS = """repeat a: text from q limit 3 {
  score s { prompt: "{{ a }}"  retry: 0  repair: 0 }
  until s > 0.5
  solve b from a ONCE
  next b
}
return a"""


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ("solve a from q\nreturn a", (1, 1, 6)),
        ("solve a from q ONCE\nreturn a", (1, 1, 1)),
        ("solve a from q samples 3 { retry: 1  repair: 0 }\nreturn a", (3, 3, 6)),
        ('solve a from q when q != "" ONCE\nreturn a', (0, 1, 1)),
        ("solve a: list<text>[2..3] from q ONCE\nsolve b for x in a ONCE\nreturn b", (3, 4, 4)),
        ("decompose a from q limit 3 { retry: 0 }\nsolve b for x in a ONCE\nreturn b", (1, 4, 8)),
        ("let a = [q, q]\nsolve b for x in a ONCE\nreturn b", (2, 2, 2)),
        ("solve a from q samples n ONCE\nreturn a", (4, 4, 4)),
        ('choose a: text { case q == "" { solve b from q ONCE\nreturn b } else { return q } }\nreturn a', (0, 1, 1)),
        (ROUNDS, (1, 6, 6)),
        ("search a from q limit 9 { width: 2\ndepth: 2\nexpand t: text { retry: 0 } }\nreturn a | last", (1, 9, 18)),
        ("run a from part(q: q)\nreturn a", (2, 2, 2)),
        ("run a from part(q: x) for x in [q, q, q]\nreturn a | map(.value)", (6, 6, 6)),
    ],
)
def test_calls(nodes: str, expected: tuple[float, float, float]) -> None:
    text = ("param n: int = 4\n" if "samples n" in nodes else "") + (TWO if "part(" in nodes else "")
    assert calls(f"{text}plan p(q: text) {{\n{nodes}\n}}\n".replace("ONCE", "{ retry: 0  repair: 0 }")) == expected


def test_a_plan_that_runs_itself_is_bounded_by_the_limit_of_all_depths() -> None:
    text = (
        "plan p(q: text) -> text {\n  solve a from q { retry: 0  repair: 0 }\n"
        '  choose b: text { case a == "" { run c from p(q: a) limit 5\n return c } else { return a } }\n  return b\n}\n'
    )
    assert calls(text) == (1, 6, 6)


def test_tokens_and_money_of_a_prompt_of_known_text() -> None:
    total = cost('plan p() {\n  solve a { prompt: "one two three"  retry: 0  repair: 0 }\n  return a\n}\n').total
    assert total.prompt == Extent(3, 7 + 16, 13 + 64)
    assert total.reply == Extent(1, 100, 100)
    assert total.usd is not None
    figures = (total.usd.low, total.usd.usual, total.usd.high)
    assert figures == pytest.approx((3e-6 + 2e-6, 23e-6 + 200e-6, 77e-6 + 200e-6))


def test_a_prompt_is_never_longer_than_the_context() -> None:
    text = "plan p(q: text) {\n  solve a from q { retry: 0  repair: 0 }\n  return a\n}\n"
    assert cost(text).total.prompt.usual == 10_000
    assert (
        cost(
            "plan p(q: text) {\n  solve a from q { retry: 0  repair: 0 }\n  return a\n}\n", texts=50
        ).total.prompt.usual
        < 200
    )


def test_time_is_that_of_the_longest_path() -> None:
    text = (
        "plan p(q: text[..10]) {\n  solve a from q\n  solve b from q { max_tokens: 50 }\n"
        "  solve c from [a, b] { max_tokens: 20 }\n  return c\n}\n"
    )
    assert cost(text).total.seconds.usual == pytest.approx(10 + 2)


def test_cells_run_beside_each_other_unless_each_sees_the_earlier_ones() -> None:
    text = "plan p(q: list<text[..10]>[4..4]) {\n  solve a for x in q GIVEN\n  return a\n}\n"
    assert cost(text.replace("GIVEN", "")).total.seconds.usual == pytest.approx(10)
    assert cost(text.replace("GIVEN", "{ parallel: 2 }")).total.seconds.usual == pytest.approx(20)
    assert cost(text.replace("GIVEN", "given earlier as known")).total.seconds.usual == pytest.approx(40)


def test_what_has_no_bound_names_its_node() -> None:
    made = cost("plan p(q: list<text>) {\n  solve a for x in q\n  return a\n}\n")
    assert made.total.calls.usual == inf
    assert made.unbounded == ("`a`: its list has no `limit` or range",)
    assert "unbounded: `a`" in table(made)
    assert objects(made)["total"]["calls"]["usual"] is None


def test_an_unknown_model_has_an_unknown_price() -> None:
    made = cost("plan p(q: text) {\n  solve a from q\n  return a\n}\n", model='model m = openai("nobody")\n')
    assert made.total.usd is None
    assert made.unpriced == ("m",)
    assert "no price is known for `m`" in table(made)


def test_a_model_of_this_machine_costs_nothing_and_its_own_price_wins() -> None:
    text = "plan p(q: text[..9]) {\n  solve a from q { max_tokens: 10  retry: 0  repair: 0 }\n  return a\n}\n"
    assert cost(text, model='model m = ollama("x")\n').total.usd == Extent(0, 0, 0)
    usd = cost(text, model='model m = ollama("x") { price_out: $1M }\n'.replace("$1M", "$1000000")).total.usd
    assert usd is not None
    assert usd.usual == pytest.approx(10)
