"""A cassette: what real models replied to the calls of a file's tests, one line of JSON each, kept beside the plan.

A call is found by its content key, the hash of everything that decides the reply; the rest of a line is for people,
who review it in a diff, and for saying what changed where a call is not found.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from msrun.backends.port import Finish
from msrun.dsl.values.jsontext import JsonRefused, parse
from msrun.errors import CassetteInvalid


class Said(BaseModel):
    """One message of a call; an image is the hash of its data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str
    text: str
    images: tuple[str, ...] = ()


class Spent(BaseModel):
    """Tokens and US dollars of a call when it was recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0


class Exchange(BaseModel):
    """One call and its reply. `test` and `node` are where it was made, `model` is the model's name in the plan.

    `identity` is what that name stands for; `settings` are the node's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    test: str
    node: str
    model: str
    identity: Mapping[str, Any] = Field(default_factory=dict[str, Any])
    settings: Mapping[str, Any] = Field(default_factory=dict[str, Any])
    messages: tuple[Said, ...]
    reply: str
    finish: Finish = "stop"
    logprob: float | None = None
    usage: Spent = Spent()
    reply_schema: Mapping[str, Any] | None = None
    seed: int = 0
    key: str = Field(pattern="^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Cassette:
    """The recorded calls by their keys, in the order of the file."""

    path: Path
    exchanges: Mapping[str, Exchange]


def read_cassette(path: Path) -> Cassette:
    """Read a cassette; one that is not there holds nothing. Raises CassetteInvalid, which names the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Cassette(path, {})
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteInvalid(
            f"`{path}` cannot be read: {error}", help=f"msrun test --record=all, without {path}"
        ) from None
    exchanges: dict[str, Exchange] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            exchange = _exchange(path, number, line)
            exchanges[exchange.key] = exchange
    return Cassette(path, exchanges)


def written(exchanges: Iterable[Exchange]) -> bytes:
    """Return the file that holds these calls; what is at its default is left out."""
    return b"".join(_line(exchange) for exchange in exchanges)


def _line(exchange: Exchange) -> bytes:
    plain = exchange.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace") + b"\n"


def _exchange(path: Path, number: int, line: str) -> Exchange:
    help_ = f"delete line {number}, then msrun test --record"
    try:
        return Exchange.model_validate(parse(line))
    except JsonRefused as error:
        raise CassetteInvalid(f"line {number} of `{path}` is no JSON: {error.message}", help=help_) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise CassetteInvalid(
            f"line {number} of `{path}` is no recorded call: {where}: {first['msg']}", help=help_
        ) from None
