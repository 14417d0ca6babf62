"""The front door: files, bytes that are no UTF-8, places, and what importing it costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from msrun.dsl.front import check_file, check_text

CLEAN = """model small = ollama("m")
plan ask(question: text) -> text {
  solve answer from question
  return answer
}
"""


def test_a_file_is_checked_under_its_path(tmp_path: Path) -> None:
    path = tmp_path / "x.plan"
    path.write_text(CLEAN.replace("return answer", "return answr"), encoding="utf-8")
    (finding,) = check_file(path).diagnostics
    assert finding.places[0].source.name == str(path)
    assert finding.places[0].source.position(finding.places[0].span.start) == (4, 10)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "x.plan"
    path.write_bytes(b"\xef\xbb\xbf" + CLEAN.encode())
    checked = check_file(path)
    assert checked.ok
    assert checked.diagnostics == ()


def test_bytes_that_are_no_utf8_are_one_finding_at_their_place(tmp_path: Path) -> None:
    path = tmp_path / "x.plan"
    path.write_bytes('## für\nmodel x = ollama("'.encode() + b"\xfc" + b'")\n')
    checked = check_file(path)
    (finding,) = checked.diagnostics
    assert not checked.ok
    assert finding.code == "E0017"
    assert dict(finding.values)["byte"] == "0xFC"
    assert finding.places[0].source.position(finding.places[0].span.start) == (2, 19)


def test_a_file_that_is_not_there_is_the_callers_matter(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        check_file(tmp_path / "none.plan")


def test_a_warning_leaves_the_module_and_an_error_takes_it() -> None:
    warned = check_text("x.plan", CLEAN + "type Alone { x: text }\n")
    assert warned.ok
    assert [finding.code for finding in warned.diagnostics] == ["W0402"]
    assert not check_text("x.plan", CLEAN.replace("from question", "from nothing")).ok


def test_a_warning_is_allowed_by_a_comment_with_a_reason_on_the_line_above() -> None:
    allowed = "# allow W0402: others import it\ntype Alone { x: text }\n"
    assert check_text("x.plan", CLEAN + allowed).diagnostics == ()
    for bad in ("# allow W0402:\n", "# allow W0401: other\n", "# allow W0402: too far above\n\n"):
        assert [f.code for f in check_text("x.plan", CLEAN + bad + "type Alone { x: text }\n").diagnostics] == ["W0402"]
    error = "# allow E0201: never\ntype Alone { x: txt }\n"
    assert "E0201" in [f.code for f in check_text("x.plan", CLEAN + error).diagnostics]


def test_a_clean_check_loads_nothing_heavy() -> None:
    code = (
        "import sys; from msrun.dsl.front import check_text; "
        f"assert check_text('x.plan', {CLEAN!r}).diagnostics == (); "
        "heavy = {*'lark networkx pydantic asyncio anyio rich click interegular httpx2 torch'.split()}; "
        "print(sorted(heavy & set(sys.modules)), sorted(m for m in sys.modules if m.startswith('msrun.dsl.words')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"
