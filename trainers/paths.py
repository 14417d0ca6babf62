"""Resolves a path that a plan names: it lies under the plan's folder, links followed, or it is refused."""

from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath

from msrun.trainers.port import TrainingFault


def resolve(root: Path, text: str, stage: str) -> Path:
    """Return the real path of `text` under `root`; nothing has to be there yet.

    Raises TrainingFault of kind "path" for an absolute path, one with `..`, and one that a link leads out of `root`.
    """
    pure = PurePosixPath(text)
    if not text.strip() or "\0" in text:
        raise TrainingFault("path", stage, "a path is empty")
    if pure.is_absolute() or PureWindowsPath(text).drive or "\\" in text:
        raise _refused(stage, text, "it is absolute")
    if ".." in pure.parts:
        raise _refused(stage, text, "it has `..` in it")
    base = root.resolve()
    found = (base / pure).resolve()
    if not found.is_relative_to(base):
        raise _refused(stage, text, "a link in it leads out of the plan's folder")
    return found


def existing_file(root: Path, text: str, stage: str) -> Path:
    """Return the real path of a file that is there; raises TrainingFault as `resolve` does, or of kind "missing"."""
    found = resolve(root, text, stage)
    if not found.is_file():
        raise TrainingFault("missing", stage, f'there is no file "{text}"', help=f"paths start from {root}")
    return found


MOST_FILES = 100_000
"""Files that one pattern may name."""


def matching(root: Path, pattern: str, stage: str) -> list[Path]:
    """Return the files that a pattern such as `data/*.txt` names, by name; raises as `existing_file` does.

    `*` stands for anything within a name, `**` for folders. Links that lead out of `root` are left out.
    """
    plain = PurePosixPath(*(part for part in PurePosixPath(pattern).parts if not _wild(part)))
    resolve(root, str(plain) if plain.parts else ".", stage)
    if PurePosixPath(pattern).is_absolute():
        raise _refused(stage, pattern, "it is absolute")
    base = root.resolve()
    found = (path.resolve() for path in islice(base.glob(pattern), MOST_FILES))
    files = sorted({path for path in found if path.is_file() and path.is_relative_to(base)})
    if not files:
        raise TrainingFault("missing", stage, f'no file is named by "{pattern}"', help=f"paths start from {root}")
    return files


def _wild(part: str) -> bool:
    return any(sign in part for sign in "*?[")


def _refused(stage: str, text: str, why: str) -> TrainingFault:
    help_ = "a plan may only name files under its own folder, by a relative path with /"
    return TrainingFault("path", stage, f'the path "{text}" is refused: {why}', help=help_)
