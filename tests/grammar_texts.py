"""Texts of the grammar itself: random derivations of its rules, whatever they mean."""

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from msrun.dsl.kinds.table import KINDS
from msrun.dsl.syntax import grammar
from msrun.dsl.values.filters import FILTERS

RULES = Path(grammar.__file__).with_name("plan.lark")
_RULE = re.compile(r"^(\w+):(.*?)(?=^\w+:|\Z)", re.MULTILINE | re.DOTALL)
_SYMBOL = re.compile(r'"[^"]*"|\w+')

NAMES = ["a", "question", "意图", "größe", "step_2", "raw", "x", *FILTERS]
KEYS = ["for:", "type:", "limit:", "in:", "not:", "case:"]
NUMBERS = ["0", "3", "2.5", "1e-3", "30s", "5%", "60k", "$0.02", "10min"]
TEXTS = [
    '""',
    '"a"',
    '"{{ x }}, {y}"',
    '"\\"\\\\\\n\\u{e9}"',
    'raw"{{ \\ }}"',
    '"中文：“”"',
    '"""\n  a\n    {{ x }}\n\n  """',
]


@cache
def rules() -> Mapping[str, Sequence[Sequence[str]]]:
    """Return the alternatives of every rule: symbols, and words or signs in quotes."""
    text = re.sub(r"//.*|%.*", "", RULES.read_text(encoding="utf-8"))
    found: dict[str, list[list[str]]] = {}
    for name, body in _RULE.findall(text):
        for alternative in re.split(r"\n\s+\||\s\|\s", body):
            symbols = alternative.partition("  ->")[0].partition(" -> ")[0]
            found.setdefault(name, []).append(_SYMBOL.findall(symbols) if symbols.strip() else [])
    return found


@cache
def _shortest() -> Mapping[str, int]:
    """Return the least number of tokens that each rule needs."""
    least: dict[str, int] = {}
    for _ in range(len(rules())):
        for name, alternatives in rules().items():
            sizes = [sum(_size(symbol, least) for symbol in each) for each in alternatives]
            least[name] = min(min(sizes), least.get(name, 10**6))
    return least


def _size(symbol: str, least: Mapping[str, int]) -> int:
    return least.get(symbol, 10**6) if symbol in rules() else 1


def derive(rng: random.Random, symbol: str, size: int) -> list[str]:
    """Return tokens of a random derivation: near `size` of them, or as few as there may be."""
    if symbol not in rules():
        return [_token(rng, symbol)]
    least = _shortest()
    options = [each for each in rules()[symbol] if sum(_size(part, least) for part in each) <= max(size, 0)]
    if not options:
        shortest = min(rules()[symbol], key=lambda each: sum(_size(part, least) for part in each))
        options = [shortest]
    chosen = rng.choice(options)
    spare = max(0, size - sum(_size(part, least) for part in chosen))
    shares = [rng.random() if part in rules() else 0.0 for part in chosen]
    whole = sum(shares) or 1.0
    tokens: list[str] = []
    for part, share in zip(chosen, shares, strict=True):
        tokens += derive(rng, part, _size(part, least) + int(spare * share / whole))
    return tokens


def _token(rng: random.Random, symbol: str) -> str:
    match symbol:
        case "NAME":
            return rng.choice(rng.choice((NAMES, list(KINDS), _settings())))
        case "KEY":
            return rng.choice(KEYS)[:-1]
        case "NUMBER":
            return rng.choice(NUMBERS)
        case "TEXT":
            return rng.choice(TEXTS)
        case _:
            return symbol.strip('"')


@cache
def _settings() -> list[str]:
    return sorted({setting.name for spec in KINDS.values() for setting in spec.settings})


def spread(rng: random.Random, tokens: Sequence[str]) -> str:
    """Put tokens one behind the other, with blanks, lines and comments as they come."""
    parts: list[str] = []
    for token in tokens:
        between = rng.choice((" ", " ", " ", "\n", "\n  ", "  # a remark\n", "\n\n\n## about it\n"))
        parts += [between if token != ":" else "", token]
    return "".join(parts) + "\n"


def text(seed: int, size: int) -> str:
    """Return a text of the grammar, about `size` tokens long."""
    rng = random.Random(seed)
    return spread(rng, derive(rng, "program", size))
