"""`msrun fmt`: what becomes of files, standard input and exit codes."""

from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from msrun.cli import exits
from msrun.cli.verbs import command
from msrun.dsl.format import formatted
from msrun.dsl.tree import Program

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Shell

ROUGH = "plan  ask( question:text )->text{\n\n  return   question # done\n}"
SMOOTH = "plan ask(question: text) -> text {\n  return question  # done\n}\n"
BROKEN = "plan ask(question: text -> text {\n  return question\n}\n"


def put(path: Path, text: str, mode: int = 0o644) -> Path:
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


def test_a_file_is_formatted_in_place_and_keeps_its_mode(msrun: "Shell", folder: Path) -> None:
    file = put(folder / "rough.plan", ROUGH, 0o640)
    before = set(folder.iterdir())
    done = msrun("fmt", "rough.plan")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert file.read_bytes() == SMOOTH.encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert set(folder.iterdir()) == before


def test_a_file_that_is_formatted_is_not_touched(msrun: "Shell", folder: Path) -> None:
    file = put(folder / "smooth.plan", SMOOTH)
    before = file.stat()
    assert msrun("fmt", "smooth.plan").returncode == 0
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_link_stays_a_link(msrun: "Shell", folder: Path) -> None:
    file = put(folder / "rough.plan", ROUGH)
    (folder / "link.plan").symlink_to(file)
    assert msrun("fmt", "link.plan").returncode == 0
    assert (folder / "link.plan").is_symlink()
    assert file.read_text(encoding="utf-8") == SMOOTH


def test_check_lists_what_would_change_and_writes_nothing(msrun: "Shell", folder: Path) -> None:
    file = put(folder / "rough.plan", ROUGH)
    put(folder / "smooth.plan", SMOOTH)
    done = msrun("fmt", "--check", "smooth.plan", "rough.plan")
    assert (done.returncode, done.stdout, done.stderr) == (1, "rough.plan\n", "")
    assert file.read_text(encoding="utf-8") == ROUGH
    assert msrun("fmt", "--check", "smooth.plan").returncode == 0


def test_diff_shows_what_would_change_and_writes_nothing(msrun: "Shell", folder: Path) -> None:
    file = put(folder / "rough.plan", ROUGH)
    done = msrun("fmt", "--diff", "rough.plan")
    assert done.returncode == 0
    assert done.stdout == (
        "--- rough.plan\n+++ rough.plan (formatted)\n@@ -1,4 +1,3 @@\n"
        "-plan  ask( question:text )->text{\n-\n-  return   question # done\n-}\n\\ No newline at end of file\n"
        "+plan ask(question: text) -> text {\n+  return question  # done\n+}\n"
    )
    assert file.read_text(encoding="utf-8") == ROUGH
    both = msrun("fmt", "--diff", "--check", "rough.plan")
    assert (both.returncode, both.stdout) == (1, done.stdout)


def test_standard_input_is_printed(msrun: "Shell") -> None:
    done = msrun("fmt", "-", stdin=ROUGH)
    assert (done.returncode, done.stdout, done.stderr) == (0, SMOOTH, "")
    assert msrun("fmt", "-", stdin="").stdout == ""
    assert msrun("fmt", "--check", "-", stdin=ROUGH).stdout == "-\n"


def test_a_file_with_syntax_errors_is_left_and_the_others_are_formatted(msrun: "Shell", folder: Path) -> None:
    broken, rough = put(folder / "broken.plan", BROKEN), put(folder / "rough.plan", ROUGH)
    done = msrun("fmt", "broken.plan", "rough.plan")
    assert (done.returncode, done.stdout) == (3, "")
    assert "error[E0002]" in done.stderr
    assert broken.read_text(encoding="utf-8") == BROKEN
    assert rough.read_text(encoding="utf-8") == SMOOTH


def test_line_ends_and_the_byte_order_mark_are_kept(msrun: "Shell", folder: Path) -> None:
    file = put(folder / "rough.plan", "\ufeff" + ROUGH.replace("\n", "\r\n"))
    assert msrun("fmt", "rough.plan").returncode == 0
    assert file.read_bytes() == ("\ufeff" + SMOOTH.replace("\n", "\r\n")).encode()
    assert msrun("fmt", "--check", "rough.plan").returncode == 0


def test_what_cannot_be_read(msrun: "Shell", folder: Path) -> None:
    assert "there is no file `nope.plan`" in msrun.fails(2, "fmt", "nope.plan")
    (folder / "latin.plan").write_bytes(b"# caf\xe9\n")
    done = msrun("fmt", "latin.plan")
    assert (done.returncode, done.stdout) == (3, "")
    assert "error[E0017]" in done.stderr
    assert msrun("fmt").returncode == 2


def test_a_result_that_says_something_else_is_not_written(folder: Path, monkeypatch: "pytest.MonkeyPatch") -> None:
    file = put(folder / "rough.plan", ROUGH)

    def lay_out(_program: Program) -> str:
        return SMOOTH.replace("return question", "return questions")

    monkeypatch.setattr(formatted, "lay_out", lay_out)
    done = CliRunner().invoke(command, ["fmt", str(file)], standalone_mode=False)
    assert done.return_value == exits.FAILED
    assert "would change what it says at line 3, so it is left as it is" in done.stderr
    assert file.read_text(encoding="utf-8") == ROUGH


def test_a_file_that_cannot_be_written(folder: Path, monkeypatch: "pytest.MonkeyPatch") -> None:
    file = put(folder / "rough.plan", ROUGH)

    def save(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("msrun.cli.fmt.save", save)
    done = CliRunner().invoke(command, ["fmt", str(file)], standalone_mode=False)
    assert done.return_value == exits.FAILED
    assert "cannot be written: No space left on device\n  = help: " in done.stderr
