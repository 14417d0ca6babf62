"""One server's connections: posts a body and reads the answer under deadlines and caps, or raises a BackendFault.

httpx2 alone keeps no total deadline, no cap on a body, and counts a comment every 0.2 s as life; its pool does survive
cancellation (httpx 0.28.1 loses a slot with every cancelled call).
"""

import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msrun.backends.faults import Target
from msrun.backends.port import BackendFault
from msrun.backends.redact import printable

if TYPE_CHECKING:
    import logging

    import anyio
    import httpx2

_CLOSE_S = 1.0
_KEEPALIVE_S = 15.0
_WRITE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Deadlines in seconds (each below the call's own, which covers all of it) and limits of one answer."""

    connect_s: float = 5.0
    first_byte_s: float = 60.0
    idle_s: float = 30.0
    body_bytes: int = 16 * 2**20
    connections: int = 64


class Answer:
    """Status and headers of an answer, and its body piece by piece."""

    def __init__(self, response: "httpx2.Response", target: Target, caps: Caps, first_byte_by_s: float) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self._response = response
        self._stream = response.aiter_raw()
        self._target = target
        self._caps = caps
        self._first_byte_by_s = first_byte_by_s
        self._taken_bytes = 0

    @property
    def media_type(self) -> str:
        """`text/event-stream`, "" where the server names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def read(self) -> bytes:
        """Return the next piece, b"" at the end."""
        import anyio
        import httpx2

        limit_s = self._caps.idle_s if self._taken_bytes else self._first_byte_by_s - anyio.current_time()
        with anyio.move_on_after(limit_s):
            broken = ""
            try:
                piece = await anext(self._stream, b"")
            except (httpx2.TransportError, httpx2.StreamError) as error:
                piece, broken = b"", _words(error, self._target)
            if broken:  # raised out here: the error below may quote what the server sent, a key among it
                raise BackendFault("truncated", f"{self._target.base_url} broke off: {broken}")
            self._taken_bytes += len(piece)
            if self._taken_bytes > self._caps.body_bytes:
                raise BackendFault("malformed", f"{self._target.base_url} sent more than {self._caps.body_bytes} bytes")
            return piece
        silent_s = self._caps.idle_s if self._taken_bytes else self._caps.first_byte_s
        raise BackendFault("timeout", f"{self._target.base_url} sent nothing for {silent_s:g} s")

    async def read_all(self) -> bytes:
        """Return the rest of the body."""
        pieces: list[bytes] = []
        while piece := await self.read():
            pieces.append(piece)
        return b"".join(pieces)

    async def read_some(self, limit_bytes: int) -> bytes:
        """Return the first bytes of the body; where it breaks off, what there was of it."""
        taken = b""
        try:
            while len(taken) < limit_bytes and (piece := await self.read()):
                taken += piece
        except BackendFault:
            return taken  # of an error page: its status says enough
        return taken[:limit_bytes]

    async def aclose(self) -> None:
        """Close the connection where the body was not read to its end, else leave it to the next call."""
        import anyio
        import httpx2

        # httpx2 leaves its innermost generator to the garbage collector; a cancelled read unwinds all of them
        with anyio.CancelScope() as scope, suppress(httpx2.TransportError, httpx2.StreamError):
            scope.cancel()
            async for _ in self._stream:
                pass
        await self._response.aclose()


class Wire:
    """The connections to one server, opened on first use and bound to the event loop that used them first."""

    def __init__(self, *, target: Target, headers: Mapping[str, str], caps: Caps, help: str, trust_env: bool) -> None:  # noqa: A002 - the fault's field
        self._target = target
        self._headers = headers
        self._caps = caps
        self._help = help
        self._trust_env = trust_env
        self._open: tuple[httpx2.AsyncClient, anyio.CapacityLimiter, object] | None = None

    @asynccontextmanager
    async def post(self, path: str, body: bytes) -> AsyncGenerator[Answer]:
        """Post JSON and give the answer once its headers are there. Leaving the block closes what it opened."""
        import anyio

        client, slots, _ = self._opened()
        # waiting for a free connection is bounded by the call's own deadline, which the caller sets
        async with slots:
            first_byte_by_s = anyio.current_time() + self._caps.first_byte_s
            response = await self._send(client, path, body)
            answer = Answer(response, self._target, self._caps, first_byte_by_s)
            try:
                yield answer
            finally:
                with anyio.move_on_after(_CLOSE_S, shield=True):
                    await answer.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        if self._open is not None:
            client, self._open = self._open[0], None
            await client.aclose()

    async def _send(self, client: "httpx2.AsyncClient", path: str, body: bytes) -> "httpx2.Response":
        import anyio
        import httpx2

        request = client.build_request("POST", self._target.base_url + path, content=body)
        with anyio.move_on_after(self._caps.first_byte_s):
            found: httpx2.Response | BackendFault
            try:
                found = await client.send(request, stream=True)
            except httpx2.RequestError as error:
                found = _no_answer(error, self._target, self._caps, self._help)
            if isinstance(found, BackendFault):
                raise found  # out here: the error below may quote what the server sent, a key among it
            if found.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
                await found.aclose()
                raise BackendFault("malformed", f"{self._target.base_url} compressed its answer although told not to")
            return found
        raise BackendFault("timeout", f"{self._target.base_url} did not answer within {self._caps.first_byte_s:g} s")

    def _opened(self) -> "tuple[httpx2.AsyncClient, anyio.CapacityLimiter, object]":
        import anyio
        from anyio.lowlevel import current_token

        token = current_token()
        if self._open is None:
            self._open = (self._client(), anyio.CapacityLimiter(self._caps.connections), token)
        elif self._open[2] != token:
            server = self._target.base_url
            raise RuntimeError(f"the connections to {server} belong to another event loop; open a new backend")
        return self._open

    def _client(self) -> "httpx2.AsyncClient":
        import logging

        import httpx2

        logging.getLogger("httpcore2.http11").addFilter(_quotes_no_headers)
        return httpx2.AsyncClient(
            # loading the certificates costs 80 ms, and redirects, the only way from http to https, are not followed
            verify=urlsplit(self._target.base_url).scheme == "https",
            headers={**self._headers, "Accept-Encoding": "identity", "Content-Type": "application/json"},
            follow_redirects=False,
            trust_env=self._trust_env,
            timeout=httpx2.Timeout(None, connect=self._caps.connect_s, write=_WRITE_S),
            limits=httpx2.Limits(max_connections=self._caps.connections, keepalive_expiry=_KEEPALIVE_S),
        )


def _no_answer(error: "httpx2.RequestError", target: Target, caps: Caps, help_: str) -> BackendFault:
    import httpx2

    server = target.base_url
    match error:
        case httpx2.LocalProtocolError():
            return BackendFault("request", f"the call to {server} cannot be written as HTTP")
        case _ if (refused := _certificate(error)) is not None:
            return BackendFault("request", f"the certificate of {server} was refused: {refused}")
        case httpx2.ConnectTimeout():
            return BackendFault("connect", f"no connection to {server} within {caps.connect_s:g} s", help=help_)
        case httpx2.TimeoutException():
            return BackendFault("timeout", f"{server} did not take the call in time")
        case httpx2.ConnectError():
            return BackendFault("connect", f"no connection to {server}: {_words(error, target)}", help=help_)
        case httpx2.RemoteProtocolError() if "disconnected" not in str(error):
            return BackendFault("malformed", f"{server} does not speak HTTP: {_words(error, target)}")
        case _:
            return BackendFault("connect", f"{server} hung up before it answered: {_words(error, target)}")


def _quotes_no_headers(record: "logging.LogRecord") -> bool:
    # at level DEBUG it writes the answer's headers, and a server may echo a key there
    return "receive_response_headers.complete" not in record.getMessage()


def _words(error: Exception, target: Target) -> str:
    return target.clean(printable(str(error), 200)) or type(error).__name__


def _certificate(error: BaseException | None) -> str | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message or "not valid"
        error = error.__cause__ or error.__context__
    return None
