"""A server on loopback that does whatever a test wants, byte by byte; tiny random models in a folder."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import pytest
from anyio.abc import SocketStream


@dataclass(frozen=True, slots=True)
class Received:
    line: str
    headers: Mapping[str, str]
    raw_headers: bytes
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Handler: TypeAlias = Callable[[Received, SocketStream], Awaitable[bool | None]]
"""Answers one request; True keeps the connection open for the next."""


@dataclass(slots=True)
class Server:
    base_url: str
    requests: list[Received] = field(default_factory=list[Received])
    connections: int = 0
    open: int = 0

    @property
    def bodies(self) -> list[Any]:
        return [request.json for request in self.requests]


Serve: TypeAlias = Callable[[Handler], AbstractAsyncContextManager[Server]]


async def _read_request(stream: SocketStream, held: bytearray) -> Received | None:
    while b"\r\n\r\n" not in held:
        try:
            held += await stream.receive()
        except anyio.EndOfStream:
            return None
    raw, _, rest = bytes(held).partition(b"\r\n\r\n")
    line, *fields = raw.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in fields)}
    body = bytearray(rest)
    length = int(headers.get("content-length", "0"))
    while len(body) < length:
        body += await stream.receive()
    held[:] = body[length:]
    return Received(line, headers, raw, bytes(body[:length]))


@asynccontextmanager
async def serving(handler: Handler) -> AsyncGenerator[Server]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port: int = listener.extra(anyio.abc.SocketAttribute.local_port)
    server = Server(base_url=f"http://127.0.0.1:{port}/v1")

    async def connection(stream: SocketStream) -> None:
        server.connections += 1
        server.open += 1
        held = bytearray()
        try:
            async with stream:
                while (request := await _read_request(stream, held)) is not None:
                    server.requests.append(request)
                    if not await handler(request, stream):
                        return
        except (anyio.BrokenResourceError, anyio.EndOfStream):
            pass  # the client hung up, which many tests are about
        finally:
            server.open -= 1

    failure: Exception | None = None
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, connection)
        try:
            yield server
        except Exception as error:  # noqa: BLE001 - handed on as it is, not inside the group's ExceptionGroup
            failure = error
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure


@pytest.fixture
def serve() -> Serve:
    return serving


TEMPLATE = "{% for m in messages %}{{ m.role }}:{{ m.content }}[SEP]{% endfor %}"
POSITIONS = 160


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model."""
    return _make_model(tmp_path_factory.mktemp("model"), "llama")


@pytest.fixture
def make_model() -> Callable[[Path, str], Path]:
    return _make_model


def _make_model(out: Path, kind: str) -> Path:
    import importlib

    # none of these tells the types of what is used here
    tokenizers: Any = importlib.import_module("tokenizers")
    torch: Any = importlib.import_module("torch")
    transformers: Any = importlib.import_module("transformers")

    tokens = ["[PAD]", "[UNK]", "[SEP]", "[EOS]", *sorted(set('abcdefghijklmnopqrstuvwxyz:0123456789 {}[]",.+-\n意'))]
    backend = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({token: at for at, token in enumerate(tokens)}, unk_token="[UNK]")
    )
    backend.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), behavior="isolated")
    backend.decoder = tokenizers.decoders.Fuse()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        sep_token="[SEP]",
        eos_token="[EOS]",
        chat_template=TEMPLATE,
    ).save_pretrained(out)
    torch.manual_seed(4)
    size = {"vocab_size": len(tokens), "eos_token_id": 3, "pad_token_id": 0, "bos_token_id": None}
    if kind == "gpt2":
        model: Any = transformers.GPT2LMHeadModel(
            transformers.GPT2Config(n_layer=2, n_embd=32, n_head=2, n_positions=POSITIONS, **size)
        )
    else:
        model = transformers.LlamaForCausalLM(
            transformers.LlamaConfig(
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=2,
                max_position_embeddings=POSITIONS,
                initializer_range=0.6,  # so that what follows depends on what went before
                **size,
            )
        )
    model.save_pretrained(out)
    return out
