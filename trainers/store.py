"""Keeps stage outputs on disk by content key; a folder with an `msrun.json` is whole, anything else does not count."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msrun.trainers.port import Figure, Gate, TrainingFault

LINEAGE = "msrun.json"
"""The file in every output folder that says how it was made; written last."""

KEY_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Output:
    """A stage's finished output. `identity` is a hash of its files: what stages that read it depend on."""

    path: Path
    key: str
    identity: str
    figures: Mapping[str, Figure]
    gate: Gate | None
    lineage: Mapping[str, Any]


def folder(out: Path, stage: str, key: str) -> Path:
    """Return where the output of a stage with this content key lies."""
    return out / stage / key[:KEY_DIGITS]


def checkpoints(out: Path, stage: str, key: str) -> Path:
    """Return where the checkpoints of a stage that is not finished lie."""
    return out / stage / f"{key[:KEY_DIGITS]}.checkpoints"


def find(out: Path, stage: str, key: str) -> Output | None:
    """Return the finished output of this content key, None where there is none or its lineage is not ours."""
    return read(folder(out, stage, key), key)


def read(path: Path, key: str | None = None) -> Output | None:
    """Return the output in a folder, None where it has no lineage that can be read or that of another key."""
    try:
        lineage = json.loads((path / LINEAGE).read_text(encoding="utf-8"))
        gate = lineage["gate"]
        found = Output(
            path=path,
            key=str(lineage["key"]),
            identity=str(lineage["identity"]),
            figures=dict(lineage["figures"]),
            gate=None if gate is None else Gate(require=str(gate["require"]), passed=gate["passed"] is True),
            lineage=lineage,
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if key is None or found.key == key else None


@contextmanager
def working(out: Path, stage: str, key: str) -> Generator[Path, None, None]:
    """Give an empty folder to write a stage's output into, kept from other processes; `finish` makes it the output.

    Raises TrainingFault of kind "busy" where another process works on the same stage and key. What an interrupted
    run left behind is removed.
    """
    final = folder(out, stage, key)
    final.parent.mkdir(parents=True, exist_ok=True)
    with (final.parent / f".{final.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = "another process is making the same output"
            raise TrainingFault(
                "busy", stage, message, help="wait for it: this call then finds what it made"
            ) from error
        partial = final.with_name(f"{final.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def finish(partial: Path, lineage: Mapping[str, Any]) -> Output:
    """Write the lineage beside the files of a working folder and make it the stage's output, in one step."""
    whole = {**lineage, "identity": identity(partial)}
    text = json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
    with (partial / LINEAGE).open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    final = partial.with_name(partial.name.removesuffix(".partial"))
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    found = read(final)
    if found is None:
        raise OSError(f"{final / LINEAGE} cannot be read back")
    return found


def identity(path: Path) -> str:
    """Return a hash of the names and bytes of every file under a folder, lineage left out."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.name != LINEAGE:
            with file.open("rb") as opened:
                content = hashlib.file_digest(opened, "sha256").hexdigest()
            digest.update(f"{file.relative_to(path).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def place(output: Output, target: Path, stage: str) -> None:
    """Copy an output to the place its `save` names, in one step; an older copy there is replaced, anything else kept.

    Raises TrainingFault of kind "path" where something lies there that no stage made.
    """
    there = read(target)
    if there is not None and there.key == output.key and there.identity == output.identity:
        return
    if target.exists() and there is None:
        help_ = "name another folder, or move that one away"
        raise TrainingFault("path", stage, f"`save` would overwrite {target}, which no stage made", help=help_)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (target.with_name(f".{target.name}.{word}") for word in ("new", "old"))
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(output.path, fresh)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
