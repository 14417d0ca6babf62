"""Fan-outs: which cells start when, what they see of each other, and what a skipped or failed one means."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from msrun.backends.port import BackendFault, Request
from msrun.runtime.events import CallStarted, CellFinished, NodeFailed, NodeFinished, NodeStarted

if TYPE_CHECKING:
    from tests.runtime.conftest import Played, Stage

pytestmark = pytest.mark.anyio

STEP = "type Step { id: key  ask: text  needs: list<ref<Step>> }\n"


def at_cell(**seconds: float) -> Callable[[Request], float]:
    """Return delays by the place of a cell: `ys_0` stands for `ys[0]`."""
    return lambda request: seconds.get(request.node.replace("[", "_").rstrip("]"), 0.0)


def step(id_: str, *needs: str) -> dict[str, Any]:
    return {"id": id_, "ask": f"ask {id_}", "needs": list(needs)}


def starts(played: "Played", node: str) -> dict[int | None, float]:
    return {each.cell: round(each.at_s, 6) for each in played.all(CallStarted) if each.node == node}


async def test_cells_without_given_start_at_once_and_keep_their_order(stage: "Stage", anyio_backend_name: str) -> None:
    plan = """
    plan p(xs: list<text>) -> text {
      solve ys for x in xs { prompt: "{{ x }}" }
      return ys | join(",")
    }
    """
    played = await stage.play(
        plan,
        lambda request: request.messages[0].content.upper(),
        delay_s=at_cell(ys_0=0.03, ys_1=0.02),
        xs=["a", "b", "c"],
    )
    assert played.value == "A,B,C"
    assert [each.index for each in played.all(CellFinished)] == [2, 1, 0]
    assert [each.cells for each in played.all(NodeStarted)] == [3]
    if anyio_backend_name == "trio":
        assert set(starts(played, "ys").values()) == {0.0}


async def test_an_empty_list_gives_no_cells(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<text>) -> int {
      solve ys for x in xs { prompt: "{{ x }}" }
      solve zs for y in ys given earlier { prompt: "{{ y }} {{ earlier }}" }
      return (zs | count) + (ys | count)
    }
    """
    played = await stage.play(plan, xs=[])
    assert (played.value, played.prompts) == (0, [])


async def test_earlier_cells_run_in_turn_and_each_sees_all_before_it(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<text>) -> text {
      solve ys for x in xs given earlier as known { prompt: "{{ x }}{{ known | json }}" }
      return ys | join(",")
    }
    """
    played = await stage.play(plan, ["1", "2", "3"], delay_s=at_cell(ys_0=0.02), xs=["a", "b", "c"])
    assert played.value == "1,2,3"
    assert played.prompts == ["a[]", 'b["1"]', 'c["1","2"]']


async def test_earlier_is_a_name_of_its_own_where_none_is_given(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<text>) -> text {
      solve ys for x in xs given earlier { prompt: "{{ x }}{{ earlier | json }}" }
      return ys | join(",")
    }
    """
    assert (await stage.play(plan, ["1", "2"], xs=["a", "b"])).prompts == ["a[]", 'b["1"]']


async def test_needs_make_a_partial_order_not_a_barrier(stage: "Stage", anyio_backend_name: str) -> None:
    plan = (
        STEP
        + """
    plan p(steps: list<Step>) -> text {
      solve facts for s in steps given s.needs as known { prompt: "{{ s.ask }} {{ known | json }}" }
      return facts | join(",")
    }
    """
    )
    scale = 1.0 if anyio_backend_name == "trio" else 0.02
    played = await stage.play(
        plan,
        lambda request: request.node,
        delay_s=at_cell(facts_0=3 * scale, facts_1=scale, facts_2=scale, facts_3=scale),
        steps=[step("slow"), step("last", "mid", "slow"), step("mid", "first"), step("first")],
    )
    assert played.value == "facts[0],facts[1],facts[2],facts[3]"
    assert 'ask last ["facts[0]","facts[2]"]' in played.prompts
    assert 'ask mid ["facts[3]"]' in played.prompts
    if anyio_backend_name == "trio":
        assert starts(played, "facts") == {0: 0.0, 3: 0.0, 2: 1.0, 1: 3.0}


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([step("a"), step("b", "zz")], "no item has the id `zz`"),
        ([step("a", "b"), step("b", "a"), step("c")], "in a circle: `a` -> `b` -> `a`"),
        ([step("a", "a")], "in a circle: `a` -> `a`"),
    ],
)
async def test_needs_that_nothing_can_meet_fail_the_node(stage: "Stage", steps: Any, message: str) -> None:
    plan = (
        STEP
        + """
    plan p(steps: list<Step>) -> text {
      solve facts for s in steps given s.needs as known { prompt: "{{ s.ask }} {{ known | json }}" }
      return facts | join(",")
    }
    """
    )
    failure = (await stage.play(plan, lambda request: request.node, steps=steps)).outcome.failure
    assert failure is not None
    assert (failure.fault, failure.node) == ("given", "facts")
    assert message in failure.message


async def test_a_pipeline_starts_cell_by_cell(stage: "Stage", anyio_backend_name: str) -> None:
    plan = """
    plan p(xs: list<text>) -> text {
      solve a for x in xs { prompt: "a {{ x }}" }
      solve b for y in a { prompt: "b {{ y }} of {{ y.item }}" }
      solve c for z in b { prompt: "c {{ z }}" }
      return c | join(",")
    }
    """
    scale = 1.0 if anyio_backend_name == "trio" else 0.02
    played = await stage.play(
        plan,
        lambda request: request.node[0] + request.node[2],
        delay_s=at_cell(a_0=9 * scale, a_1=scale, b_1=scale, c_1=scale),
        xs=["x", "y"],
    )
    assert played.value == "c0,c1"
    assert "b a1 of y" in played.prompts
    assert played.at(CellFinished, "c", 1) < played.at(CellFinished, "a", 0)
    if anyio_backend_name == "trio":
        assert starts(played, "b") == {1: 1.0, 0: 9.0}
        assert starts(played, "c") == {1: 2.0, 0: 9.0}


async def test_when_may_read_the_item_and_skips_its_cell_only(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<int>) -> int {
      solve ys for x in xs when x > 1 { prompt: "{{ x }}" }
      solve zs for y in ys { prompt: "z {{ y }}" }
      return zs | count
    }
    """
    played = await stage.play(plan, lambda request: request.messages[0].content, xs=[1, 2, 1, 3])
    statuses = [(each.node, each.index, each.status) for each in played.all(CellFinished)]
    assert sorted(statuses) == [
        (node, index, status)
        for node in ("ys", "zs")
        for index, status in enumerate(["skipped", "ok", "skipped", "ok"])
    ]
    assert sorted(played.prompts) == ["2", "3", "z 2", "z 3"]
    ended = {each.node: each.value for each in played.all(NodeFinished)}
    assert [(cell.item, cell.value, cell.index, cell.status) for cell in ended["ys"]] == [
        (1, None, 0, "skipped"),
        (2, "2", 1, "ok"),
        (1, None, 2, "skipped"),
        (3, "3", 3, "ok"),
    ]


async def test_skipped_cells_in_turn_do_not_need_the_stack(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<int>) -> int {
      solve ys for x in xs given earlier as known when x > 1999 { prompt: "{{ known | count }}" }
      return ys | count
    }
    """
    played = await stage.play(plan, ["last"], xs=list(range(2001)))
    assert played.prompts == ["0"]
    assert len(played.all(CellFinished)) == 2001


async def test_on_error_skip_keeps_the_cell_and_its_status(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<text>) -> text {
      solve ys for x in xs { prompt: "{{ x }}" on_error: skip }
      return ys | join(",")
    }
    """
    played = await stage.play(
        plan,
        nodes={"ys[0]": ["A"], "ys[1]": [BackendFault("refused", "will not")], "ys[2]": ["C"]},
        xs=["a", "b", "c"],
    )
    assert played.value == "A,C"
    assert {each.index: each.status for each in played.all(CellFinished)} == {0: "ok", 1: "skipped", 2: "ok"}
    assert played.all(NodeFailed) == []


async def test_on_error_fail_names_node_and_cell_and_starts_no_other(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<text>) -> text {
      solve ys for x in xs { prompt: "{{ x }}" parallel: 2 }
      return ys | join(",")
    }
    """
    played = await stage.play(
        plan,
        lambda request: BackendFault("refused", "will not") if request.node == "ys[1]" else "fine",
        delay_s=at_cell(ys_0=0.02),
        xs=["a", "b", "c", "d"],
    )
    failure = played.outcome.failure
    assert failure is not None
    assert (failure.node, failure.message) == ("ys", "cell 1: will not")
    assert [(each.index, each.status) for each in played.all(CellFinished)] == [(1, "failed"), (0, "ok")]
    assert played.prompts == ["a", "b"]


async def test_parallel_limits_the_calls_of_one_node(stage: "Stage", anyio_backend_name: str) -> None:
    plan = """
    plan p(xs: list<int>) -> int {
      solve ys for x in xs { prompt: "{{ x }}" parallel: 2 }
      solve zs for x in xs { prompt: "{{ x }}" }
      return (ys | count) + (zs | count)
    }
    """
    scale = 1.0 if anyio_backend_name == "trio" else 0.005
    played = await stage.play(plan, lambda request: request.node, delay_s=scale, xs=list(range(6)))
    assert played.value == 12
    if anyio_backend_name == "trio":
        assert starts(played, "ys") == {0: 0, 1: 0, 2: 1, 3: 1, 4: 2, 5: 2}
        assert set(starts(played, "zs").values()) == {0}


async def test_the_longest_way_to_the_end_goes_first_then_the_lower_cell(stage: "Stage") -> None:
    plan = """
    plan p(q: text, xs: list<int>) -> text {
      solve short from q { prompt: "short" }
      solve cells for x in xs { prompt: "{{ x }}" }
      solve long from q { prompt: "long" }
      solve mid from long { prompt: "{{ long }}" }
      solve far from mid { prompt: "{{ mid }}" }
      return short + far + (cells | join(","))
    }
    """
    played = await stage.play(plan, lambda request: request.node, delay_s=0.001, width=1, q="why", xs=[1, 2, 3])
    asked = [request.node for request in played.model.requests]
    assert asked == ["long", "mid", "short", "cells[0]", "far", "cells[1]", "cells[2]"]


async def test_a_list_read_elsewhere_in_the_node_is_waited_for_as_a_whole(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<text>) -> text {
      solve a for x in xs { prompt: "a {{ x }}" }
      solve b for y in a { prompt: "{{ y }} of {{ a | count }}" }
      return b | join(",")
    }
    """
    played = await stage.play(plan, lambda request: request.node[0], delay_s=at_cell(a_0=0.02), xs=["x", "y"])
    assert played.prompts[2:] == ["a of 2", "a of 2"]
    assert played.at(CallStarted, "b", 1) >= played.at(NodeFinished, "a")


async def test_a_pure_fan_out_is_computed_without_calls(stage: "Stage") -> None:
    plan = """
    plan p(xs: list<list<text>>) -> text {
      vote w from x for x in xs
      return w | join(",")
    }
    """
    played = await stage.play(plan, xs=[["a", "b", "B"], ["c"]])
    assert (played.value, played.prompts) == ("b,c", [])
