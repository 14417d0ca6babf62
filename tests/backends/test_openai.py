"""Chat completions against a real server on loopback: what is sent, what is made of the answer, and when it ends."""

import json
import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.abc import SocketStream

from msrun.backends.chat import ChatServer
from msrun.backends.openai import open_ollama, open_openai, open_vllm
from msrun.backends.port import BackendFault, Message, Reply, Request, Surroundings, Usage
from msrun.dsl.plan import ModelSpec, SecretRef, Settings, ValueMap

if TYPE_CHECKING:
    from tests.backends.conftest import Received, Serve

pytestmark = pytest.mark.anyio

KEY = "sk-canary-8f3a1b9c77e2d4"
AROUND = Surroundings(secret={"OPENAI_API_KEY": KEY, "BAD": "a\nb"}.get)


def model(base_url: str, *settings: tuple[str, Any], key: bool = False) -> ChatServer:
    keyed = (("key", SecretRef("OPENAI_API_KEY")),) if key else ()
    return open_openai(spec(("base_url", base_url), *keyed, *settings), AROUND)


def spec(*settings: tuple[str, Any], backend: str = "openai") -> ModelSpec:
    return ModelSpec(name="big", backend=backend, args=("gpt-x",), settings=settings)


def ask(
    *, seed: int = 0, settings: Settings = (), schema: Mapping[str, Any] | None = None, timeout_s: float = 5.0
) -> Request:
    messages = (Message("user", "Hi"),)
    return Request(model="big", messages=messages, seed=seed, settings=settings, schema=schema, timeout_s=timeout_s)


def chunk(content: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    delta = {} if content is None else {"content": content}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish, **more}]})


def event(data: object) -> bytes:
    return b"data: " + (data if isinstance(data, str) else json.dumps(data)).encode() + b"\n\n"


DONE = event("[DONE]")
USAGE = event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}})
HELLO = chunk("Hel") + chunk("lo") + chunk(finish="stop") + USAGE + DONE
SSE = "Content-Type: text/event-stream"
JSON = "Content-Type: application/json"


def http(body: bytes, *headers: str, status: int = 200) -> bytes:
    head = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def unsized(body: bytes, *headers: str) -> bytes:
    """An answer that ends where the connection does."""
    return "\r\n".join(["HTTP/1.1 200 OK", *headers]).encode() + b"\r\n\r\n" + body


async def answer(raw: bytes, _: "Received", stream: SocketStream) -> bool:
    await stream.send(raw)
    return b"Content-Length" in raw


async def reply_to(serve: "Serve", raw: bytes, request: Request | None = None, **settings: Any) -> Reply:
    async with serve(partial(answer, raw)) as server:
        backend = model(server.base_url, *settings.items())
        try:
            return await backend.call(request or ask())
        finally:
            await backend.aclose()


async def fault_of(serve: "Serve", raw: bytes, request: Request | None = None, **settings: Any) -> BackendFault:
    with pytest.raises(BackendFault) as caught:
        await reply_to(serve, raw, request, **settings)
    return caught.value


# --- what is sent ---------------------------------------------------------------------------------------------------


async def test_a_streamed_reply_and_what_was_asked_for_it(serve: "Serve") -> None:
    async with serve(partial(answer, http(HELLO, SSE))) as server:
        backend = model(server.base_url + "/", ("temperature", 0.2), ("top_p", 0.9), ("price_in", 2), key=True)
        pieces: list[str] = []
        request = ask(seed=2**40 + 5, settings=(("temperature", 0), ("stop", ("\n", "END")), ("max_tokens", 50)))
        reply = await backend.call(request, pieces.append)
        await backend.aclose()
    assert pieces == ["Hel", "lo"]
    assert reply == Reply(text="Hello", usage=Usage(prompt_tokens=7, completion_tokens=2, cost_usd=14e-6))
    (received,) = server.requests
    assert received.line == "POST /v1/chat/completions HTTP/1.1"
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["accept-encoding"] == "identity"
    assert received.json == {
        "model": "gpt-x",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "seed": 5,
        "temperature": 0,
        "top_p": 0.9,
        "stop": ["\n", "END"],
        "max_tokens": 50,
    }


async def test_without_a_key_no_authorization_is_sent_and_headers_may_hold_secrets(serve: "Serve") -> None:
    async with serve(partial(answer, http(HELLO, SSE))) as server:
        headers = ValueMap((("X-Team", "a b"), ("X-Key", SecretRef("OPENAI_API_KEY"))))
        backend = model(server.base_url, ("headers", headers))
        await backend.call(ask())
        await backend.aclose()
    received = server.requests[0].headers
    assert "authorization" not in received
    assert (received["x-team"], received["x-key"]) == ("a b", KEY)


async def test_images_travel_as_parts_of_the_message(serve: "Serve") -> None:
    async with serve(partial(answer, http(HELLO, SSE))) as server:
        backend = model(server.base_url)
        message = Message("user", "See", images=("data:image/png;base64,AA==",))
        await backend.call(Request(model="m", messages=(message,)))
        await backend.aclose()
    assert server.bodies[0]["messages"][0]["content"] == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
    ]


async def test_a_prompt_that_is_no_unicode_is_still_sent(serve: "Serve") -> None:
    request = Request(model="m", messages=(Message("user", "a\udce4b"),))
    assert (await reply_to(serve, http(HELLO, SSE), request)).text == "Hello"


async def test_a_setting_that_is_no_json_is_named_not_thrown(serve: "Serve") -> None:
    fault = await fault_of(serve, http(HELLO, SSE), temperature=float("inf"))
    assert (fault.kind, "a setting of model `big`" in fault.message) == ("request", True)


# --- schemas --------------------------------------------------------------------------------------------------------

ITEMS: Mapping[str, Any] = {
    "type": "array",
    "items": {"$ref": "#/$defs/Step", "description": "one"},
    "$defs": {
        "Step": {
            "type": "object",
            "properties": {
                "title": {"type": "string", "maxLength": 9, "title": "T"},
                "n": {"type": "integer", "default": 1},
            },
            "required": ["title"],
        }
    },
}


async def test_a_schema_whose_root_is_no_object_is_wrapped_and_made_strict(serve: "Serve") -> None:
    async with serve(partial(answer, http(HELLO, SSE))) as server:
        backend = model(server.base_url)
        await backend.call(ask(schema=ITEMS))
        await backend.aclose()
    assert server.bodies[0]["response_format"] == {
        "type": "json_schema",
        "json_schema": {
            "name": "reply",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {
                    "value": {"type": "array", "items": {"description": "one", "anyOf": [{"$ref": "#/$defs/Step"}]}}
                },
                "required": ["value"],
                "additionalProperties": False,
                "$defs": {
                    "Step": {
                        "type": "object",
                        "properties": {"title": {"type": "string"}, "n": {"type": "integer"}},
                        "required": ["title", "n"],
                        "additionalProperties": False,
                    }
                },
            },
        },
    }


@pytest.mark.parametrize("part", [{}, {"type": "object", "additionalProperties": {"type": "string"}}])
async def test_what_strict_cannot_say_is_sent_as_it_is(serve: "Serve", part: Mapping[str, Any]) -> None:
    schema = {"type": "object", "properties": {"any": part}, "required": ["any"]}
    async with serve(partial(answer, http(HELLO, SSE))) as server:
        backend = model(server.base_url)
        await backend.call(ask(schema=schema))
        await backend.aclose()
    assert server.bodies[0]["response_format"]["json_schema"] == {"name": "reply", "strict": False, "schema": schema}


def refusing(*words: str) -> Any:
    """A server that answers 400 to any body in which one of these words stands."""

    async def handle(received: "Received", stream: SocketStream) -> bool:
        found = next((word for word in words if word.encode() in received.body), None)
        error = {"error": {"message": f"{found} is not supported here", "param": found}}
        bad = http(json.dumps(error).encode(), JSON, status=400)
        await stream.send(http(HELLO, SSE) if found is None else bad)
        return True

    return handle


async def test_a_server_without_schemas_is_told_in_words_and_remembered(serve: "Serve") -> None:
    async with serve(refusing("json_schema", "stream_options")) as server:
        backend = model(server.base_url)
        for _ in range(2):
            assert (await backend.call(ask(schema=ITEMS))).text == "Hello"
        await backend.aclose()
    assert len(server.requests) == 4, "two refusals in all, none by the second call"
    last = server.bodies[-1]
    assert last["response_format"] == {"type": "json_object"}
    assert "stream_options" not in last
    assert '"required": ["value"]' in last["messages"][0]["content"]


async def test_a_server_without_any_response_format_gets_the_schema_itself_in_words(serve: "Serve") -> None:
    async with serve(refusing("response_format")) as server:
        backend = model(server.base_url)
        await backend.call(ask(schema=ITEMS))
        await backend.aclose()
    assert len(server.requests) == 3
    said = server.bodies[-1]["messages"][0]["content"]
    assert said.startswith("Hi\n\nReply with JSON only")
    assert json.loads(said.partition(":\n")[2]) == ITEMS


async def test_calls_at_the_same_time_learn_together(serve: "Serve") -> None:
    async with serve(refusing("seed", "stream_options", "response_format")) as server:
        backend = model(server.base_url)
        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(partial(backend.call, ask(schema=ITEMS)))
        await backend.aclose()
    assert len(server.requests) <= 8 * 5


async def test_another_400_is_one_call(serve: "Serve") -> None:
    async with serve(refusing("gpt-x")) as server:
        backend = model(server.base_url)
        with pytest.raises(BackendFault, match=r"the call \(400\): gpt-x is not supported here") as caught:
            await backend.call(ask(schema=ITEMS))
        await backend.aclose()
    assert (caught.value.kind, len(server.requests)) == ("request", 1)


async def test_a_server_that_wants_the_newer_name_of_max_tokens_gets_it(serve: "Serve") -> None:
    async def handle(received: "Received", stream: SocketStream) -> bool:
        old = "max_tokens" in received.json
        error = b'{"error": {"message": "Use \'max_completion_tokens\' instead.", "param": "max_tokens"}}'
        await stream.send(http(error, JSON, status=400) if old else http(HELLO, SSE))
        return True

    async with serve(handle) as server:
        backend = model(server.base_url, ("max_tokens", 9))
        await backend.call(ask())
        await backend.aclose()
    assert server.bodies[-1]["max_completion_tokens"] == 9


@pytest.mark.parametrize(("mode", "told"), [("instruction", True), ("none", False)])
async def test_the_setting_schema_chooses_how_it_is_told(serve: "Serve", mode: str, *, told: bool) -> None:
    async with serve(partial(answer, http(HELLO, SSE))) as server:
        backend = model(server.base_url, ("schema", mode))
        await backend.call(ask(schema=ITEMS))
        await backend.aclose()
    assert "response_format" not in server.bodies[0]
    assert ("JSON schema" in server.bodies[0]["messages"][0]["content"]) is told


# --- what is made of the answer -------------------------------------------------------------------------------------


async def test_a_server_that_does_not_stream(serve: "Serve") -> None:
    whole = {
        "choices": [{"index": 0, "message": {"content": "Hello"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
    }
    reply = await reply_to(serve, http(json.dumps(whole).encode(), "content-type: Application/JSON; charset=utf-8"))
    assert reply == Reply(text="Hello", finish="length", usage=Usage(prompt_tokens=3, completion_tokens=1))


async def test_logprobs_are_summed_when_asked_for(serve: "Serve") -> None:
    body = (
        chunk("a", logprobs={"content": [{"logprob": -0.5}]})
        + chunk("b", logprobs={"content": [{"logprob": -0.25}, {"logprob": "x"}, 3]})
        + chunk(finish="stop", logprobs=None)
    )
    reply = await reply_to(serve, http(body, SSE), ask(settings=(("logprobs", True),)))
    assert reply.logprob == -0.75
    assert (await reply_to(serve, http(HELLO, SSE))).logprob is None


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        {"prompt_tokens": -1, "completion_tokens": 2},
        {"prompt_tokens": 1, "completion_tokens": 10**12},
        {"prompt_tokens": True, "completion_tokens": 1},
        {"prompt_tokens": 1.5, "completion_tokens": 1},
    ],
)
async def test_usage_that_is_missing_or_absurd_is_estimated(serve: "Serve", usage: object) -> None:
    body = chunk("Hello, you") + chunk(finish="stop") + event({"choices": [], "usage": usage}) + DONE
    reply = await reply_to(serve, http(body, SSE), price_out=1_000_000)
    assert reply.usage == Usage(prompt_tokens=1, completion_tokens=3, cost_usd=3.0, estimated=True)


@pytest.mark.parametrize(
    "body",
    [
        chunk("Hello") + chunk(finish="stop"),  # no [DONE], then the connection ends
        chunk("Hello") + DONE,  # no finish_reason
        chunk("Hello", "stop") + chunk(" again") + DONE,  # after the end
        HELLO + chunk(" again") + DONE,
        chunk("Hello") + event({"choices": [{"index": 1, "delta": {"content": "no"}}]}) + chunk(finish="stop"),
        b": comment\r\n\r\n" + chunk("Hello").replace(b"\n", b"\r") + event({"id": 1}) + chunk(finish="eos"),
        chunk("Hello", "stop") + event({"error": {"message": "too late"}}),
        chunk("Hello", "stop") + b"\xff\n",
    ],
)
async def test_a_reply_is_whole_at_its_end_whatever_follows(serve: "Serve", body: bytes) -> None:
    assert (await reply_to(serve, unsized(body, SSE))).text == "Hello"


async def test_a_server_that_never_closes_costs_no_more_than_the_tail(serve: "Serve") -> None:
    async def handle(_: "Received", stream: SocketStream) -> None:
        await stream.send(unsized(HELLO, SSE))
        await stream.receive()

    async with serve(handle) as server:
        backend = model(server.base_url)
        with anyio.fail_after(1):
            assert (await backend.call(ask())).usage.completion_tokens == 2
        await backend.aclose()


async def test_a_stream_cut_anywhere_before_its_end_is_never_accepted(serve: "Serve") -> None:
    cuts = range(len(HELLO) - len(chunk(finish="stop") + USAGE + DONE) + len(chunk(finish="stop")))

    async def handle(_: "Received", stream: SocketStream) -> None:
        await stream.send(unsized(HELLO[: cuts[len(server.requests) - 1]], SSE))

    async with serve(handle) as server:
        backend = model(server.base_url)
        for _ in cuts:
            with pytest.raises(BackendFault, match="broke off after"):
                await backend.call(ask())
        await backend.aclose()
    assert len(server.requests) == len(cuts) > 200


async def test_a_body_shorter_than_announced_is_truncated(serve: "Serve") -> None:
    async def handle(_: "Received", stream: SocketStream) -> None:
        await stream.send(http(chunk("Hel") + chunk("lo") + b"x" * 9, SSE)[:-9])

    async with serve(handle) as server:
        backend = model(server.base_url)
        with pytest.raises(BackendFault) as caught:
            await backend.call(ask())
        await backend.aclose()
    assert caught.value.kind == "truncated"


MALFORMED: Mapping[str, bytes] = {
    "html": http(b"<html>hi</html>", "Content-Type: text/html"),
    "no content type": http(HELLO),
    "empty": http(b"", JSON),
    "null": http(b"null", JSON),
    "list": http(b"[]", JSON),
    "no choices": http(b"{}", JSON),
    "choices of another kind": http(b'{"choices": {"a": 1}}', JSON),
    "a choice of another kind": http(b'{"choices": [1]}', JSON),
    "a message of another kind": http(b'{"choices": [{"message": 5}]}', JSON),
    "content of another kind": http(b'{"choices": [{"message": {"content": [1]}}]}', JSON),
    "cut": http(b'{"choices": [{"mess', JSON),
    "not a number": http(b'{"choices": [{"index": NaN}]}', JSON),
    "deep": http(b'{"choices": ' + b"[" * 100_000, JSON),
    "endless digits": http(b'{"created": ' + b"9" * 5000 + b"}", JSON),
    "twice": http(b'{"choices": [], "choices": []}', JSON),
    "not utf-8": http(b'{"choices": "\xff"}', JSON),
    "surrogate": http(b'{"choices": [{"message": {"content": "\\ud800"}}]}', JSON),
    "stream not utf-8": http(b"data: \xff\n\n", SSE),
    "stream of null": http(event("null"), SSE),
    "stream of half": http(event('{"choices'), SSE),
    "stream surrogate": http(chunk("\ud83d"), SSE),
    "stream tool call": http(chunk(finish="tool_calls"), SSE),
    "long line": http(b"data: " + b"x" * (2**20 + 1), SSE),
    "long body": http((b": " + b"x" * 1021 + b"\n") * (2**14 + 1), SSE),
    "compressed": http(b"\x1f\x8b", SSE, "Content-Encoding: gzip"),
    "no http": b"SSH-2.0-OpenSSH\r\n\r\n",
    "no status": b"HTTP/1.1 abc\r\n\r\n",
    "100,000 headers": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000,
    "204": http(b"", status=204),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed(serve: "Serve", name: str) -> None:
    fault = await fault_of(serve, MALFORMED[name])
    assert fault.kind == "malformed", fault.message
    assert "http://127.0.0.1:" in fault.message


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (chunk("a") + event({"error": {"code": 429, "message": "slow"}}), "rate_limit"),
        (chunk("a") + b"event: error\n" + event({"type": "overloaded_error"}), "upstream"),
        (chunk("a") + b"event: error\n" + event("plain words"), "upstream"),
        (chunk("a") + chunk(finish="error"), "upstream"),
        (chunk("a") + chunk(finish="abort"), "truncated"),
        (chunk("a") + chunk(finish="content_filter"), "refused"),
        (event({"choices": [{"delta": {"refusal": "No."}, "finish_reason": "stop"}]}), "refused"),
    ],
)
async def test_an_error_in_the_middle_of_a_stream(serve: "Serve", body: bytes, kind: str) -> None:
    assert (await fault_of(serve, http(body + DONE, SSE))).kind == kind


async def test_statuses_arrive_with_their_words_and_the_wait(serve: "Serve") -> None:
    raw = http(b'{"error": {"message": "slow down"}}', JSON, "Retry-After: 7", status=429)
    fault = await fault_of(serve, raw)
    assert (fault.kind, fault.retry_after_s) == ("rate_limit", 7.0)
    assert fault.message.endswith("asks to slow down: slow down")


async def test_an_error_page_that_breaks_off_still_counts_as_its_status(serve: "Serve") -> None:
    raw = b"HTTP/1.1 503 X\r\nContent-Length: 900\r\n\r\nhalf a page"

    async def handle(_: "Received", stream: SocketStream) -> None:
        await stream.send(raw)

    async with serve(handle) as server:
        backend = model(server.base_url)
        with pytest.raises(BackendFault, match="half a page") as caught:
            await backend.call(ask())
        await backend.aclose()
    assert caught.value.kind == "upstream"


async def test_redirects_are_not_followed(serve: "Serve") -> None:
    async with serve(partial(answer, http(HELLO, SSE))) as other:
        raw = http(b"", f"Location: {other.base_url}/chat/completions", status=307)
        fault = await fault_of(serve, raw)
    assert (fault.kind, other.requests) == ("request", [])
    assert "not followed" in fault.message


# --- when it ends ---------------------------------------------------------------------------------------------------


def silent(*pieces: bytes, every_s: float = 0.0) -> Any:
    """A server that sends the pieces, the last one again and again where `every_s` is set, and then nothing."""

    async def handle(_: "Received", stream: SocketStream) -> None:
        for piece in pieces:
            await stream.send(piece)
        while every_s:
            await anyio.sleep(every_s)
            await stream.send(pieces[-1])
        await stream.receive()

    return handle


STARTED = unsized(b"", SSE)


@pytest.mark.parametrize(
    ("handler", "settings", "message"),
    [
        (silent(), {"first_byte_timeout": 0.2}, "did not answer within 0.2 s"),
        (silent(STARTED), {"first_byte_timeout": 0.2}, "sent nothing for 0.2 s"),
        (silent(STARTED, chunk("a")), {"idle_timeout": 0.2}, "sent nothing for 0.2 s"),
        (silent(STARTED, b": alive\n", every_s=0.05), {"idle_timeout": 0.2}, "did not finish its reply within 0.5 s"),
        (silent(), {}, "did not finish its reply within 0.5 s"),
    ],
)
async def test_deadlines(serve: "Serve", handler: Any, settings: Mapping[str, Any], message: str) -> None:
    async with serve(handler) as server:
        backend = model(server.base_url, *settings.items())
        with anyio.fail_after(1.5), pytest.raises(BackendFault, match=message) as caught:
            await backend.call(ask(timeout_s=0.5))
        with anyio.fail_after(1):
            while server.open:
                await anyio.sleep(0.01)
        await backend.aclose()
    assert caught.value.kind == "timeout"


async def test_a_full_accept_queue_ends_at_the_connect_deadline() -> None:
    import socket

    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        backend = model(f"http://127.0.0.1:{full.getsockname()[1]}/v1", ("connect_timeout", 0.2))
        with pytest.raises(BackendFault, match=r"within 0\.2 s") as caught:
            await backend.call(ask())
        await backend.aclose()
        for one in waiting:
            one.close()
    assert caught.value.kind == "connect"


@pytest.mark.parametrize(
    ("open_", "help_"),
    [(open_ollama, "is the server running? ollama serve"), (open_vllm, "is the server running? vllm serve gpt-x")],
)
async def test_a_refused_connection_says_what_to_start(open_: Any, help_: str) -> None:
    import socket

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        backend = open_(spec(("base_url", f"http://127.0.0.1:{closed.getsockname()[1]}/v1")), Surroundings())
        with pytest.raises(BackendFault) as caught:
            await backend.call(ask())
        await backend.aclose()
    assert (caught.value.kind, caught.value.help) == ("connect", help_)


async def test_a_connection_reset_before_the_answer_is_a_connect_fault(serve: "Serve") -> None:
    async def handle(_: "Received", stream: SocketStream) -> None:
        await stream.aclose()

    async with serve(handle) as server:
        backend = model(server.base_url)
        with pytest.raises(BackendFault) as caught:
            await backend.call(ask())
        await backend.aclose()
    assert caught.value.kind == "connect"


@pytest.mark.parametrize("pieces", [(), (STARTED,), (STARTED, chunk("a"))])
async def test_cancelling_a_call_closes_its_socket(serve: "Serve", pieces: tuple[bytes, ...]) -> None:
    async with serve(silent(*pieces)) as server:
        backend = model(server.base_url)
        with anyio.move_on_after(0.1):
            await backend.call(ask())
        with anyio.fail_after(1):
            while server.open:
                await anyio.sleep(0.01)
        assert server.connections == 1
        await backend.aclose()


async def test_the_pool_survives_cancellation(serve: "Serve") -> None:
    async def handle(_: "Received", stream: SocketStream) -> bool:
        await anyio.sleep(0.02)
        await stream.send(http(HELLO, SSE))
        return True

    async def churn(backend: ChatServer, number: int) -> None:
        for turn in range(8):
            with anyio.move_on_after(0.001 * ((number * 7 + turn * 11) % 40)):
                await backend.call(ask())

    async with serve(handle) as server:
        backend = model(server.base_url, ("connections", 10))
        async with anyio.create_task_group() as group:
            for number in range(30):
                group.start_soon(churn, backend, number)
        replies: list[str] = []

        async def one() -> None:
            replies.append((await backend.call(ask())).text)

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                for _ in range(50):
                    group.start_soon(one)
        assert replies == ["Hello"] * 50
        assert server.open <= 10
        await backend.aclose()


async def test_calls_run_at_the_same_time_and_share_connections(serve: "Serve") -> None:
    async def handle(_: "Received", stream: SocketStream) -> bool:
        await anyio.sleep(0.1)
        await stream.send(http(HELLO, SSE))
        return True

    async with serve(handle) as server:
        backend = model(server.base_url)
        with anyio.fail_after(1):
            for _ in range(2):
                async with anyio.create_task_group() as group:
                    for _ in range(20):
                        group.start_soon(backend.call, ask())
        await backend.aclose()
    assert (len(server.requests), server.connections <= 21) == (40, True)


def test_a_backend_of_another_event_loop_is_refused_by_name() -> None:
    backend = model("http://127.0.0.1:1/v1", ("connect_timeout", 0.2))

    async def call() -> None:
        with pytest.raises(BackendFault):
            await backend.call(ask())

    anyio.run(call)

    async def again() -> None:
        with pytest.raises(RuntimeError, match="belong to another event loop"):
            await backend.call(ask())

    anyio.run(again)
    anyio.run(backend.aclose)


# --- secrets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
async def test_a_key_echoed_by_the_server_is_in_no_error_repr_or_log(
    serve: "Serve", status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def echo(received: "Received", stream: SocketStream) -> None:
        body = json.dumps({"error": {"message": f"your key was {KEY}, in {received.raw_headers!r}"}}).encode()
        await stream.send(http(body, JSON, f"X-Echo: {KEY}", status=status))

    with caplog.at_level(logging.DEBUG):
        async with serve(echo) as server:
            backend = model(server.base_url, key=True)
            with pytest.raises(BackendFault) as caught:
                await backend.call(ask())
            await backend.aclose()
    fault = caught.value
    everything = f"{fault!r} {fault} {fault.help} {fault.__cause__!r} {fault.__context__!r} {vars(backend)} {backend!r}"
    shown = everything + caplog.text
    assert "your key was [secret]" in fault.message
    assert not [KEY[at : at + 12] for at in range(len(KEY) - 11) if KEY[at : at + 12] in shown]


@pytest.mark.parametrize(
    "raw",
    [
        http(chunk("a") + event({"error": {"message": KEY}}), SSE),
        http(event({"choices": KEY}), SSE),
        http(event(KEY), SSE),
        http(b"", f"Content-Type: {KEY}"),
        f"HTTP/1.1 {KEY}\r\n\r\n".encode(),
        f"HTTP/1.1 200 OK\r\n{SSE}\r\nTransfer-Encoding: chunked\r\n\r\n{KEY}\r\n".encode(),
    ],
)
async def test_a_key_in_the_answer_is_in_no_error(serve: "Serve", raw: bytes) -> None:
    async with serve(partial(answer, raw)) as server:
        backend = model(server.base_url, key=True)
        with pytest.raises(BackendFault) as caught:
            await backend.call(ask())
        await backend.aclose()
    assert "canary" not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!r}"


OPENING: tuple[tuple[Settings, str, str], ...] = (
    ((("key", KEY),), "request", r"`key` of model `big` must be secret\(\"NAME\"\), never the text of the key"),
    ((("key", SecretRef("ABSENT")),), "auth", "the secret `ABSENT` of model `big` is not set"),
    ((("key", SecretRef("BAD")),), "auth", "the secret `BAD` holds characters"),
    ((("headers", ValueMap((("X-A", "a\r\nb"),))),), "request", "the header `X-A` of model `big`"),
    ((("headers", ValueMap((("X A", "a"),))),), "request", "the header `X A` of model `big`"),
    ((("headers", "X: a"),), "request", "`headers` of model `big` must be a map"),
    ((("base_url", f"https://user:{KEY}@127.0.0.1/v1"),), "request", "without user, password or query"),
    ((("base_url", "https://127.0.0.1/v1?key=1"),), "request", "without user, password or query"),
    ((("base_url", "file:///etc/passwd"),), "request", "must look like https://"),
    ((("base_url", "http://127.0.0.1:99999/v1"),), "request", "must look like https://"),
    (
        (("base_url", "https://elsewhere.test/v1"),),
        "auth",
        "would send prompts to elsewhere.test, which nobody allowed",
    ),
    ((("base_url", "http://169.254.169.254/v1"),), "auth", "which nobody allowed"),
    ((("base_url", "http://127.1/v1"),), "auth", "which nobody allowed"),
    ((("base_url", "http://localhost.evil.test/v1"),), "auth", "which nobody allowed"),
    ((("schema", "xml"),), "request", "`schema` of model `big` must be one of json_schema, json_object"),
    ((("price_in", -1),), "request", "`price_in` of model `big` must be a number"),
)


@pytest.mark.parametrize(("settings", "kind", "message"), OPENING)
def test_what_is_refused_before_any_call(settings: Settings, kind: str, message: str) -> None:
    with pytest.raises(BackendFault, match=message) as caught:
        open_openai(spec(*settings), AROUND)
    assert caught.value.kind == kind
    assert KEY not in f"{caught.value!r}{caught.value.help}"


def test_the_operator_allows_other_hosts() -> None:
    elsewhere = spec(("base_url", "https://gpu.lan:8000/v1"))
    with pytest.raises(BackendFault) as caught:
        open_openai(elsewhere, AROUND)
    assert caught.value.help == "--allow host:gpu.lan"
    assert open_openai(elsewhere, Surroundings(allow=("tool:x", "host:*.lan"))) is not None


@pytest.mark.parametrize("trust_env", [True, False])
async def test_a_proxy_of_the_environment_takes_part_only_when_the_operator_says_so(
    serve: "Serve", monkeypatch: pytest.MonkeyPatch, *, trust_env: bool
) -> None:
    async with serve(partial(answer, http(HELLO, SSE))) as proxy, serve(partial(answer, http(HELLO, SSE))) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        backend = open_vllm(spec(("base_url", server.base_url)), Surroundings(trust_env=trust_env))
        await backend.call(ask())
        await backend.aclose()
    assert (len(proxy.requests), len(server.requests)) == ((1, 0) if trust_env else (0, 1))
