"""One model at a server that speaks OpenAI's chat completions: a request becomes a body, its answer a reply.

Every call streams, so that decompositions hand on items early and a silent server is noticed. Nothing is retried here:
the engine has the one retry loop. Only a 400 about a parameter makes the same call again, once per parameter.
"""

import json
from typing import cast

from msrun.backends.completion import Completion
from msrun.backends.dialect import Dialect, body_of
from msrun.backends.faults import Target, error_of, event_fault, malformed, status_fault
from msrun.backends.port import BackendFault, Emit, Reply, Request
from msrun.backends.price import Price
from msrun.backends.sse import SseError, SseParser
from msrun.backends.wire import Answer, Wire
from msrun.dsl.plan import Settings
from msrun.dsl.values.jsontext import JsonRefused, parse

_ERROR_BYTES = 8192
_NOT_UNDERSTOOD = (400, 422)
_TAIL_S = 2.0  # for usage and the end of the body, when the reply itself is whole
_AFTER_DONE_S = 0.1  # so that the connection can serve the next call


class ChatServer:
    """One model at one server."""

    def __init__(self, *, wire: Wire, target: Target, dialect: Dialect, settings: Settings, price: Price) -> None:
        self._wire = wire
        self._target = target
        self._dialect = dialect
        self._settings = settings
        self._price = price

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        """Answer one request; see the port. The connection is closed when the call is cancelled."""
        import anyio

        with anyio.move_on_after(request.timeout_s):
            while True:
                used = self._dialect
                try:
                    return await self._exchange(request, used, emit)
                except _NotUnderstoodError as found:
                    if self._dialect is used:  # else a call at the same time has learnt it already
                        self._dialect = found.dialect
        raise BackendFault(
            "timeout", f"{self._target.base_url} did not finish its reply within {request.timeout_s:g} s"
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._wire.aclose()

    async def _exchange(self, request: Request, dialect: Dialect, emit: Emit | None) -> Reply:
        async with self._wire.post("/chat/completions", self._payload(request, dialect)) as answer:
            if not 200 <= answer.status < 300:
                body = await answer.read_some(_ERROR_BYTES)
                narrower = dialect.narrower(error_of(body), request) if answer.status in _NOT_UNDERSTOOD else None
                if narrower is not None:
                    raise _NotUnderstoodError(narrower)
                raise status_fault(answer.status, answer.headers, body, self._target)
            completion = Completion(target=self._target, emit=emit)
            await self._receive(answer, completion)
            return completion.reply(request, self._price)

    def _payload(self, request: Request, dialect: Dialect) -> bytes:
        try:
            body = body_of(request, self._target.model, self._settings, dialect)
            return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        except (TypeError, ValueError) as error:
            raise BackendFault("request", f"a setting of model `{self._target.name}` is no JSON: {error}") from None

    async def _receive(self, answer: Answer, completion: Completion) -> None:
        match answer.media_type:
            case "text/event-stream":
                await self._receive_stream(answer, completion)
            case media_type if media_type == "application/json" or media_type.endswith("+json"):
                completion.whole(await answer.read_all())
            case media_type:
                malformed(f"the content type is {media_type or 'missing'}", self._target)

    async def _receive_stream(self, answer: Answer, completion: Completion) -> None:
        import anyio

        parser = SseParser()
        with anyio.CancelScope() as scope:
            try:
                while piece := await answer.read():
                    self._feed(parser, piece, completion)
                    if completion.ended:
                        wait_s = _AFTER_DONE_S if completion.done else _TAIL_S
                        scope.deadline = min(scope.deadline, anyio.current_time() + wait_s)
            except BackendFault:
                if not completion.ended:  # else the reply is whole; what broke after it changes nothing
                    raise

    def _feed(self, parser: SseParser, piece: bytes, completion: Completion) -> None:
        try:
            for event in parser.feed(piece):
                if event.event == "error":
                    raise event_fault(_error_in(event.data), self._target)
                completion.chunk(event.data)
        except SseError as error:
            malformed(str(error), self._target)


class _NotUnderstoodError(Exception):
    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self.dialect = dialect


def _error_in(data: str) -> object:
    try:
        value: object = parse(data)
    except JsonRefused:
        return data
    record = cast("dict[str, object]", value) if isinstance(value, dict) else {"error": value}
    return record.get("error", record)
