"""A backend that replies from a script: for tests, mocks and examples without a model.

`model m = scripted("a", "b")` in a plan, `Scripted(["a", "b"])` in Python. Replies are taken in the order in which the
calls arrive, at the moment they arrive; a node with a script of its own takes from that one only.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, cast

from msrun.backends.options import flag_option, number_option, plain, plain_option, whole_option, wrong
from msrun.backends.port import BackendFault, Emit, Reply, Request, Surroundings, Usage
from msrun.dsl.plan import ModelSpec, Value


@dataclass(frozen=True, slots=True)
class Streamed:
    """A reply handed on in exactly these pieces, `delay_s` before each; with `fault` it breaks after the last."""

    pieces: Sequence[str]
    delay_s: float = 0.0
    fault: BackendFault | None = None


Answer: TypeAlias = (
    "str | int | float | bool | Mapping[str, Any] | Sequence[Any] | Streamed | Reply | BackendFault | Compute | None"
)
"""A text is the reply as it stands; other JSON is written as JSON; a fault is raised; a function is asked."""

Compute: TypeAlias = Callable[[Request], Answer]

_NUMBERS = re.compile(r"\[\d+\]|#\d+|~\d+")
"""What tells one place of a node from another in a path: cells, rounds and proposals, draws."""

_EMPTY: Mapping[str, Sequence[Answer]] = {}


@dataclass(slots=True, kw_only=True, eq=False)
class _Script:
    answers: Sequence[Answer] | Compute
    cycle: bool
    at: int = 0

    def take(self, request: Request) -> Answer:
        if callable(self.answers):
            return self.answers(request)
        if self.cycle and self.answers:
            self.at %= len(self.answers)
        if self.at >= len(self.answers):
            raise BackendFault(
                "missing",
                f"the script of model `{request.model}` has no reply left for `{request.node or 'this call'}`"
                f" (it holds {len(self.answers)})",
                help="add a reply, or set `cycle: true`",
            )
        self.at += 1
        return self.answers[self.at - 1]


class Scripted:
    """Replies from a script.

    replies: what the calls get, in order; or one function that answers all of them.
    nodes: scripts for single nodes, by id (`facts`) or by the place of a cell (`facts[2]`); the more exact one wins. A
        node inside another one goes by its path (`draft#2.critique`), by that without its numbers (`draft.critique`),
        or by its own name (`critique`).
    delay_s: seconds before each reply, or a function of the request that gives them.
    piece: code points per streamed piece, None for the whole reply at once; `piece_delay_s` before each piece.
    cycle: begin again when a script is used up; without it that is a fault of kind `missing`.

    `requests` holds every request in the order of arrival. Tokens are the words of the messages and of the reply.
    """

    def __init__(
        self,
        replies: Sequence[Answer] | Compute = (),
        *,
        nodes: Mapping[str, Sequence[Answer] | Compute] = _EMPTY,
        delay_s: float | Callable[[Request], float] = 0.0,
        piece: int | None = None,
        piece_delay_s: float = 0.0,
        cycle: bool = False,
    ) -> None:
        if isinstance(replies, str):
            raise TypeError("replies must be a list of replies, not one text")
        self.requests: list[Request] = []
        self.closed = False
        self._shared = _Script(answers=replies, cycle=cycle)
        self._nodes = {node: _Script(answers=answers, cycle=cycle) for node, answers in nodes.items()}
        self._delay_s = delay_s
        self._piece = piece
        self._piece_delay_s = piece_delay_s

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        """Take the next reply and hand it on. Cancellation is honoured at least once per call."""
        from anyio import sleep

        self.requests.append(request)
        answer = self._script(request.node).take(request)
        while callable(answer):
            answer = answer(request)
        await sleep(self._delay_s(request) if callable(self._delay_s) else self._delay_s)
        match answer:
            case BackendFault():
                raise answer
            case Streamed(pieces, delay_s, fault):
                await _hand_on(pieces, delay_s, emit)
                if fault is not None:
                    raise fault
                return _reply(request, "".join(pieces))
            case Reply():
                await _hand_on(self._pieces(answer.text), self._piece_delay_s, emit)
                return answer if answer.usage != Usage() else replace(answer, usage=_count(request, answer.text))
            case _:
                text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
                await _hand_on(self._pieces(text), self._piece_delay_s, emit)
                return _reply(request, text)

    async def aclose(self) -> None:
        """Remember that the engine closed it."""
        self.closed = True

    def _script(self, node: str) -> _Script:
        if not self._nodes:
            return self._shared
        return next((self._nodes[name] for name in _spellings(node) if name in self._nodes), self._shared)

    def _pieces(self, text: str) -> Sequence[str]:
        if self._piece is None:
            return (text,)
        return [text[at : at + self._piece] for at in range(0, len(text), self._piece)]


def _spellings(place: str) -> Iterator[str]:
    """Yield the names that a script for this place may go by, the most exact one first."""
    yield place
    yield place.removesuffix("]").rpartition("[")[0] if place.endswith("]") else place
    static = _NUMBERS.sub("", place)
    yield static
    yield static.rpartition(".")[2]


async def _hand_on(pieces: Sequence[str], delay_s: float, emit: Emit | None) -> None:
    from anyio import sleep

    for piece in pieces:
        if delay_s:
            await sleep(delay_s)
        if emit is not None:
            emit(piece)


def _reply(request: Request, text: str) -> Reply:
    sure = 0.0 if dict(request.settings).get("logprobs") else None  # a script always replies so
    return Reply(text=text, usage=_count(request, text), logprob=sure)


def _count(request: Request, text: str) -> Usage:
    prompt = sum(len(message.content.split()) for message in request.messages)
    return Usage(prompt_tokens=prompt, completion_tokens=len(text.split()))


def open_backend(spec: ModelSpec, around: Surroundings) -> Scripted:  # noqa: ARG001 - the port's signature
    """Open `scripted("a", {b: 1})` or `scripted(replies: [...])`; options `cycle delay piece piece_delay`, in s."""
    replies = plain_option(spec, "replies")
    if replies is None:
        replies = [_answer(spec, value) for value in spec.args]
    elif not isinstance(replies, list):
        raise wrong(spec, "replies", "a list", replies)
    return Scripted(
        cast("list[Answer]", replies),
        delay_s=number_option(spec, "delay") or 0.0,
        piece=whole_option(spec, "piece", 0) or None,
        piece_delay_s=number_option(spec, "piece_delay") or 0.0,
        cycle=flag_option(spec, "cycle"),
    )


def _answer(spec: ModelSpec, value: Value) -> Answer:
    try:
        return cast("Answer", plain(value))
    except TypeError:
        raise wrong(spec, "replies", "plain values", value) from None
