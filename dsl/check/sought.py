"""The files that a pattern such as `docs/**/*.md` names: plain ones below one folder, none hidden, none by a link."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

MOST_FILES = 10_000
"""Files that one pattern may name, and a tenth of those that are looked at."""

_WILD = frozenset("*?[")
_FORBIDDEN = frozenset("\\:") | {chr(code) for code in (*range(32), 127)}


class Outside(Exception):  # noqa: N818 - it says what is so, as all findings do
    """A pattern that leads out of the plan's folder, or is no relative path."""


class Lost(Exception):  # noqa: N818
    """The folder that a pattern begins with is not there; `known` are the folders beside it."""

    def __init__(self, folder: str, known: str) -> None:
        super().__init__(folder)
        self.folder = folder
        self.known = known


def place(folder: str, written: str) -> str:
    """Return a pattern as one below the root, written in a file of this folder. Raises Outside.

    >>> place("lib", "../docs/*.md")
    'docs/*.md'
    """
    if _FORBIDDEN & set(written) or written.startswith(("/", "~")) or not written.strip("./"):
        raise Outside(written)
    steps = folder.split("/") if folder else []
    for step in written.split("/"):
        if step == "..":
            if not steps or _WILD & set(steps[-1]):
                raise Outside(written)
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def matching(root: Path | None, pattern: str, texts: Mapping[str, str]) -> list[str]:
    """Return the files that a pattern names, by their paths below the root, sorted. Raises Lost."""
    steps = pattern.split("/")
    found = {key for key in texts if fits(key.split("/"), steps)}
    if root is not None:
        start = _start(root, steps, found)
        found.update(key for key in _files(root, start) if fits(key.split("/"), steps))
    return sorted(found)[:MOST_FILES]


def fits(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the steps of a path are those of a pattern; `**` stands for any number of steps.

    >>> fits(["docs", "en", "a.md"], ["docs", "**", "*.md"])
    True
    """
    at = _past_stars({0}, pattern)
    for step in path:
        following: set[int] = set()
        for place in at:
            if place < len(pattern) and pattern[place] == "**":
                following.add(place)
            elif place < len(pattern) and fnmatchcase(step, pattern[place]):
                following.add(place + 1)
        at = _past_stars(following, pattern)
    return len(pattern) in at


def _past_stars(places: Iterable[int], pattern: Sequence[str]) -> set[int]:
    found: set[int] = set()
    for place in places:
        found.add(place)
        while place < len(pattern) and pattern[place] == "**":
            place += 1
            found.add(place)
    return found


def _start(root: Path, steps: Sequence[str], found: set[str]) -> str:
    """The folder that the pattern begins with, up to its first wild step."""
    fixed: list[str] = []
    for step in steps[:-1]:
        if _WILD & set(step):
            break
        here = root.joinpath(*fixed, step)
        if not here.is_dir() or here.is_symlink():
            if found:
                break
            raise Lost("/".join([*fixed, step]), _folders(root.joinpath(*fixed)))
        fixed.append(step)
    return "/".join(fixed)


def _folders(at: Path) -> str:
    try:
        names = sorted(each.name for each in at.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError:
        names = []
    return ", ".join(f"`{name}`" for name in names[:12]) or "none"


def _files(root: Path, start: str) -> Iterator[str]:
    seen = 0
    for at, folders, files in os.walk(root / start):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            seen += 1
            path = Path(at) / name
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path.relative_to(root).as_posix()
        if seen > MOST_FILES * 10:
            return
