"""One call to a local model: its request becomes a line to decode, the line's tokens become pieces of text."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msrun.backends.decoder import Line, Sampling
from msrun.backends.options import plain
from msrun.backends.port import BackendFault, Emit, Message, Reply, Request
from msrun.backends.price import Price
from msrun.backends.stop_text import StopText

if TYPE_CHECKING:
    import anyio

    from msrun.backends.model_load import Loaded

MAX_TOKENS = 1024
"""The longest reply where no `max_tokens` is set."""


@dataclass(slots=True, eq=False, kw_only=True)
class Job:
    """A call under way. The decoding thread writes it, the event loop reads it between two slices."""

    request: Request
    emit: Emit | None
    wake: "anyio.Event"
    writing: "Writing | None" = None
    fault: BackendFault | None = None
    done: bool = False
    gone: bool = False  # nobody waits for it any more

    @property
    def settled(self) -> bool:
        """Whether it needs nothing more of the model."""
        return self.done or self.gone or self.fault is not None

    def leave(self) -> None:
        """Take it out of the batch: the caller has its reply, or does not want it any more."""
        self.gone = True
        if self.writing is not None:
            self.writing.line.dropped = True

    def hand_on(self) -> None:
        """Emit what was decoded since the last time."""
        while self.writing is not None and self.writing.pieces:
            piece = self.writing.pieces.popleft()
            if piece and self.emit is not None and not self.gone:
                self.emit(piece)

    def advance(self) -> bool:
        """Turn new tokens into pieces; tell whether it is over for this call."""
        if self.writing is not None and not self.done:
            self.done = self.writing.advance()
        return self.settled


@dataclass(slots=True, eq=False, kw_only=True)
class Writing:
    """A reply being written: the line that is decoded, and the text that has become of it."""

    line: Line
    text: StopText
    spell: Callable[[int], str | None]  # the text that a token completes
    pieces: deque[str] = field(default_factory=deque[str])  # not handed on yet
    spelt: int = 0  # tokens that became text

    def advance(self) -> bool:
        """Spell the new tokens; tell whether the reply is finished."""
        for token in self.line.tokens[self.spelt :]:
            self.pieces.append(self.text.feed(self.spell(token) or ""))
        self.spelt = len(self.line.tokens)
        if self.text.stopped:
            self.line.dropped = True
        if self.line.going:
            return False
        self.pieces.append(self.text.finish())
        return True

    def reply(self, price: Price) -> Reply:
        """Return the finished reply."""
        line = self.line
        return Reply(
            text=self.text.text,
            usage=price.usage(len(line.prompt), len(line.tokens)),
            finish="stop" if line.ended or self.text.stopped else "length",
            logprob=line.logprob,
        )


def begin(
    loaded: "Loaded", request: Request, messages: Sequence[Message], defaults: Mapping[str, Any], context: int
) -> Writing:
    """Encode a request. `defaults` are the model's decoding settings; a prompt without room for a reply is a fault."""
    from tokenizers.decoders import DecodeStream

    settings = {**defaults, **{key: plain(value) for key, value in request.settings}}
    prompt = loaded.encode(messages)
    most = min(loaded.positions, context)
    if not prompt or len(prompt) >= most:
        message = f"the prompt has {len(prompt)} tokens, model `{request.model}` takes 1 to {most - 1}"
        raise BackendFault("request", message)
    sampling = Sampling(
        temperature=float(settings.get("temperature") or 0.0),
        top_k=settings.get("top_k"),
        top_p=settings.get("top_p"),
        seed=request.seed,
    )
    limit = min(int(settings.get("max_tokens") or MAX_TOKENS), most - len(prompt))
    stops = settings.get("stop") or ()
    stream, backend = DecodeStream(skip_special_tokens=True), loaded.tokenizer.backend_tokenizer
    return Writing(
        line=Line(prompt=prompt, limit=limit, sampling=sampling),
        text=StopText([stops] if isinstance(stops, str) else stops),
        spell=lambda token: stream.step(backend, token),
    )
