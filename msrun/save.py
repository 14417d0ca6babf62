"""A file is replaced as a whole or not at all: nobody ever reads half of it."""

import os
from pathlib import Path
from tempfile import mkstemp


def save(path: Path, data: bytes) -> None:
    """Replace a file's content; its mode stays, and a link stays a link. Raises OSError, and then nothing changed."""
    target = path.resolve()
    handle, name = mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            Path(name).chmod(target.stat().st_mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
