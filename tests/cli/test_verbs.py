"""The verbs beside `run`: check, graph, train; and what the help says about all of them."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from msrun import __version__
from msrun.cli import exits
from msrun.cli.verbs import VERBS, command

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

BAD = "plan p() -> text {\n  return nothing\n}\n"
WARNED = 'plan p(unread: text) -> text {\n  let r = "a"\n  return r\n}\n'


def test_the_help_lists_every_verb_and_exit_code(msrun: "Shell") -> None:
    done = msrun("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for verb, words in VERBS.items():
        assert re.search(rf"^  {verb} +{re.escape(words)}$", done.stdout, re.MULTILINE)
    for code in (0, 1, 2, 3, 4, 5, 130):
        assert re.search(rf"^ +{code} +\w", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_help_page(msrun: "Shell", verb: str) -> None:
    done = msrun(verb, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: msrun {verb} ")


def test_the_version_is_that_of_the_package(msrun: "Shell") -> None:
    assert msrun("--version").stdout == f"msrun {__version__}\n"


def test_the_verbs_are_clicks_and_can_be_called_in_process(folder: Path) -> None:
    done = CliRunner().invoke(command, ["check", str(folder / "ask.plan")], standalone_mode=False)
    assert (done.return_value, done.output) == (exits.OK, "checked: 1 file, 0 errors, 0 warnings\n")


@pytest.mark.parametrize(
    ("fault", "code"), [("budget", 4), ("person", 5), ("cancelled", 130), ("auth", 1), ("reply", 1), ("tool", 1)]
)
def test_faults_of_a_run_have_codes(fault: str, code: int) -> None:
    assert exits.of_fault(fault) == code
    assert code in dict(exits.MEANINGS)


def test_a_clean_file(msrun: "Shell") -> None:
    done = msrun("check", "ask.plan", "parts.plan")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "checked: 2 files, 0 errors, 0 warnings\n"


def test_findings_of_all_files_in_one_run(msrun: "Shell", folder: Path) -> None:
    (folder / "one.plan").write_text(BAD, encoding="utf-8")
    (folder / "two.plan").write_text(BAD.replace("nothing", "nobody"), encoding="utf-8")
    done = msrun("check", "one.plan", "ask.plan", "two.plan")
    assert done.returncode == 3
    assert "one.plan:2:10" in done.stdout
    assert "two.plan:2:10" in done.stdout
    assert done.stderr == "checked: 3 files, 2 errors, 0 warnings\n"


def test_a_file_that_cannot_be_read_does_not_hide_the_others(msrun: "Shell", folder: Path) -> None:
    (folder / "one.plan").write_text(BAD, encoding="utf-8")
    done = msrun("check", "no/where.plan", "one.plan")
    assert done.returncode == 2
    assert "one.plan:2:10" in done.stdout
    assert done.stderr.startswith("error: there is no file `no/where.plan`\n")


def test_warnings_fail_only_where_they_are_denied(msrun: "Shell", folder: Path) -> None:
    (folder / "w.plan").write_text(WARNED, encoding="utf-8")
    done = msrun("check", "w.plan")
    assert done.returncode == 0
    assert "warning[W0403]" in done.stdout
    assert msrun("check", "w.plan", "--deny-warnings").returncode == 3
    assert msrun("check", "ask.plan", "--deny-warnings").returncode == 0


def test_findings_as_json(msrun: "Shell", folder: Path) -> None:
    (folder / "one.plan").write_text(BAD, encoding="utf-8")
    done = msrun("check", "one.plan", "--json")
    assert (done.returncode, done.stderr) == (3, "")
    (found,) = json.loads(done.stdout)
    assert (found["code"], found["severity"]) == ("E0101", "error")
    place = found["places"][0]
    assert (place["file"], place["start"], place["end"]) == (
        "one.plan",
        {"line": 2, "column": 10},
        {"line": 2, "column": 17},
    )
    assert found["message"]
    assert json.loads(msrun("check", "ask.plan", "--json").stdout) == []


@pytest.mark.parametrize(
    ("name", "start"), [("text", "split(question)"), ("mermaid", "flowchart"), ("dot", "digraph"), ("svg", "<svg ")]
)
def test_pictures(msrun: "Shell", name: str, start: str) -> None:
    done = msrun("graph", "parts.plan:split", "--format", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(start)
    assert "answers" in done.stdout


@pytest.mark.parametrize(("ending", "start"), [("svg", "<svg "), ("mmd", "flowchart"), ("dot", "digraph")])
def test_the_ending_of_the_output_chooses_the_format(msrun: "Shell", folder: Path, ending: str, start: str) -> None:
    done = msrun("graph", "parts.plan", "-o", f"p.{ending}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (folder / f"p.{ending}").read_text(encoding="utf-8").startswith(start)


TRAIN = """
dataset q = jsonl("q.jsonl") { split: {train: 50%, test: 50%} }
"""


def test_training_prints_one_line_a_stage(msrun: "Shell", folder: Path) -> None:
    (folder / "t.plan").write_text(TRAIN, encoding="utf-8")
    rows = "".join(json.dumps({"id": f"r{n}", "input": f"{n}", "output": f"{n}"}) + "\n" for n in range(40))
    (folder / "q.jsonl").write_text(rows, encoding="utf-8")
    done = msrun("train", "t.plan")
    assert done.returncode == 0
    assert done.stdout.startswith("dataset q: ")
    assert done.stderr.splitlines()[0] == "[1/1] dataset q"
    again = msrun("train", "t.plan", "q", "--json", "--quiet")
    (result,) = json.loads(again.stdout)
    assert (result["stage"], result["kind"], result["reused"], again.stderr) == ("q", "dataset", True, "")


def test_a_stage_that_cannot_run_is_one_message(msrun: "Shell", folder: Path) -> None:
    (folder / "t.plan").write_text(TRAIN, encoding="utf-8")
    done = msrun("train", "t.plan")
    assert (done.returncode, done.stdout) == (3, "")
    assert "error[E0508]: there is no file `q.jsonl`" in done.stderr
    assert done.stderr.count("error[") == 1


TRAINED = """
dataset d = jsonl("q.jsonl") { split: {train: 50%, test: 50%} }
tokenizer t = chars(d)
train y = pretrain(gpt2(layers: 1, hidden: 8, heads: 2, positions: 16)) {
  data: d
  tokenizer: t
  objective: clm(loss_on: output)
  steps: 2
  batch: 4
  lr: constant(peak: 1e-3)
  seed: 1
}
model m = trained(y)

plan p(q: text) -> text {
  solve r from q using m
  return r
}
"""


def test_a_model_that_was_not_trained_says_what_to_run(msrun: "Shell", folder: Path) -> None:
    (folder / "t.plan").write_text(TRAINED, encoding="utf-8")
    (folder / "q.jsonl").write_text('{"id": "a", "input": "1", "output": "1"}\n', encoding="utf-8")
    assert msrun.fails(1, "t.plan", "--q", "?") == (
        "error: model `m`: `y` cannot be used: `d` has not been run for the plan as it stands\n"
        "  = help: msrun train t.plan y"
    )
