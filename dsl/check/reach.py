"""The files that an import may reach: plain files below one folder, never through a link, a device or an absolute path.

A path is judged as text first. What is left is opened folder by folder from the root, each step refusing links, so
that nothing that changes meanwhile can lead outside (openat(2) with O_NOFOLLOW).
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from msrun.dsl.check.sought import matching

Refusal: TypeAlias = Literal["E0108/path", "E0108/outside"]

MOST_BYTES = 4_194_305
"""Bytes read of one file: past the largest plan in UTF-8, so that a larger one is seen to be too large."""

MOST_OFFERED = 500
"""Files looked at for a did-you-mean."""

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\:]")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class Unreadable(Exception):  # noqa: N818 - it says what is so, as all findings do
    """A file that is there and is no plan file; the message says why."""


def locate(folder: str, written: str, endings: tuple[str, ...] = (".plan",)) -> tuple[str, Refusal | None]:
    """Return where a written path leads from a folder of the root, as a path below the root; or why it is refused.

    >>> locate("lib", "../tools.plan")
    ('tools.plan', None)
    >>> locate("", "../tools.plan")
    ('../tools.plan', 'E0108/outside')
    >>> locate("", "/etc/passwd")
    ('/etc/passwd', 'E0108/path')
    """
    if _FORBIDDEN.search(written) or written.startswith(("/", "~")) or not written.endswith(endings):
        return written, "E0108/path"
    steps = folder.split("/") if folder else []
    for step in written.split("/"):
        if step == "..":
            if not steps:
                return written, "E0108/outside"
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps), None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where imports are read from: texts at hand by their paths below the root, then files; without a root no file."""

    root: Path | None
    texts: Mapping[str, str] = field(default_factory=dict[str, str])

    def read(self, key: str) -> bytes:
        """Return what stands at a path below the root. Raises FileNotFoundError, or Unreadable with the reason."""
        if key in self.texts:
            return self.texts[key].encode()
        if self.root is None:
            raise FileNotFoundError(key)
        return read(self.root, key)

    def matching(self, pattern: str) -> list[str]:
        """Return the files below the root that a pattern names. Raises Lost where its folder is not there."""
        return matching(self.root, pattern, self.texts)

    def offered(self, folder: str) -> list[str]:
        """Return the plan files that can be imported from a folder, for a did-you-mean."""
        return [] if self.root is None else offered(self.root, folder)


def read(root: Path, key: str) -> bytes:
    """Return what stands in a file below the root. Raises FileNotFoundError, or Unreadable with the reason."""
    *folders, name = key.split("/")
    try:
        at = os.open(root, _FOLDER)
        try:
            for folder in folders:
                inner = os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=at)
                os.close(at)
                at = inner
            return _content(os.open(name, _FILE, dir_fd=at))
        finally:
            os.close(at)
    except FileNotFoundError:
        raise
    except (OSError, ValueError):
        raise Unreadable("it is a link, or no plain file that may be read") from None


def _content(handle: int) -> bytes:
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Unreadable("it is no plain file")
        data = file.read(MOST_BYTES)
    return data if len(data) < MOST_BYTES else data.decode("utf-8", "ignore").encode()


def offered(root: Path, folder: str) -> list[str]:
    """Return the plan files in a folder of the root and below it, as one would import them from there."""
    return sorted(islice(_plans(root / folder), MOST_OFFERED))


def _plans(start: Path) -> Iterator[str]:
    seen = 0
    for at, folders, files in os.walk(start):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            seen += 1
            if name.endswith(".plan"):
                yield (Path(at) / name).relative_to(start).as_posix()
        if seen > MOST_OFFERED * 20:
            return
