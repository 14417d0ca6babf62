"""Replacing a file: as a whole or not at all."""

from pathlib import Path

import pytest

from msrun.save import save


def test_a_file_that_cannot_be_replaced_is_left_and_nothing_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.plan"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("msrun.save.os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        save(path, b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("x.plan", b"old")]


def test_a_new_file_and_a_replaced_one(tmp_path: Path) -> None:
    path = tmp_path / "x.plan"
    save(path, b"one")
    assert path.read_bytes() == b"one"
    path.chmod(0o604)
    save(path, b"two")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o604)
