"""The name that a misspelling may have meant: the same letters in another case first, else few edits away."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to `word`, or None where none is within a third of its length in edits.

    An edit is an insertion, a deletion, a substitution or two neighbours changing places (optimal string alignment).

    >>> nearest("slove", ["score", "solve"])
    'solve'
    >>> nearest("TEXT", ["texts", "text"])
    'text'
    """
    names = list(known)
    folded = word.casefold()
    same = next((name for name in names if name.casefold() == folded), None)
    if same is not None:
        return same
    limit = len(word) // 3
    best: str | None = None
    for name in names:
        if abs(len(name) - len(word)) <= limit and (found := edits(folded, name.casefold(), limit)) <= limit:
            best, limit = name, found - 1
    return best


def only_near(word: str, found: str, known: Iterable[str]) -> bool:
    """Whether `found`, which `nearest` gave, is the one name that may have been meant: no other is near as well.

    >>> only_near("slove", "solve", ["score", "solve"]), only_near("stp", "step", ["step", "stop"])
    (True, False)
    """
    folded, limit = word.casefold(), len(word) // 3
    same = found.casefold() == folded
    for name in known:
        if name != found and (name.casefold() == folded if same else edits(folded, name.casefold(), limit) <= limit):
            return False
    return True


def edits(left: str, right: str, limit: int) -> int:
    """Return the number of edits between two words, or any number above `limit` once it is passed."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and (not before or min(before) > limit):
            return limit + 1
    return row[-1]
