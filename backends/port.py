"""The port of a backend: one call to a model, asked for as a `Request`, answered by a `Reply`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from msrun.dsl.plan import ModelSpec, Settings

Role: TypeAlias = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation sent to the model."""

    role: Role
    content: str
    images: tuple[str, ...] = ()  # data: URLs


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. `schema` is the JSON schema the reply must meet, None for plain text.

    A backend whose server demands an object at the root sends the schema wrapped as {"value": schema}; the runtime
    accepts a wrapped reply wherever the schema itself is no object.
    """

    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    settings: Settings = ()
    seed: int = 0
    timeout_s: float = 600.0
    node: str = ""  # for scripts and traces; never sent
    content: str = ""  # hash of all that decides the reply, for what remembers replies; never sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and money of a call. `estimated` says that the server did not report them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    estimated: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost_usd=self.cost_usd + other.cost_usd,
            estimated=self.estimated or other.estimated,
        )


Finish: TypeAlias = Literal["stop", "length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The whole answer of one call. `logprob` sums over the reply's tokens, in nats, where the backend knows it."""

    text: str
    usage: Usage = Usage()
    finish: Finish = "stop"
    logprob: float | None = None


Emit: TypeAlias = Callable[[str], None]
"""Takes the next piece of the reply's text as it arrives. Synchronous, cheap, never raises."""

FaultKind: TypeAlias = Literal[
    "connect",  # no connection: refused, DNS, reset before a reply
    "timeout",  # a deadline of the call passed
    "rate_limit",  # 429
    "quota",  # the account is used up
    "auth",  # 401, 403
    "request",  # 400, 404, 422: the call itself is wrong
    "upstream",  # 5xx
    "truncated",  # the stream ended before the reply did
    "malformed",  # the reply is not what the protocol says
    "refused",  # the model or its guard declined
    "missing",  # a local model, file or package is not there
    "tool",  # a tool's own code failed
]

RETRYABLE: frozenset[FaultKind] = frozenset({"connect", "timeout", "rate_limit", "upstream", "truncated", "malformed"})


class BackendFault(Exception):  # noqa: N818 - a fault is data of the port, not a programming error
    """A call failed. `message` says what was found, `help` what to do; neither holds a secret."""

    def __init__(self, kind: FaultKind, message: str, *, help: str = "", retry_after_s: float | None = None) -> None:  # noqa: A002 - the field's name
        super().__init__(message)
        self.kind: FaultKind = kind
        self.message = message
        self.help = help
        self.retry_after_s = retry_after_s


class Backend(Protocol):
    """Answers calls to one model. Safe for many calls at the same time; cancellation closes what a call opened."""

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        """Answer one request, handing pieces of the text to `emit` as they arrive. Raises BackendFault."""
        ...

    async def aclose(self) -> None:
        """Close connections; no call may follow."""
        ...


SecretSource: TypeAlias = Callable[[str], str | None]
"""Gives a secret's value by its name, None where it is not set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the operator gives a backend: secrets, and the folder that relative paths in the plan start from.

    A plan is data that can spend, so where it may send prompts and keys is the operator's to say: `allow` holds
    patterns such as `host:gpu.lan` for servers other than a backend's own and this machine. `trust_env` lets proxies
    and certificate files named in the environment take part.
    """

    secret: SecretSource = field(default=lambda _name: None)
    root: str = "."
    allow: tuple[str, ...] = ()
    trust_env: bool = False


class OpenBackend(Protocol):
    """An entry point of group `msrun.backends`: makes a backend for one declared model. Raises BackendFault."""

    def __call__(self, spec: ModelSpec, around: Surroundings) -> Backend:
        """Open the backend of one model; the first call may still find that the server is away."""
        ...
