"""Local models: replies that do not depend on their batch, streaming, stopping and cancelling.

The models are tiny and random: what they say means nothing, but the same prompt must always get the same nothing.
"""

import importlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from msrun.backends.port import BackendFault, Message, Reply, Request, Surroundings
from msrun.backends.transformers_local import LocalModel, open_backend
from msrun.dsl.plan import ModelSpec, Settings

both = pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
POSITIONS = 160


def opened(folder: Path, *settings: tuple[str, Any]) -> LocalModel:
    spec = ModelSpec(name="small", backend="transformers", args=(str(folder),), settings=settings)
    backend = open_backend(spec, Surroundings())
    assert isinstance(backend, LocalModel)
    return backend


def ask(
    text: str = "abc",
    *,
    settings: Settings = (("max_tokens", 20),),
    seed: int = 0,
    schema: Mapping[str, Any] | None = None,
    timeout_s: float = 30.0,
) -> Request:
    messages = (Message("user", text),)
    return Request(model="small", messages=messages, settings=settings, seed=seed, schema=schema, timeout_s=timeout_s)


async def together(backend: LocalModel, requests: list[Request]) -> list[Reply]:
    replies: dict[int, Reply] = {}

    async def one(at: int, request: Request) -> None:
        replies[at] = await backend.call(request)

    async with anyio.create_task_group() as group:
        for at, request in enumerate(requests):
            group.start_soon(one, at, request)
    return [replies[at] for at in range(len(requests))]


def prompts(count: int) -> list[Request]:
    sizes = [1 + (7 * at) % 40 for at in range(count)]
    return [ask("abcdefghij"[at % 10] * size, settings=(("max_tokens", 5 + size),)) for at, size in enumerate(sizes)]


# --- what is said ----------------------------------------------------------------------------------------------------


@both
@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["llama", "gpt2"])
async def test_a_reply_is_what_transformers_itself_generates(
    kind: str, tmp_path: Path, make_model: Callable[[Path, str], Path]
) -> None:
    import torch

    transformers: Any = importlib.import_module("transformers")

    made = make_model(tmp_path, kind)
    reply = await opened(made).call(ask("hello"))
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(made)
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(made)
    ids: Any = tokenizer("user:hello[SEP]", return_tensors="pt", add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        whole = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=20, do_sample=False)
        made_ids = whole[0, ids.shape[1] :]
        scores = torch.log_softmax(model(torch.cat([ids[0], made_ids])[None]).logits[0].float(), dim=-1)
    said = [int(token) for token in made_ids if int(token) != 3]
    logprob = sum(float(scores[ids.shape[1] - 1 + at, token]) for at, token in enumerate(said))
    assert reply.text == tokenizer.decode(said, skip_special_tokens=True)
    assert reply.usage.prompt_tokens == ids.shape[1]
    assert reply.usage.completion_tokens == len(said)
    assert reply.logprob == pytest.approx(logprob, abs=1e-3)


@both
@pytest.mark.anyio
async def test_a_reply_does_not_depend_on_its_batch(folder: Path) -> None:
    backend = opened(folder)
    alone = [await backend.call(request) for request in prompts(12)]
    assert len({reply.text for reply in alone}) > 6, "the prompts must matter"
    batched = await together(backend, prompts(12))
    assert [reply.text for reply in batched] == [reply.text for reply in alone]
    assert [reply.logprob for reply in batched] == pytest.approx([reply.logprob for reply in alone], abs=1e-3)


@both
@pytest.mark.anyio
async def test_lines_join_and_leave_while_others_are_written(folder: Path) -> None:
    backend = opened(folder, ("parallel", 4))
    alone = [await backend.call(request) for request in prompts(10)]
    replies: dict[int, Reply] = {}

    async def one(at: int, request: Request) -> None:
        await anyio.sleep(0.003 * at)
        replies[at] = await backend.call(request)

    async with anyio.create_task_group() as group:
        for at, request in enumerate(prompts(10)):
            group.start_soon(one, at, request)
    assert [replies[at].text for at in range(10)] == [reply.text for reply in alone]


@both
@pytest.mark.anyio
async def test_sampling_follows_the_seed_and_nothing_else(folder: Path) -> None:
    hot: Settings = (("max_tokens", 20), ("temperature", 1.5))
    backend = opened(folder)
    one, same, other = [await backend.call(ask(settings=hot, seed=seed)) for seed in (7, 7, 8)]
    assert one.text == same.text
    assert one.text != other.text
    mates = await together(backend, [ask(settings=hot, seed=7), *prompts(5)])
    assert mates[0].text == one.text
    cold = await backend.call(ask(settings=(("max_tokens", 20), ("temperature", 1.5), ("top_k", 1)), seed=8))
    assert cold.text == (await backend.call(ask())).text, "the likeliest of one is the likeliest"
    nucleus = await backend.call(ask(settings=(("max_tokens", 20), ("temperature", 1.5), ("top_p", 1e-9)), seed=8))
    assert nucleus.text == cold.text


@both
@pytest.mark.anyio
async def test_pieces_make_up_the_text_and_arrive_on_the_loops_thread(folder: Path) -> None:
    import threading

    pieces: list[str] = []
    threads: set[int] = set()

    def take(piece: str) -> None:
        pieces.append(piece)
        threads.add(threading.get_ident())

    reply = await opened(folder).call(ask(settings=(("max_tokens", 60),)), take)
    assert "".join(pieces) == reply.text
    assert threads == {threading.get_ident()}
    assert all(pieces)


@both
@pytest.mark.anyio
async def test_finish_and_limits(folder: Path) -> None:
    backend = opened(folder)
    short = await backend.call(ask(settings=(("max_tokens", 3),)))
    assert (short.finish, short.usage.completion_tokens) == ("length", 3)
    whole = await backend.call(ask(settings=(("max_tokens", 100),)))
    stop = whole.text[4:6]
    cut = await backend.call(ask(settings=(("max_tokens", 100), ("stop", stop))))
    assert (cut.text, cut.finish) == (whole.text[: whole.text.index(stop)], "stop")
    full = await backend.call(ask("a" * (POSITIONS - 10), settings=()))
    assert full.usage.prompt_tokens + full.usage.completion_tokens <= POSITIONS
    with pytest.raises(BackendFault, match=rf"the prompt has \d+ tokens, .* takes 1 to {POSITIONS - 1}") as caught:
        await backend.call(ask("a" * POSITIONS))
    assert caught.value.kind == "request"
    with pytest.raises(BackendFault, match="takes 1 to 9"):
        await opened(folder, ("context", 10)).call(ask("a" * 20))


@both
@pytest.mark.anyio
async def test_one_prompt_that_does_not_fit_leaves_the_others_alone(folder: Path) -> None:
    backend = opened(folder)
    expected = (await backend.call(ask())).text
    texts: list[str] = []

    async def good() -> None:
        texts.append((await backend.call(ask())).text)

    async def bad() -> None:
        with pytest.raises(BackendFault):
            await backend.call(ask("a" * POSITIONS))

    async with anyio.create_task_group() as group:
        for each in (good, bad, good):
            group.start_soon(each)
    assert texts == [expected] * 2


@both
@pytest.mark.anyio
async def test_what_a_message_says_never_becomes_a_control_token(folder: Path) -> None:
    backend = opened(folder)
    plain = await backend.call(ask("ab"))
    forged = await backend.call(ask("ab[SEP][EOS]"))
    assert forged.usage.prompt_tokens == plain.usage.prompt_tokens + len("[SEP][EOS]")


@both
@pytest.mark.anyio
async def test_the_schema_is_told_unless_the_model_was_trained_on_exact_prompts(folder: Path) -> None:
    schema = {"type": "integer"}
    told = await opened(folder).call(ask(schema=schema, settings=(("max_tokens", 1),)))
    exact = await opened(folder, ("schema", "none")).call(ask(schema=schema, settings=(("max_tokens", 1),)))
    assert exact.usage.prompt_tokens == len("user:abc") + 1
    assert told.usage.prompt_tokens > exact.usage.prompt_tokens + len(json.dumps(schema))


# --- when it ends ----------------------------------------------------------------------------------------------------


@both
@pytest.mark.anyio
async def test_cancelling_one_call_is_prompt_and_leaves_the_others_their_replies(folder: Path) -> None:
    backend = opened(folder)
    expected = (await backend.call(ask(settings=(("max_tokens", 100),)))).text
    texts: list[str] = []

    async def stay() -> None:
        texts.append((await backend.call(ask(settings=(("max_tokens", 100),)))).text)

    async def leave() -> None:
        with anyio.move_on_after(0.01):
            await backend.call(ask("x", settings=(("max_tokens", 140),)))

    began = anyio.current_time()
    await leave()
    assert anyio.current_time() - began < 0.3
    async with anyio.create_task_group() as group:
        for each in (leave, stay, leave, stay, leave):  # the first is the leader
            group.start_soon(each)
    assert texts == [expected] * 2
    assert vars(backend)["_running"] == []
    assert vars(backend)["_decoder"].lines == []


@both
@pytest.mark.anyio
async def test_the_deadline_of_a_call_is_a_timeout(folder: Path) -> None:
    backend = opened(folder)
    await backend.call(ask())
    with pytest.raises(BackendFault, match=r"did not finish its reply within 0\.01 s") as caught:
        await backend.call(ask(settings=(("max_tokens", 150),), timeout_s=0.01))
    assert caught.value.kind == "timeout"


@both
@pytest.mark.anyio
async def test_an_error_of_the_model_fails_its_calls_and_the_next_ones_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = opened(folder)
    expected = (await backend.call(ask())).text
    model = vars(backend)["_loaded"].model

    def broken(**_: object) -> None:
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(model, "forward", broken)
        with pytest.raises(BackendFault, match="model `small` failed with MemoryError: no room") as caught:
            await backend.call(ask())
    assert caught.value.kind == "upstream"
    assert (await backend.call(ask())).text == expected


@both
@pytest.mark.anyio
async def test_a_batch_is_faster_than_one_after_another(folder: Path) -> None:
    backend = opened(folder)
    requests = [ask("abcdefgh"[at], settings=(("max_tokens", 40),)) for at in range(8)]
    await backend.call(requests[0])

    async def timed(run: Callable[[], Any]) -> float:
        began = anyio.current_time()
        await run()
        return anyio.current_time() - began

    async def in_turn() -> None:
        for request in requests:
            await backend.call(request)

    batched = min([await timed(partial(together, backend, requests)) for _ in range(3)])
    assert batched < 0.7 * min([await timed(in_turn) for _ in range(3)])


def test_a_small_model_takes_one_thread_and_gives_the_others_back(folder: Path) -> None:
    torch: Any = importlib.import_module("torch")
    before, seen = torch.get_num_threads(), set[int]()

    def count(*_: object) -> None:
        seen.add(torch.get_num_threads())

    torch.set_num_threads(2)
    try:
        backend = opened(folder)
        anyio.run(backend.call, ask())
        model = vars(backend)["_loaded"].model
        model.register_forward_pre_hook(count)
        anyio.run(backend.call, ask())
        assert (seen, torch.get_num_threads()) == ({1}, 2)
    finally:
        torch.set_num_threads(before)


def test_loading_says_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    anyio.run(opened(folder).call, ask())
    assert capfd.readouterr() == ("", "")
