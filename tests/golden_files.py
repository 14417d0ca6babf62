"""Golden files: what a test got is compared with a file beside its input; `UPDATE_GOLDEN=1` writes it instead."""

import os
from pathlib import Path


def check_golden(path: Path, got: str) -> None:
    """Compare a text with the golden file of this path, or write the file where UPDATE_GOLDEN is set."""
    text = got.rstrip("\n") + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing: make golden"
    assert text == path.read_text(encoding="utf-8"), f"{path.name} is stale: make golden, then read the difference"
