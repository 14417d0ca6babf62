"""Makes questions that the model must refuse: other operations, broken formulas, other topics, a stray word or sign.

Those for testing take their words from another set than those for training.
"""

import random
import string
from collections.abc import Callable
from dataclasses import dataclass

from formulas import is_formula, is_spelled, random_formula
from phrasing import STYLES, frame, spelled
from words import TESTING, TRAINING, Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A question outside the domain; `formula` is what it says if that is made of the domain's signs alone."""

    question: str
    formula: str = ""


def refusal(rng: random.Random, *, held_out: bool = False) -> Refusal:
    """One question outside the domain; `held_out` takes its words from the test vocabulary."""
    words = TESTING if held_out else TRAINING
    while True:
        found = rng.choices(_KINDS, _WEIGHTS)[0](rng, words)
        if found is not None and len(found.question) <= 160:
            return found


def _topic(rng: random.Random, words: Vocabulary) -> Refusal:
    """A question about something else."""
    in_english = rng.random() < 0.6
    template, nouns = (
        (rng.choice(words.english), words.nouns) if in_english else (rng.choice(words.chinese), words.chinese_nouns)
    )
    while "{w}" in template:
        template = template.replace("{w}", rng.choice(nouns) if rng.random() < 0.5 else _nonsense(rng), 1)
    while "{n}" in template:
        template = template.replace("{n}", str(rng.randrange(10 ** rng.randint(1, 4))), 1)
    return Refusal(question=rng.choice((template, template, template.rstrip("?？.。"), template.lower())))


def _operators(rng: random.Random, words: Vocabulary) -> Refusal:
    """A formula with an operator that the domain lacks in place of one of its own."""
    formula = random_formula(rng, rng.randint(1, 6))
    at = rng.choice([at for at, char in enumerate(formula) if char in "+-*"])
    style = rng.choice(STYLES)
    before, after = (
        spelled(rng, part, style) if rng.random() < 0.7 else part for part in (formula[:at], formula[at + 1 :])
    )
    return Refusal(question=frame(rng, f"{before}{rng.choice(words.operators)}{after}", style))


def _broken(rng: random.Random, _: Vocabulary) -> Refusal | None:
    """A formula with a sign too many, too few or out of place, when that takes it out of the domain."""
    formula = random_formula(rng, rng.randint(1, 6))
    for _times in range(rng.choice((1, 1, 1, 2))):
        formula = rng.choice((_dropped, _inserted, _swapped, _doubled))(rng, formula)
    return _asked(rng, formula)


def _asked(rng: random.Random, formula: str) -> Refusal | None:
    """A question for a formula outside the domain, None when it is in it."""
    style = rng.choice(STYLES)
    if is_formula(formula):
        return None
    return Refusal(
        question=frame(rng, spelled(rng, formula, style), style), formula=formula if is_spelled(formula) else ""
    )


def _dropped(rng: random.Random, text: str) -> str:
    at = rng.choice([at for at, char in enumerate(text) if not char.isdigit()] or [0])
    return text[:at] + text[at + 1 :]


def _inserted(rng: random.Random, text: str) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice("()+-*") + text[at:]


def _swapped(rng: random.Random, text: str) -> str:
    at = rng.randrange(max(1, len(text) - 1))
    return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]


def _doubled(rng: random.Random, text: str) -> str:
    at = rng.choice([at for at, char in enumerate(text) if not char.isdigit()] or [0])
    return text[:at] + text[at] + text[at:]


def _strange(rng: random.Random, words: Vocabulary) -> Refusal:
    """An in-domain question with a word or a stray character put into it."""
    style = rng.choice(STYLES)
    expression = spelled(rng, random_formula(rng, rng.randint(1, 6)), style)
    noun = rng.choice(words.chinese_nouns if style == "chinese" else words.nouns)
    extra = rng.choice((noun, f" {noun} ", f" {noun} ", _nonsense(rng), f" {_nonsense(rng)} ", _symbol(rng)))
    text = expression if rng.random() < 0.6 else frame(rng, expression, style)
    at = rng.choice((0, len(text), rng.randint(0, len(text)), rng.randint(0, len(text))))
    text = f"{text[:at]}{extra}{text[at:]}"
    return Refusal(question=frame(rng, text, style) if rng.random() < 0.5 else text)


def _too_many(rng: random.Random, _: Vocabulary) -> Refusal | None:
    """More operations than the domain has."""
    return _asked(rng, random_formula(rng, rng.choice((7, 7, 7, 8, 8, 9, 10))))


def _not_whole(rng: random.Random, _: Vocabulary) -> Refusal:
    """A number that is too long or not whole, or two numbers side by side."""
    style = rng.choice(STYLES)
    formula = random_formula(rng, rng.randint(1, 6))
    starts = [at for at, char in enumerate(formula) if char.isdigit() and (at == 0 or not formula[at - 1].isdigit())]
    at = rng.choice(starts)
    end = at + next((n for n, char in enumerate(formula[at:]) if not char.isdigit()), len(formula) - at)
    number, more = formula[at:end], rng.randrange(1000)
    long = str(rng.randrange(1000, 10 ** rng.randint(4, 7)))
    unlike = (f"{number}.{more}", f"{number},{more}", f"0{number}", f"0{number}", f"{number} {more}")
    wrong = rng.choice((long, long, *unlike))
    before, after = spelled(rng, formula[:at], style), spelled(rng, formula[end:], style)
    return Refusal(question=frame(rng, f"{before}{wrong}{after}", style))


def _too_little(rng: random.Random, _: Vocabulary) -> Refusal | None:
    """No operation, or an operand missing at one end."""
    number, formula, operator = str(rng.randrange(1000)), random_formula(rng, rng.randint(1, 5)), rng.choice("+-*")
    shape = rng.choice(
        (
            "{n}",
            "({n})",
            "",
            "{o}{n}",
            "-{f}",
            "{f}{o}",
            "({n}){o}{f}",
            "{n}({f})",
            "{f}{o}-{n}",
            "{f}{o}({n})",
            "({f}",
            "{f})",
        )
    )
    return _asked(rng, shape.format(n=number, f=formula, o=operator))


def _noise(rng: random.Random, _: Vocabulary) -> Refusal | None:
    """Characters in any order."""
    alphabet = rng.choice(
        (string.digits + "+-*()" * 2, string.ascii_letters + " ", string.printable[:95], "加减乘等于多少请计算")
    )
    text = "".join(rng.choice(alphabet) for _ in range(rng.randint(0, 20)))
    return None if is_spelled(text.strip(" =?").replace(" ", "")) else Refusal(question=text)


def _nonsense(rng: random.Random) -> str:
    """A word that means nothing; sometimes in capitals or another script."""
    if rng.random() < 0.2:
        first = rng.choice((0x6000, 0x6000, 0x0430, 0x03B1, 0x3042, 0x0627))
        return "".join(chr(first + rng.randrange(2000 if first == 0x6000 else 24)) for _ in range(rng.randint(1, 3)))
    sounds = ("aeiou", "bcdfghklmnprstvw")
    word = "".join(
        rng.choice(sounds[n % 2] if rng.random() < 0.9 else string.ascii_lowercase) for n in range(rng.randint(1, 8))
    )
    word = "xo" if word == "x" else word
    return rng.choice((word, word, word.capitalize(), word.upper()))


def _symbol(rng: random.Random) -> str:
    """One character that is in no question of the domain, or not there."""
    return rng.choice("abcdefghijklmnopqrstuvwyz$#@!&_~`'\"\\/^%<>:;,[]{}|€£°²³½∑√πé÷")


_KINDS: tuple[Callable[[random.Random, Vocabulary], Refusal | None], ...] = (
    _topic, _operators, _broken, _strange, _too_many, _not_whole, _too_little, _noise,
)  # fmt: skip
_WEIGHTS = (18, 14, 22, 22, 5, 9, 8, 2)
