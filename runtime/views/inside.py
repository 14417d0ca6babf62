"""Paths of nodes inside nodes, read: `verdicts[3].verdict` is one of the times that `verdicts.verdict` runs."""

import re
from collections.abc import Iterator

_NUMBER = re.compile(r"\[\d+\]|#\d+|~\d+")
_TURN = re.compile(r"(?:\[\d+\])?(?:~\d+)?#(\d+)\.")


def written(path: str) -> str:
    """Return the path as it stands in the text: without numbers of cells, rounds, proposals and draws."""
    return _NUMBER.sub("", path)


def around(path: str) -> Iterator[str]:
    """Yield the paths of what the node stands in, the nearest first: nodes, and arms of `choose`, which are none."""
    while "." in path:
        path = path.rpartition(".")[0]
        end = path
        while end and (found := re.search(r"(?:\[\d+\]|#\d+|~\d+)\Z", end)):
            end = end[: found.start()]
        yield end


def turn(path: str, group: str) -> int:
    """Return the number of the group's round or proposal that the node stands in; 0 where the group counts none."""
    found = _TURN.match(path, len(group))
    return int(found[1]) if found else 0
