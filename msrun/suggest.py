"""The nearest of the names that would have been right, for the help line of a misspelling."""

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the one name that `word` may have meant, or None where none is near."""
    from difflib import get_close_matches

    known = list(names)
    folded = {name.casefold(): name for name in known}
    if word.casefold() in folded:
        return folded[word.casefold()]
    matches = get_close_matches(word, known, n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, names: Iterable[str], *, otherwise: str = "") -> str:
    """Return a help line: the nearest name in backquotes, or `otherwise`."""
    found = nearest(word, names)
    return f"did you mean `{found}`?" if found else otherwise
