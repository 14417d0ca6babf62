"""The help line of a misspelling: the nearest of the names that would have been right."""

from collections.abc import Iterable

from msrun.dsl.check.near import nearest


def did_you_mean(word: str, names: Iterable[str], *, otherwise: str = "") -> str:
    """Return a help line: the nearest name in backquotes, or `otherwise`."""
    found = nearest(word, names)
    return f"did you mean `{found}`?" if found else otherwise
