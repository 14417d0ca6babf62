"""An event as a JSON object: what `--jsonl` prints and what other programs fold."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

from msrun.runtime.events import Event


def to_json(event: Event) -> str:
    """Write an event on one line, its kind first."""
    record = {"kind": event.kind, **{f.name: getattr(event, f.name) for f in fields(event) if f.name != "kind"}}
    return json.dumps(record, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    raise TypeError(f"{type(value).__name__} is no JSON")
