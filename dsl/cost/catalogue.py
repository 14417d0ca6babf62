"""The catalogue: what is known of models by their ids, each with a source and a date. Data, read from JSON.

A model that is not in it is unknown: nothing is said against it, and what it costs is not known.
"""

import re
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from msrun.dsl.plan import ModelSpec, Value
from msrun.dsl.values.jsontext import JsonRefused, parse
from msrun.dsl.values.plain import is_list, is_number, is_record

HOME = "https://api.openai.com/v1"
"""Where a model of `openai` is asked, unless it says `base_url`."""

LOCAL = frozenset({"ollama", "vllm", "transformers", "bundled", "trained", "scripted"})
"""Backends that nobody is paid for, unless the model says a price."""

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_HERE = re.compile(r"https?://(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(/|$)")


class CatalogueError(ValueError):
    """The JSON is no catalogue; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of one model; None is unknown. `id` may end in `*`; a dated snapshot counts as its model.

    context, output: tokens of prompt and reply together, and of a reply. price_in, price_out: US dollars for a million
    tokens. speed: tokens of a reply in a second. reasoning: it is paid for tokens that it does not show. refuses:
    settings that its server does not take.
    """

    backend: str
    id: str
    context: int | None = None
    output: int | None = None
    vision: bool | None = None
    structured: bool | None = None
    logprobs: bool | None = None
    reasoning: bool = False
    price_in: float | None = None
    price_out: float | None = None
    speed: float | None = None
    refuses: tuple[str, ...] = ()
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens of prompt, and of reply."""

    prompt_usd: float
    reply_usd: float


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entries; a later one wins."""

    entries: tuple[Entry, ...] = field(default=())

    def of(self, spec: ModelSpec) -> Entry:
        """Return what is known of a model: its own settings first, then the last entry that names it."""
        id_ = _SNAPSHOT.sub("", spec.id) if spec.backend == "openai" else spec.id
        found = Entry(backend=spec.backend, id=spec.id)
        if spec.backend != "openai" or _setting(spec, "base_url") in (None, HOME):
            for entry in self.entries:
                if entry.backend == spec.backend and (fnmatchcase(id_, entry.id) or entry.id == spec.id):
                    found = entry
        own = {name: value for name in _OWN if (value := _setting(spec, name)) is not None}
        return replace(found, **own)  # type: ignore[arg-type]

    def price(self, spec: ModelSpec) -> Price | None:
        """Return what a model's tokens cost; None where nobody said."""
        known = self.of(spec)
        if known.price_in is not None or known.price_out is not None:
            return Price(known.price_in or 0.0, known.price_out or 0.0)
        base_url = _setting(spec, "base_url")
        here = isinstance(base_url, str) and _HERE.match(base_url) is not None
        local = spec.backend in LOCAL and not isinstance(base_url, str)
        return Price(0.0, 0.0) if here or local else None

    def over(self, other: "Catalogue") -> "Catalogue":
        """Return a catalogue that knows what both do; this one wins."""
        return Catalogue((*other.entries, *self.entries))


_OWN = ("context", "vision", "price_in", "price_out", "speed")
"""What a model's own settings may say."""


def _setting(spec: ModelSpec, name: str) -> Value:
    return dict(spec.named).get(name, spec.setting(name))


@cache
def standard() -> Catalogue:
    """Return the catalogue that comes with msrun."""
    return read(files("msrun.dsl.cost").joinpath("catalogue.json").read_text(encoding="utf-8"))


def read(text: str) -> Catalogue:
    """Return the catalogue of a JSON text. Raises CatalogueError."""
    try:
        return catalogue(parse(text))
    except JsonRefused as error:
        raise CatalogueError(f"it is no JSON: {error.message}") from None


def catalogue(data: Any) -> Catalogue:
    """Return the catalogue of plain values: {"models": [{"backend": …, "id": …, …}]}. Raises CatalogueError."""
    models = data.get("models") if is_record(data) else None
    if not is_record(data) or set(data) != {"models"} or not is_list(models):
        raise CatalogueError('it must be {"models": [{"backend": "openai", "id": "…", "price_in": 1.25}]}')
    return Catalogue(tuple(_entry(at, each) for at, each in enumerate(models)))


def _entry(at: int, row: Any) -> Entry:
    if not is_record(row):
        raise CatalogueError(f"models[{at}] is no record")
    known = {each.name: each.type for each in fields(Entry)}
    for name, value in row.items():
        if name not in known or not _is(value, name):
            raise CatalogueError(f"models[{at}]: " + (f"`{name}` is not known" if name not in known else _wanted(name)))
    if "backend" not in row or "id" not in row:
        raise CatalogueError(f"models[{at}] needs `backend` and `id`")
    made: dict[str, Any] = {name: tuple(value) if is_list(value) else value for name, value in row.items()}
    return Entry(**made)


_TEXTS = ("backend", "id", "source", "date")
_FLAGS = ("vision", "structured", "logprobs", "reasoning")
_WHOLE = ("context", "output")


def _is(value: Any, name: str) -> bool:
    if name in _TEXTS:
        return isinstance(value, str)
    if name in _FLAGS:
        return isinstance(value, bool)
    if name == "refuses":
        return is_list(value) and all(isinstance(each, str) for each in value)
    return is_number(value) and value >= 0 and (name not in _WHOLE or value == int(value) > 0)


def _wanted(name: str) -> str:
    if name == "refuses":
        return "`refuses` must be a list of texts"
    kinds = ((_TEXTS, "a text"), (_FLAGS, "true or false"), (_WHOLE, "a whole number"))
    return f"`{name}` must be {next((words for names, words in kinds if name in names), 'a number')}"
