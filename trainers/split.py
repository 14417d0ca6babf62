"""Splits rows into parts by the hash of a key, so that no row changes its part when the data grow."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from msrun.dsl.plan import Made, Value, ValueMap
from msrun.trainers.settings import Settings, column, spelled

WHOLE = "rows"
"""The only part of a dataset without `split`."""


@dataclass(frozen=True, slots=True)
class Split:
    """Parts with their fractions (which add up to 1), and the column whose hash decides; None: the whole row."""

    parts: tuple[str, ...] = (WHOLE,)
    fractions: tuple[float, ...] = (1.0,)
    by: str | None = None

    def chooser(self) -> Callable[[Any], str]:
        """Return the function from a key (a JSON value) to its part."""
        edges = list(accumulate(self.fractions))[:-1]
        parts = self.parts
        return lambda key: parts[bisect_right(edges, fraction(key))]


UNSPLIT = Split()


def fraction(key: Any) -> float:
    """Return a number in [0, 1) that depends on the key alone, spread evenly."""
    canonical = json.dumps(key, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(canonical.encode()).digest()[:6], "big") / 2**48


def read_split(value: Value, settings: Settings) -> Split:
    """Return what `split: {train: 90%, test: 10%, by: hash(.id)}` says; raises TrainingFault."""
    if value is None:
        return UNSPLIT
    if not isinstance(value, ValueMap):
        raise settings.fault(f"`split` must be a record of parts, not {spelled(value)}", _EXAMPLE)
    parts = [(name, share) for name, share in value.entries if name != "by"]
    fractions = [_fraction(name, share, settings) for name, share in parts]
    if abs(sum(fractions) - 1) > 1e-9:
        raise settings.fault(f"the parts of `split` add up to {sum(fractions):.0%}, not 100%", _EXAMPLE)
    return Split(tuple(name for name, _ in parts), tuple(fractions), _key(value.get("by"), settings))


_EXAMPLE = "split: {train: 90%, test: 10%, by: hash(.id)}"


def _fraction(name: str, share: Value, settings: Settings) -> float:
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise settings.fault(f"the part `{name}` of `split` must be a share above 0%, not {spelled(share)}", _EXAMPLE)
    return float(share)


def _key(value: Value, settings: Settings) -> str | None:
    match value:
        case None:
            return None
        case Made("hash", (accessor,), ()):
            return column(accessor, settings, "`by` of `split`")
        case _:
            raise settings.fault(f"`by` of `split` must be hash(.column), not {spelled(value)}", _EXAMPLE)


def names(parts: Sequence[str], stage: str) -> str:
    """Return the parts as a plan names them, for messages: `questions.train, questions.test`."""
    return ", ".join(stage if part == WHOLE else f"{stage}.{part}" for part in parts)
