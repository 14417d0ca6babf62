"""What diagnostics say: one entry a code (or `CODE/variant`), with `{slots}` that the diagnostic's values fill.

The voice: one sentence without jargon says what is wrong; `labels` say what stands at each place; `help` is code that
parses, or one instruction.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal, TypeAlias

from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.words.entry import Entry

Language: TypeAlias = Literal["en", "zh"]
"""The languages that findings are said in. Codes, names and code are the same in all of them."""

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def entries(lang: Language = "en") -> dict[str, Entry]:
    """Return every entry by its name; imported when the first diagnostic is read."""
    if lang == "zh":
        from msrun.dsl.words.zh import ENTRIES

        return ENTRIES
    from msrun.dsl.words import (
        alike,
        blocks,
        bodies,
        bounds,
        choice,
        failure,
        flow,
        kinds,
        knowledge,
        names,
        privacy,
        syntax,
        testing,
        training,
    )

    return {
        **syntax.ENTRIES,
        **names.ENTRIES,
        **kinds.ENTRIES,
        **choice.ENTRIES,
        **failure.ENTRIES,
        **privacy.ENTRIES,
        **flow.ENTRIES,
        **blocks.ENTRIES,
        **alike.ENTRIES,
        **bodies.ENTRIES,
        **testing.ENTRIES,
        **bounds.ENTRIES,
        **training.ENTRIES,
        **knowledge.ENTRIES,
    }


def message(diagnostic: Diagnostic, lang: Language = "en") -> str:
    """Return the sentence that says what is wrong."""
    return fill(entries(lang)[diagnostic.entry].message, diagnostic, lang)


def labels(diagnostic: Diagnostic, lang: Language = "en") -> tuple[str, ...]:
    """Return the words at each place, as many as there are places."""
    count = len(diagnostic.places)
    words = [fill(label, diagnostic, lang) for label in entries(lang)[diagnostic.entry].labels[:count]]
    return tuple(words + [""] * (count - len(words)))


def advice(diagnostic: Diagnostic, lang: Language = "en") -> str:
    """Return the help line, or an empty text."""
    return fill(entries(lang)[diagnostic.entry].help, diagnostic, lang)


def severity(diagnostic: Diagnostic, lang: Language = "en") -> str:
    """Return the word in front of the code."""
    return {"error": "错误", "warning": "警告"}[diagnostic.severity] if lang == "zh" else diagnostic.severity


def help_word(lang: Language = "en") -> str:
    """Return the word in front of the help; it takes four columns of a terminal in every language."""
    return "帮助" if lang == "zh" else "help"


def fill(words: str, diagnostic: Diagnostic, lang: Language = "en") -> str:
    """Put the diagnostic's values into the `{slots}`; a value is never scanned again."""
    values = dict(diagnostic.values)
    if lang == "zh":
        from msrun.dsl.words.zh.values import spaced, translated

        return _joined(words, translated(values), spaced)
    return _joined(words, values, _as_it_is)


def _joined(words: str, values: Mapping[str, str], fit: Callable[[str, str, str], str]) -> str:
    """Put values between the words around their slots; `fit` is given what stands before and after."""
    parts = words.split("{")
    out = [parts[0]]
    for part in parts[1:]:
        slot, close, rest = part.partition("}")
        if not close or slot not in values:
            out.append("{" + part)
            continue
        out.append(fit(out[-1], values[slot], rest) + rest)
    return "".join(out)


def _as_it_is(_before: str, value: str, _after: str) -> str:
    return value
