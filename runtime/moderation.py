"""Moderations: judges that may deny a text, found by their names. Two word lists are shipped; others are installed.

A package brings one by an entry point of the group `msrun.moderations`; a program gives its own to `msrun.load`.
"""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, cast

from msrun.runtime.outcome import NodeFault

Moderate: TypeAlias = Callable[[str], "str | Awaitable[str | None] | None"]
"""Says why a text is denied, or None where it may pass. A plain function runs in a thread of its own."""

GROUP = "msrun.moderations"


@dataclass(frozen=True, slots=True)
class WordList:
    """Denies a text in which one of the words stands. It finds words, not what is meant by them.

    Case, width and invisible signs do not matter. Chinese words are found with blanks and signs between their
    characters too; words in letters only where they stand alone.
    """

    words: Sequence[str]

    def __call__(self, text: str) -> str | None:
        """Return the word that was found, or None."""
        folded = _folded(text)
        packed = "".join(sign for sign in folded if sign.isalnum())
        for word in self.words:
            if word.isascii():
                if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", folded):
                    return word
            elif word in packed:
                return word
        return None


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(sign for sign in plain if unicodedata.category(sign) != "Cf").split())


def open_moderation(name: str, given: Mapping[str, Moderate]) -> Moderate:
    """Return the moderation of this name: a given one, a shipped one, or an installed one. Raises NodeFault."""
    if name in given:
        return given[name]
    if name in SHIPPED:
        from msrun.runtime.moderation_words import words

        return WordList(words(name))
    from importlib.metadata import entry_points

    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if not found:
        known = ", ".join(sorted({*given, *SHIPPED, *(point.name for point in entry_points(group=GROUP))}))
        raise NodeFault("missing", f"there is no moderation `{name}`", help=f"there are: {known}")
    try:
        loaded: object = found[0].load()
    except Exception as error:
        told = f"moderation `{name}` of {found[0].value} cannot be loaded: {type(error).__name__}: {error}"
        raise NodeFault("missing", told) from error
    if not callable(loaded):
        raise NodeFault("missing", f"moderation `{name}` of {found[0].value} is no function")
    return partial(_ask, cast("Moderate", loaded))


async def _ask(moderate: Moderate, text: str) -> str | None:
    return await judge(moderate, text)


SHIPPED = ("en-default", "zh-default")
"""The moderations that come with msrun."""


async def judge(moderate: Moderate, text: str) -> str | None:
    """Ask a moderation about a text; a function that is not async must not hold up the run."""
    from inspect import isawaitable, iscoroutinefunction

    from anyio.to_thread import run_sync

    if isinstance(moderate, WordList):
        return moderate(text)
    inner = getattr(moderate, "func", moderate)
    if iscoroutinefunction(inner) or iscoroutinefunction(getattr(inner, "__call__", None)):  # noqa: B004
        said = moderate(text)
    else:
        said = await run_sync(moderate, text)
    return await said if isawaitable(said) else said
