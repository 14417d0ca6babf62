"""`msrun check`: formats, languages and fixes as a shell sees them. And `msrun explain`."""

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from msrun.dsl.pages import pages

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

BAD = "plan p() -> text {\n  return nothing\n}\n"
MODEL = 'model small = ollama("qwen3:8b")\n\n'
FIXABLE = MODEL + "plan ask(question: text) -> text {\n  slove answer from question { retry： 2 }\n  return answr\n}\n"
FIXED = MODEL + "plan ask(question: text) -> text {\n  solve answer from question { retry: 2 }\n  return answer\n}\n"


@pytest.fixture
def bad(folder: Path) -> Path:
    path = folder / "bad.plan"
    path.write_text(BAD, encoding="utf-8")
    return path


@pytest.mark.usefixtures("bad")
def test_formats(msrun: "Shell") -> None:
    as_json = msrun("check", "bad.plan", "--format", "json")
    assert (as_json.returncode, as_json.stderr) == (3, "")
    assert as_json.stdout == msrun("check", "bad.plan", "--json").stdout
    sarif = msrun("check", "bad.plan", "--format", "sarif")
    assert (sarif.returncode, sarif.stderr) == (3, "")
    assert json.loads(sarif.stdout)["runs"][0]["results"][0]["ruleId"] == "E0101"
    github = msrun("check", "bad.plan", "--format", "github")
    assert (github.returncode, github.stderr) == (3, "")
    assert github.stdout.startswith("::error file=bad.plan,line=2,col=10,endColumn=16,title=E0101::`nothing` is")


def test_formats_of_clean_files(msrun: "Shell") -> None:
    assert json.loads(msrun("check", "ask.plan", "--format", "sarif").stdout)["runs"][0]["results"] == []
    assert json.loads(msrun("check", "ask.plan", "--format", "json").stdout) == []
    assert msrun("check", "ask.plan", "--format", "github").stdout == ""


def test_fixes_are_written_and_told(msrun: "Shell", folder: Path) -> None:
    path = folder / "f.plan"
    path.write_text(FIXABLE, encoding="utf-8")
    path.chmod(0o640)
    done = msrun("check", "--fix", "f.plan")
    assert (done.returncode, done.stdout) == (0, "")
    assert path.read_text(encoding="utf-8") == FIXED
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    told = done.stderr.splitlines()
    assert told[-1] == "checked: 1 file, 0 errors, 0 warnings"
    assert set(told[:-1]) == {
        "fixed: f.plan:4:3: E0103: `slove` → `solve`",
        "fixed: f.plan:4:37: E0016: `：` → `:`",
        "fixed: f.plan:5:10: E0101: `answr` → `answer`",
    }
    assert sorted(each.name for each in folder.glob("*f.plan*")) == ["f.plan"]


@pytest.mark.usefixtures("bad")
def test_what_cannot_be_fixed_is_shown_and_the_file_is_left_as_it_is(msrun: "Shell", folder: Path) -> None:
    before = (folder / "bad.plan").stat()
    done = msrun("check", "--fix", "bad.plan")
    assert done.returncode == 3
    assert "error[E0101]" in done.stdout
    assert (folder / "bad.plan").stat().st_mtime_ns == before.st_mtime_ns


def test_the_byte_order_mark_and_line_ends_of_a_fixed_file_stay(msrun: "Shell", folder: Path) -> None:
    path = folder / "f.plan"
    path.write_bytes(b"\xef\xbb\xbf" + FIXABLE.replace("\n", "\r\n").encode())
    assert msrun("check", "--fix", "f.plan").returncode == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + FIXED.replace("\n", "\r\n").encode()


def test_a_link_stays_a_link(msrun: "Shell", folder: Path) -> None:
    (folder / "real.plan").write_text(FIXABLE, encoding="utf-8")
    (folder / "link.plan").symlink_to("real.plan")
    assert msrun("check", "--fix", "link.plan").returncode == 0
    assert (folder / "link.plan").is_symlink()
    assert (folder / "real.plan").read_text(encoding="utf-8") == FIXED


def test_a_page_of_the_handbook(msrun: "Shell") -> None:
    done = msrun("explain", "e0101")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("E0101: a name is not defined\n")
    assert "\nerror[E0101]: `answr` is not defined\n" in done.stdout


def test_all_codes_are_listed(msrun: "Shell") -> None:
    lines = msrun("explain").stdout.splitlines()
    assert [line.partition("  ")[0] for line in lines] == list(pages())


@pytest.mark.parametrize(
    ("code", "help_line"), [("E0011x", "did you mean `E0011`?"), ("?", "`msrun explain` lists the codes")]
)
def test_a_code_that_is_none(msrun: "Shell", code: str, help_line: str) -> None:
    assert msrun.fails(2, "explain", code) == f"error: there is no code `{code}`\n  = help: {help_line}"


@pytest.mark.usefixtures("bad")
def test_findings_in_chinese(msrun: "Shell") -> None:
    done = msrun("check", "bad.plan", "--lang", "zh")
    assert done.returncode == 3
    assert done.stdout.startswith("错误[E0101]: `nothing` 没有定义\n")
    assert msrun("check", "bad.plan", env={"MSRUN_LANG": "zh"}).stdout == done.stdout
    assert msrun("check", "bad.plan", "--lang", "en", env={"MSRUN_LANG": "zh"}).stdout.startswith("error[E0101]")
    assert msrun("check", "bad.plan", env={"LANG": "zh_CN.UTF-8"}).stdout.startswith("error[E0101]")
    (found,) = json.loads(msrun("check", "bad.plan", "--lang", "zh", "--json").stdout)
    assert (found["code"], found["severity"], found["message"]) == ("E0101", "error", "`nothing` 没有定义")


def test_a_language_that_is_not_there(msrun: "Shell") -> None:
    assert "'zh'" in msrun.fails(2, "check", "ask.plan", "--lang", "fr")
