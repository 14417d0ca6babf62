"""Server-sent events from raw bytes, however they are cut into chunks, with a cap on the length of a line.

The grammar is the WHATWG HTML Living Standard, section 9.2.6; `id` and `retry` are ignored. An event without its
closing blank line is dropped, as the standard says: a stream that breaks off never yields half an event.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BREAK = re.compile(rb"\r\n|\n|\r")
_MARK = b"\xef\xbb\xbf"


class SseError(ValueError):
    """The bytes are no event stream: a line over the cap, or not UTF-8."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One dispatched event; `data` joins its data lines by line feeds."""

    event: str
    data: str


class SseParser:
    """Takes chunks, gives the events that became complete. Work and memory are linear in the bytes taken."""

    def __init__(self, *, line_limit_bytes: int = 2**20) -> None:
        self._limit_bytes = line_limit_bytes
        self._line = bytearray()
        self._after_cr = False
        self._first = True
        self._event = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """Yield the events that this chunk completes; read them all. Raises SseError, then no call may follow."""
        start = 1 if self._after_cr and chunk.startswith(b"\n") else 0
        if chunk:
            self._after_cr = chunk.endswith(b"\r")
        for found in _BREAK.finditer(chunk, start):
            self._extend(chunk[start : found.start()])
            start = found.end()
            event = self._end_line()
            if event is not None:
                yield event
        self._extend(chunk[start:])

    def _extend(self, part: bytes) -> None:
        if len(self._line) + len(part) > self._limit_bytes:
            raise SseError(f"a line of the event stream is longer than {self._limit_bytes} bytes")
        self._line += part

    def _end_line(self) -> ServerEvent | None:
        raw = bytes(self._line)
        self._line.clear()
        if self._first:
            raw = raw.removeprefix(_MARK)
            self._first = False
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise SseError("the event stream is not UTF-8") from None
        if line:
            self._field(line)
            return None
        return self._dispatch()

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")  # a comment has an empty name
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value

    def _dispatch(self) -> ServerEvent | None:
        event = ServerEvent(self._event or "message", "\n".join(self._data)) if self._data else None
        self._event = ""
        self._data = []
        return event
