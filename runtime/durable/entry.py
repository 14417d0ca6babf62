"""Entries: what a run's journal is made of, each chained to the one before it so that a changed byte is noticed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, TypeAlias, get_args

from msrun.backends.port import Usage
from msrun.dsl.values.jsontext import JsonRefused, parse
from msrun.runtime.durable.fault import JournalFault
from msrun.runtime.journal import CallKey, Done, Intent

EntryKind: TypeAlias = Literal["begin", "intent", "done", "failed", "end"]
"""`begin` and `end` are about the run: it was claimed (again), it ended. The others are about one call."""

KINDS: tuple[EntryKind, ...] = get_args(EntryKind)

LINK_BYTES = 16
"""128 bits: enough to notice damage; who may write the file may also forge the chain."""

FIRST_LINK = bytes(LINK_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `node` to `attempt` are the call's key, `content` the hash of all that decides its result (hex).

    `body` is JSON: of `begin` what the run is, of `intent` what was asked, of `done` what came back.
    """

    kind: EntryKind
    node: str = ""
    cell: int | None = None
    sample: int | None = None
    attempt: int = 0
    content: str = ""
    body: str = ""

    def link(self, before: bytes) -> bytes:
        """Return the chain's value after this entry, from that before it; 16 bytes (BLAKE2b, RFC 7693)."""
        head = f"{self.kind}\0{self.node}\0{self.cell}\0{self.sample}\0{self.attempt}\0{self.content}\0"
        return blake2b(before + (head + self.body).encode("utf-8", "surrogatepass"), digest_size=LINK_BYTES).digest()

    def key(self, run: str) -> CallKey:
        """Return the key of the call."""
        return CallKey(run=run, node=self.node, cell=self.cell, sample=self.sample, attempt=self.attempt)


def verify(entries: Iterable[tuple[Entry, bytes]], run: str) -> bytes:
    """Check a run's chain from its first entry and return its last link. Raises JournalFault of kind `damaged`."""
    link = FIRST_LINK
    for at, (entry, stored) in enumerate(entries):
        link = entry.link(link)
        if link != stored:
            raise JournalFault("damaged", f"entry {at} of run {run} is not what was written")
    return link


def of_intent(intent: Intent) -> Entry:
    """Return the entry that says a call is about to be made."""
    body: dict[str, Any] = {"to": intent.target}
    if intent.request is not None:
        body["q"] = intent.request
    if not intent.repeatable:
        body["once"] = True
    return _of("intent", intent.key, intent.content, body)


def of_done(done: Done) -> Entry:
    """Return the entry that says how a call ended: its output and cost in one, or its fault."""
    if done.error is not None:
        return _of("failed", done.key, done.content, {"error": done.error})
    usage = done.usage
    body: dict[str, Any] = {"o": done.output}
    if usage != Usage():
        body["u"] = [usage.prompt_tokens, usage.completion_tokens, usage.cost_usd, int(usage.estimated)]
    if done.logprob is not None:
        body["l"] = done.logprob
    return _of("done", done.key, done.content, body)


def to_done(entry: Entry, run: str) -> Done:
    """Return the finished call that a `done` entry tells of. Raises JournalFault of kind `damaged`."""
    body = read_body(entry)
    try:
        prompt, completion, cost, estimated = body.get("u", (0, 0, 0.0, 0))
        usage = Usage(
            prompt_tokens=int(prompt),
            completion_tokens=int(completion),
            cost_usd=float(cost),
            estimated=bool(estimated),
        )
        logprob = body.get("l")
        return Done(
            key=entry.key(run),
            content=entry.content,
            output=body["o"],
            usage=usage,
            logprob=None if logprob is None else float(logprob),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise JournalFault("damaged", f"the result of `{entry.node}` in run {run} cannot be read") from error


def read_body(entry: Entry) -> dict[str, Any]:
    """Return what an entry's body says. Raises JournalFault of kind `damaged` where it is no JSON object."""
    try:
        body = parse(entry.body)
    except JsonRefused as error:
        raise JournalFault(
            "damaged", f"an entry of `{entry.node or 'the run'}` cannot be read: {error.message}"
        ) from None
    if not isinstance(body, dict):
        raise JournalFault("damaged", f"an entry of `{entry.node or 'the run'}` is no object")
    return body  # pyright: ignore[reportUnknownVariableType] - JSON enters here


def compact(value: Any) -> str:
    """Write a plain value as JSON without blanks. Raises ValueError for anything that JSON cannot say."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _of(kind: EntryKind, key: CallKey, content: str, body: Any) -> Entry:
    return Entry(
        kind=kind,
        node=key.node,
        cell=key.cell,
        sample=key.sample,
        attempt=key.attempt,
        content=content,
        body=compact(body),
    )
