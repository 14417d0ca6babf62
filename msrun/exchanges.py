"""Calls of tests as they are stored: made of a request and its reply, and compared with a call that is not stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any

from msrun.backends.port import Reply, Request
from msrun.backends.redact import redactor
from msrun.cassette import Exchange, Said, Spent
from msrun.dsl.diff.words import marked, word_diff
from msrun.dsl.plan import ModelSpec
from msrun.dsl.values.plain import compact, is_list, is_record
from msrun.runtime.identity import identity, options


def exchange(spec: ModelSpec, request: Request, reply: Reply, test: str, secrets: Sequence[str]) -> Exchange:
    """Return a call and its reply as they are stored: every secret taken out, images as the hashes of their data."""
    redact = redactor(secrets)
    asked = _asked(spec, request, test, redact)
    usage = reply.usage
    return asked.model_copy(
        update={
            "reply": redact(reply.text),
            "finish": reply.finish,
            "logprob": reply.logprob,
            "usage": Spent(
                prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens, cost_usd=usage.cost_usd
            ),
        }
    )


def changes(spec: ModelSpec, request: Request, test: str, held: Sequence[Exchange]) -> tuple[str, ...]:
    """Say what differs between a call and the stored call that is nearest to it."""
    asked = _asked(spec, request, test, str)
    nearest = max(held, key=lambda each: _nearness(asked, each))
    found = tuple(_changes(nearest, asked))
    return found or (f"only the seed differs: a node was renamed, or `{nearest.node}` was recorded in another run",)


def _asked(spec: ModelSpec, request: Request, test: str, redact: Callable[[str], str]) -> Exchange:
    said = [
        Said(
            role=message.role,
            text=redact(message.content),
            images=tuple(sha256(image.encode()).hexdigest() for image in message.images),
        )
        for message in request.messages
    ]
    return Exchange(
        test=test,
        node=request.node,
        model=spec.name,
        identity=_redacted(identity(spec), redact),
        settings=_redacted(options(request.settings), redact),
        messages=tuple(said),
        reply="",
        reply_schema=request.schema,
        seed=request.seed,
        key=request.content,
    )


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return redact(value)
    if is_list(value):
        return [_redacted(item, redact) for item in value]
    if is_record(value):
        return {name: _redacted(item, redact) for name, item in value.items()}
    return value


def _nearness(asked: Exchange, held: Exchange) -> tuple[bool, bool, float]:
    place = asked.node == held.node and asked.test == held.test
    texts = SequenceMatcher(None, _text(held), _text(asked), autojunk=False)
    return place, asked.node == held.node, texts.quick_ratio()


def _text(exchange: Exchange) -> str:
    return "\n".join(message.text for message in exchange.messages)


def _changes(old: Exchange, new: Exchange) -> Iterator[str]:
    """The messages first: they change most often, and the first change stands beside the line of the test."""
    if len(old.messages) != len(new.messages):
        yield f"the conversation had {_count(old)}, now it has {_count(new)}"
    for before, after in zip(old.messages, new.messages, strict=False):
        if before.text != after.text:
            yield f"the {after.role} message changed: {marked(word_diff(before.text, after.text))}"
        if before.images != after.images:
            yield f"the images of the {after.role} message changed"
    if old.model != new.model and old.identity != new.identity:
        yield f"the model was `{old.model}`, now it is `{new.model}`"
    yield from _settings({**old.identity, **old.settings}, {**new.identity, **new.settings})
    if old.reply_schema != new.reply_schema:
        yield "the type of the reply changed"


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if is_record(before) and is_record(after) and "$" not in before:
            yield from _settings(before, after)
        elif name not in old:
            yield f"`{name}` is new: {compact(after)}"
        elif name not in new:
            yield f"`{name}` was {compact(before)}, now it is not set"
        else:
            yield f"`{name}` was {compact(before)}, now it is {compact(after)}"


def _count(exchange: Exchange) -> str:
    number = len(exchange.messages)
    return f"{number} message{'s' * (number != 1)}"
