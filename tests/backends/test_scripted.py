"""The scripted backend: which reply a call gets, in which pieces, and what is recorded."""

from collections.abc import Sequence
from functools import partial

import anyio
import pytest

from msrun.backends.port import BackendFault, Message, Reply, Request, Surroundings, Usage
from msrun.backends.scripted import Scripted, Streamed, open_backend
from msrun.dsl.plan import ModelSpec, Name, SecretRef, ValueMap

pytestmark = pytest.mark.anyio


def ask(node: str = "", text: str = "one two") -> Request:
    return Request(model="m", messages=(Message("system", "three"), Message("user", text)), node=node)


async def texts(backend: Scripted, *nodes: str) -> list[str]:
    return [(await backend.call(ask(node))).text for node in nodes]


async def test_replies_come_in_order_and_json_is_written_as_json() -> None:
    backend = Scripted(["a", {"意": [1, None]}, ["x"], 3, True])
    assert await texts(backend, *[""] * 5) == ["a", '{"意": [1, null]}', '["x"]', "3", "true"]
    assert [request.messages[1].content for request in backend.requests] == ["one two"] * 5


async def test_a_used_up_script_is_a_fault_that_names_model_and_node_and_is_not_retried() -> None:
    backend = Scripted(["only"])
    await backend.call(ask())
    with pytest.raises(BackendFault, match="model `m` has no reply left for `facts`") as caught:
        await backend.call(ask("facts"))
    assert caught.value.kind == "missing"


async def test_cycle_begins_again() -> None:
    assert await texts(Scripted(["a", "b"], cycle=True), *[""] * 5) == ["a", "b", "a", "b", "a"]
    with pytest.raises(BackendFault, match="holds 0"):
        await Scripted([], cycle=True).call(ask())


async def test_a_node_takes_from_its_own_script_and_the_exact_cell_wins() -> None:
    backend = Scripted(["shared"], nodes={"facts": ["f1", "f2"], "facts[1]": ["cell"]})
    assert await texts(backend, "facts[0]", "facts[1]", "other", "facts") == ["f1", "cell", "shared", "f2"]


async def test_a_node_inside_another_one_goes_by_its_path_with_or_without_numbers_or_by_its_name() -> None:
    by_path = {"draft#2.critique": ["second"], "draft.critique": ["any"], "critique": ["named"], "r": ["cell"]}
    backend = Scripted(["shared"], nodes=by_path)
    places = ["draft#2.critique", "draft#1.critique", "other[3].critique", "a[1]#2~0.r[4]", "draft.else"]
    assert await texts(backend, *places) == ["second", "any", "named", "cell", "shared"]


async def test_functions_answer_from_the_request_alone_or_in_the_list() -> None:
    assert await texts(Scripted(lambda request: request.node.upper()), "a", "b") == ["A", "B"]
    assert await texts(Scripted([lambda request: {"node": request.node}, "b"]), "x", "y") == ['{"node": "x"}', "b"]


async def test_a_fault_is_raised_and_the_next_call_goes_on() -> None:
    backend = Scripted([BackendFault("rate_limit", "slow down", retry_after_s=2), "ok"])
    with pytest.raises(BackendFault) as caught:
        await backend.call(ask())
    assert (caught.value.kind, caught.value.retry_after_s) == ("rate_limit", 2)
    assert await texts(backend, "") == ["ok"]


async def test_tokens_are_words_of_all_messages_and_of_the_reply() -> None:
    reply = await Scripted(["x y  z"]).call(ask())
    assert reply.usage == Usage(prompt_tokens=3, completion_tokens=3)


async def test_a_reply_object_keeps_what_it_says() -> None:
    given = Reply(text="cut", finish="length", logprob=-1.5, usage=Usage(prompt_tokens=9, cost_usd=0.5))
    backend = Scripted([given, Reply(text="a b", logprob=-2.0)])
    assert await backend.call(ask()) == given
    assert (await backend.call(ask())).usage.completion_tokens == 2


@pytest.mark.parametrize(("piece", "expected"), [(None, ["abcde"]), (2, ["ab", "cd", "e"])])
async def test_pieces(piece: int | None, expected: Sequence[str]) -> None:
    pieces: list[str] = []
    reply = await Scripted(["abcde"], piece=piece).call(ask(), pieces.append)
    assert (pieces, reply.text) == (expected, "abcde")


async def test_streamed_hands_on_its_pieces_and_breaks_after_the_last() -> None:
    pieces: list[str] = []
    backend = Scripted([Streamed(["[1,", "2]"]), Streamed(["[1,"], fault=BackendFault("truncated", "cut"))])
    assert (await backend.call(ask(), pieces.append)).text == "[1,2]"
    with pytest.raises(BackendFault, match="cut"):
        await backend.call(ask(), pieces.append)
    assert pieces == ["[1,", "2]", "[1,"]


async def test_delays_are_slept_and_may_depend_on_the_request() -> None:
    order: list[str] = []

    async def one(backend: Scripted, node: str) -> None:
        order.append((await backend.call(ask(node))).text)

    backend = Scripted(["slow", "fast"], delay_s=lambda request: 0.05 if request.node == "s" else 0.0)
    async with anyio.create_task_group() as group:
        group.start_soon(partial(one, backend, "s"))
        await anyio.sleep(0.01)
        group.start_soon(partial(one, backend, "f"))
    assert order == ["fast", "slow"]


async def test_a_call_can_be_cancelled_even_without_a_delay() -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await Scripted(["a"]).call(ask())
        raise AssertionError("not reached")
    assert scope.cancelled_caught


async def test_open_from_a_plan() -> None:
    spec = ModelSpec(name="m", backend="scripted", args=("退款", ValueMap((("label", Name("其他")),))))
    assert await texts(open_backend(spec, Surroundings()), "", "") == ["退款", '{"label": "其他"}']
    listed = ModelSpec(name="m", backend="scripted", named=(("replies", ("a", 2)),), settings=(("cycle", True),))
    assert await texts(open_backend(listed, Surroundings()), "", "", "") == ["a", "2", "a"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ((("replies", "a"),), "`replies` of model `m` must be a list, not 'a'"),
        ((("delay", "long"),), "`delay` of model `m` must be a number"),
        ((("cycle", 1),), "`cycle` of model `m` must be true or false, not 1"),
        ((("piece", 0),), "`piece` of model `m` must be a whole number from 1"),
        ((("replies", (SecretRef("KEY"),)),), "must be a plain value"),
    ],
)
def test_wrong_options_are_named(settings: tuple[tuple[str, object], ...], message: str) -> None:
    spec = ModelSpec(name="m", backend="scripted", settings=settings)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(BackendFault, match=message):
        open_backend(spec, Surroundings())


def test_one_text_instead_of_a_list_is_a_mistake_at_once() -> None:
    with pytest.raises(TypeError, match="a list of replies"):
        Scripted("abc")
