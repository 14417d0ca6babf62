"""`msrun test` as its users meet it: lines, pictures, exit codes and the XML for build servers."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Shell

ASK = """
model small = openai("gpt") { key: secret("NO_SUCH_KEY") }

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
"""

GOOD = """
test capital {
  mock small = replies("Paris")
  run out from ask(question: "capital of France?")
  expect out == "Paris"
}

test silent { expect calls(small) == 0 }
"""

BAD = """
test wrong {
  mock small = replies("Rom\\u{0007}<e>")
  run out from ask(question: "capital of Italy?")
  expect calls(small) == 1
  expect out == "Rome" and
    calls(small) == 2
}

test lacking {
  run out from ask(question: "capital of Spain?")
  expect out == "Madrid"
}
"""


@pytest.fixture
def msrun(tmp_path: Path) -> Shell:
    """The command in a folder with plans that have tests, one that has none, and one in a folder of its own."""
    (tmp_path / "good.plan").write_text(ASK + GOOD, encoding="utf-8")
    (tmp_path / "bad.plan").write_text(ASK + BAD, encoding="utf-8")
    (tmp_path / "none.plan").write_text(ASK, encoding="utf-8")
    for folder in ("deep/er", ".hidden"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "more.plan").write_text(ASK + GOOD.replace("capital {", "deeper {"), encoding="utf-8")
    return Shell(tmp_path)


def test_tests_that_pass_are_a_line_each(msrun: Shell) -> None:
    done = msrun("test", "good.plan")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("✓ passed  good.plan:capital\n✓ passed  good.plan:silent\n2 tests: 2 passed, 0 failed\n")


def test_a_test_that_fails_shows_the_line_and_the_values(msrun: Shell) -> None:
    done = msrun("test", "bad.plan")
    assert done.returncode == 1
    assert '✗ failed  bad.plan:wrong\nfailed: this does not hold: out == "Rome" and calls(small) == 2\n' in done.stdout
    assert '13 |   expect out == "Rome" and\n' in done.stdout
    assert '^ `out` was "Rom\\u0007<e>", expected "Rome"\n' in done.stdout
    assert "= note: `calls(small)` was 1, expected 2\n" in done.stdout
    assert done.stdout.endswith("2 tests: 0 passed, 2 failed\n")


def test_a_model_without_a_mock_is_named_with_its_line(msrun: Shell) -> None:
    done = msrun("test", "bad.plan", "-k", "lack")
    assert done.returncode == 1
    assert "failed: `answer` asks the model `small`, and the test has no mock of it\n" in done.stdout
    assert "--> bad.plan:18:3\n" in done.stdout
    assert '= help: mock small = replies("…"), or keep what it says: msrun test --record bad.plan\n' in done.stdout


def test_folders_are_searched_and_hidden_ones_left_out(msrun: Shell) -> None:
    done = msrun("test")
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line[:1] in "✓✗" and line] == [
        "✗ failed  bad.plan:wrong",
        "✗ failed  bad.plan:lacking",
        "✓ passed  deep/er/more.plan:deeper",
        "✓ passed  deep/er/more.plan:silent",
        "✓ passed  good.plan:capital",
        "✓ passed  good.plan:silent",
    ]
    assert done.stdout.endswith("6 tests: 4 passed, 2 failed\n")
    twice = msrun("test", "deep", "deep/er/more.plan")
    assert twice.stdout.endswith("2 tests: 2 passed, 0 failed\n")


def test_names_choose_tests(msrun: Shell) -> None:
    assert msrun("test", "-k", "silent").stdout.endswith("2 tests: 2 passed, 0 failed\n")
    assert "no test has `nowhere` in its name" in msrun.fails(2, "test", "-k", "nowhere")
    assert "there is no test to run" in msrun.fails(2, "test", "none.plan")
    assert "there is no file `gone.plan`" in msrun.fails(2, "test", "gone.plan")


def test_a_file_with_errors_is_not_run(msrun: Shell) -> None:
    (msrun.folder / "broken.plan").write_text(ASK + "test t { expect calls(smal) == 1 }", encoding="utf-8")
    done = msrun("test", "good.plan", "broken.plan")
    assert done.returncode == 3
    assert "error[E0805]" in done.stdout
    assert done.stdout.endswith("2 tests: 2 passed, 0 failed; 1 error in files that were not tested\n")


def test_the_xml_is_valid_and_says_what_failed(msrun: Shell) -> None:
    done = msrun("test", "good.plan", "bad.plan", "--junit", "out.xml", "--parallel", "1")
    assert done.returncode == 1
    root = ElementTree.parse(msrun.folder / "out.xml").getroot()
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("errors")) == ("testsuites", "4", "2", "0")
    assert [(suite.get("name"), suite.get("failures")) for suite in root] == [("good.plan", "0"), ("bad.plan", "2")]
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases["capital"].find("failure") is None
    failure = cases["wrong"].find("failure")
    assert failure is not None
    assert failure.get("message") == 'this does not hold: out == "Rome" and calls(small) == 2'
    assert failure.text is not None
    assert failure.text.splitlines()[:2] == ["bad.plan:13:10", '`out` was "Rom\\u0007<e>", expected "Rome"']
    assert float(str(root.get("time"))) > 0


def test_xml_that_cannot_be_written_is_said(msrun: Shell) -> None:
    done = msrun("test", "good.plan", "--junit", "no/such/folder/out.xml")
    assert done.returncode == 2
    assert "error: `no/such/folder/out.xml` cannot be written: No such file or directory" in done.stderr


def test_tools_need_a_grant(msrun: Shell) -> None:
    (msrun.folder / "helpers_here.py").write_text("def twice(n: int) -> int:\n    return 2 * n\n", encoding="utf-8")
    (msrun.folder / "tool.plan").write_text(
        'tool twice(n: int) -> int = python("helpers_here:twice")\n'
        "plan p(n: int) -> int { call double from twice(n: n) return double }\n"
        "test t { run out from p(4) expect out == 8 }\n",
        encoding="utf-8",
    )
    refused = msrun("test", "tool.plan")
    assert refused.returncode == 1
    assert "you have not allowed: `twice`" in refused.stdout
    assert msrun("test", "tool.plan", "--allow", "tool:twice").returncode == 0


def test_a_test_runs_without_the_network_and_its_libraries(msrun: Shell) -> None:
    code = (
        "import sys\nfrom msrun.cli import main\n"
        "assert main(['test', 'good.plan']) == 0\n"
        "heavy = {'httpx2', 'rich', 'torch', 'pydantic', 'networkx'} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    (msrun.folder / "main.py").write_text(code, encoding="utf-8")
    done = msrun.line('python=${M%% *}; "$python" main.py')
    assert done.returncode == 0, done.stderr
