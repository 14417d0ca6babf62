"""The reply of a chat completion, folded from the chunks of its stream or read from one JSON body.

Format: https://platform.openai.com/docs/api-reference/chat/streaming. Whatever a server sends becomes a reply or a
BackendFault; no other exception escapes.
"""

import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from msrun.backends.faults import Target, event_fault, malformed
from msrun.backends.port import BackendFault, Emit, Finish, Reply, Request
from msrun.backends.price import Price
from msrun.dsl.values.jsontext import is_unicode, parse

_Record: TypeAlias = dict[str, Any]
_TOKENS_LIMIT = 10**9  # more is no count


@dataclass(slots=True, kw_only=True)
class Completion:
    """What has arrived of one reply."""

    target: Target
    emit: Emit | None = None
    done: bool = False
    finish: str | None = None
    _texts: list[str] = field(default_factory=list[str])
    _refusals: list[str] = field(default_factory=list[str])
    _tokens: tuple[int, int] | None = None
    _logprobs: list[float] = field(default_factory=list[float])

    @property
    def ended(self) -> bool:
        """Whether the reply itself is whole; its usage may still follow."""
        return self.done or self.finish is not None

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._texts)

    def chunk(self, data: str) -> None:
        """Take the data of one server-sent event; what follows the end of the reply is ignored."""
        if data.strip() == "[DONE]":
            self.done = True
        elif not self.done:
            self._take(self._record(data), "delta")

    def whole(self, body: bytes) -> None:
        """Take the body of a reply that was not streamed."""
        record = self._record(body)
        if not record.get("choices") and "error" not in record:
            malformed("there are no choices in it", self.target)
        self._take(record, "message")
        self.done = True

    def reply(self, request: Request, price: Price) -> Reply:
        """Return the reply. A stream that stopped before the end of the reply is `truncated`."""
        if not self.ended:
            raise BackendFault("truncated", f"{self.target.base_url} broke off after {len(self.text)} characters")
        text = self.text
        if self.finish == "content_filter" or (self._refusals and not text):
            said = self.target.clean("".join(self._refusals)[:300])
            raise BackendFault("refused", f"model `{self.target.model}` declined to answer{': ' if said else ''}{said}")
        usage = price.estimate(request, text) if self._tokens is None else price.usage(*self._tokens)
        finish: Finish = "length" if self.finish in {"length", "max_tokens"} else "stop"
        return Reply(text=text, usage=usage, finish=finish, logprob=sum(self._logprobs) if self._logprobs else None)

    def _record(self, data: str | bytes) -> _Record:
        wrong = ""
        try:
            value: object = parse(data.decode() if isinstance(data, bytes) else data)
        except ValueError as error:  # JsonRefused, or no UTF-8
            value, wrong = None, str(error)
        if wrong:  # raised out here: the error below may quote what the server sent, a key among it
            malformed(wrong, self.target)
        if not isinstance(value, dict):
            malformed(f"{type(value).__name__} where an object should be", self.target)
        return cast("_Record", value)

    def _take(self, record: _Record, part: str) -> None:
        if record.get("error") is not None:
            raise event_fault(record["error"], self.target)
        self._tokens = _tokens(record.get("usage")) or self._tokens
        choices: object = record.get("choices") or []
        if not isinstance(choices, list):
            malformed("its choices are no list", self.target)
        for choice in cast("list[object]", choices):
            if not isinstance(choice, dict):
                malformed("a choice is no object", self.target)
            chosen = cast("_Record", choice)
            if chosen.get("index", 0) == 0 and self.finish is None:  # one reply was asked for; its end is its end
                self._take_choice(chosen, part)

    def _take_choice(self, choice: _Record, part: str) -> None:
        message: object = choice.get(part) or {}
        if not isinstance(message, dict):
            malformed(f"its {part} is no object", self.target)
        said = cast("_Record", message)
        self._take_text(said.get("content"), self._texts)
        self._take_text(said.get("refusal"), self._refusals)
        self._take_logprobs(choice.get("logprobs"))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._end(reason)

    def _take_text(self, text: Any, into: list[str]) -> None:
        if text is None or text == "":
            return
        if not isinstance(text, str) or not is_unicode(text):
            malformed("its content is no text", self.target)
        into.append(text)
        if into is self._texts and self.emit is not None:
            self.emit(text)

    def _take_logprobs(self, logprobs: Any) -> None:
        tokens: object = cast("_Record", logprobs).get("content") if isinstance(logprobs, dict) else None
        for token in cast("list[object]", tokens) if isinstance(tokens, list) else ():
            value: object = cast("_Record", token).get("logprob") if isinstance(token, dict) else None
            if isinstance(value, (int, float)) and math.isfinite(value):
                self._logprobs.append(float(value))

    def _end(self, reason: str) -> None:
        match reason:
            case "error":
                raise BackendFault("upstream", f"{self.target.base_url} failed in the middle of its reply")
            case "abort" | "cancelled":
                raise BackendFault("truncated", f"{self.target.base_url} stopped in the middle of its reply")
            case "tool_calls" | "function_call":
                malformed("it calls a tool, none was offered", self.target)
            case _:
                self.finish = reason


def _tokens(usage: Any) -> tuple[int, int] | None:
    if not isinstance(usage, dict):
        return None
    counts = [cast("_Record", usage).get(key) for key in ("prompt_tokens", "completion_tokens")]
    sane = [count for count in counts if type(count) is int and 0 <= count < _TOKENS_LIMIT]
    return (sane[0], sane[1]) if len(sane) == len(counts) else None
