"""`on_error: fallback` and `max_skipped`: what a node gives where its calls fail, and when that is too much."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from msrun.backends.port import BackendFault, Request
from msrun.backends.scripted import Answer, Streamed
from msrun.runtime.events import CellFinished, NodeFinished
from msrun.runtime.seeds import call_seed

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

pytestmark = pytest.mark.anyio

NO = BackendFault("refused", "no")
FALL = "on_error: fallback  fallback:"


async def test_a_call_that_fails_gives_the_fallback(stage: "Stage") -> None:
    plan = f'plan p(q: text) -> json {{ solve a from q {{ {FALL} "for {{{{ q }}}}" }} return a }}'
    played = await stage.play(plan, [NO], q="x")
    assert played.value == "for x"
    assert [event.status for event in played.all(NodeFinished)] == ["fallback"]
    assert (await stage.play(plan, ["fine"], q="x")).value == "fine"


async def test_a_reply_that_stays_invalid_gives_the_fallback_too(stage: "Stage") -> None:
    plan = f"plan p(q: text) -> json {{ solve a: int from q {{ {FALL} -1 }} return a }}"
    played = await stage.play(plan, ["many", "some"], q="x")
    assert played.value == -1
    assert len(played.prompts) == 2


async def test_a_cell_that_fell_back_has_a_value_and_says_so(stage: "Stage") -> None:
    plan = f"""plan p(q: text) -> json {{
      decompose parts from q
      solve a for part in parts {{ {FALL} part }}
      solve b for cell in a {{ prompt: "{{{{ cell }}}}" }}
      vote c from a
      return [a, a | map(.status), b, c]
    }}"""
    nodes: dict[str, Sequence[Answer]] = {
        "parts": [["x", "y"]],
        "a[0]": [NO],
        "a[1]": ["done"],
        "b[0]": ["0"],
        "b[1]": ["1"],
    }
    played = await stage.play(plan, nodes=nodes, q="?")
    assert played.value == [["x", "done"], ["fallback", "ok"], ["0", "1"], "x"]
    assert {e.index: e.status for e in played.all(CellFinished) if e.node == "a"} == {0: "fallback", 1: "ok"}


async def test_a_draw_that_fails_is_drawn_as_the_fallback(stage: "Stage") -> None:
    plan = f'plan p(q: text) -> json {{ solve a from q samples 3 {{ {FALL} "none" }} return a }}'
    drawn: list[Answer] = ["x", NO, "z"]
    seeds = {call_seed(0, "a", None, at, 1): reply for at, reply in enumerate(drawn)}
    assert (await stage.play(plan, lambda request: seeds[request.seed], q="?")).value == ["x", "none", "z"]


async def test_items_that_were_handed_on_give_way_to_the_fallback(stage: "Stage") -> None:
    plan = f"""plan p(q: text) -> json {{
      decompose parts from q {{ {FALL} ["x", "other"]  retry: 0 }}
      solve a for part in parts {{ prompt: "{{{{ part }}}}" }}
      return [parts, a]
    }}"""
    broken = Streamed(('["x", "y", ', '"z'), fault=BackendFault("truncated", "cut"))
    nodes: dict[str, Sequence[Answer] | Callable[[Request], Answer]] = {
        "parts": [broken],
        "a": lambda request: request.messages[-1].content.upper(),
    }
    assert (await stage.play(plan, nodes=nodes, q="?")).value == [["x", "other"], ["X", "OTHER"]]


async def test_a_fallback_without_a_value_ends_the_run(stage: "Stage") -> None:
    plan = f"plan p(q: text, xs: list<text>) -> json {{ solve a from q {{ {FALL} xs[0] }} return a }}"
    played = await stage.play(plan, [NO], q="?", xs=[])
    assert played.outcome.failure is not None
    assert "`fallback`: there is no item 0" in played.outcome.failure.message


SKIP = """plan p(xs: list<text>) -> json {{
  solve a for x in xs {{ prompt: "{{{{ x }}}}"  on_error: skip  max_skipped: {most} }}
  return a
}}"""


def refusing(request: Request) -> Answer:
    text = request.messages[-1].content
    return NO if "bad" in text else text


@pytest.mark.parametrize(
    ("most", "bad", "told"),
    [
        ("1", 1, None),
        ("1", 2, "2 of 5 cells were skipped, and `max_skipped` allows 1"),
        ("40%", 2, None),
        ("40%", 3, "3 of 5 cells were skipped, and `max_skipped` allows 40%"),
        ("0", 0, None),
        ("0%", 1, "1 of 5 cells were skipped, and `max_skipped` allows 0%"),
    ],
)
async def test_a_node_that_skips_too_much_fails(stage: "Stage", most: str, bad: int, told: str | None) -> None:
    xs = [f"bad{at}" if at < bad else f"good{at}" for at in range(5)]
    played = await stage.play(SKIP.format(most=most), refusing, xs=xs)
    if told is None:
        assert played.value == xs[bad:]
    else:
        assert played.outcome.failure is not None
        assert (played.outcome.failure.fault, played.outcome.failure.node) == ("skipped", "a")
        assert told in played.outcome.failure.message


async def test_cells_left_out_by_when_do_not_count(stage: "Stage") -> None:
    plan = SKIP.replace("in xs", 'in xs when not (x | contains("bad"))')
    assert (await stage.play(plan.format(most="0"), refusing, xs=["bad", "fine"])).value == ["fine"]


async def test_draws_count_where_there_is_no_fan_out(stage: "Stage") -> None:
    plan = "plan p(q: text) -> json { solve a from q samples 3 { on_error: skip  max_skipped: %s } return a }"
    assert len((await stage.play(plan % "1", ["x", NO, "y"], q="?")).value) == 2
    played = await stage.play(plan % "10%", ["x", NO, "y"], q="?")
    assert played.outcome.failure is not None
    assert "1 of 3 draws were skipped" in played.outcome.failure.message
