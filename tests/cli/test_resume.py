"""`msrun runs` and `msrun resume` as a user types them."""

import json

import pytest

from tests.cli.conftest import Done, Shell


def told(found: Done) -> str:
    assert found.returncode == 0, found.stderr
    return found.stdout


def ask(msrun: Shell, *more: str) -> str:
    return told(msrun("ask.plan", "--quiet", "--question", "7", *more)).strip()


def test_a_run_is_kept_listed_and_shown(msrun: Shell) -> None:
    answer = ask(msrun)
    (listed,) = json.loads(told(msrun("runs", "--json")))
    assert (listed["state"], listed["plan"]) == ("ok", "ask")
    shown = json.loads(told(msrun("runs", listed["run"][:8], "--json")))
    assert shown["inputs"] == {"question": "7"}
    assert shown["calls"] == 1
    assert shown["value"] == answer
    assert listed["run"][:12] in told(msrun("runs"))


def test_resume_of_a_finished_run_calls_nothing(msrun: Shell) -> None:
    answer = ask(msrun)
    record = json.loads(told(msrun("resume", "last", "--json", "--quiet")))
    assert (record["answer"], record["calls"]) == (answer, 0)


def test_dry_run_says_what_an_edit_costs(msrun: Shell) -> None:
    ask(msrun)
    assert "reuse  answer" in told(msrun("resume", "last", "--dry-run"))
    file = msrun.folder / "ask.plan"
    text = file.read_text(encoding="utf-8")
    edited = text.replace("from question", 'from question { prompt: "Now: {{ question }}" }')
    assert edited != text
    file.write_text("# a comment\n" + edited, encoding="utf-8")
    shown = told(msrun("resume", "last", "--dry-run"))
    assert "run    answer  1 to make: another prompt or arguments" in shown
    assert "0 calls and $0.0000 saved" in shown
    assert json.loads(told(msrun("runs", "--json")))[0]["state"] == "ok"


def test_no_journal_keeps_nothing(msrun: Shell) -> None:
    ask(msrun, "--no-journal")
    assert not (msrun.folder / ".msrun").exists()
    assert "no runs" in msrun("runs").stderr


def test_a_journal_can_lie_elsewhere(msrun: Shell) -> None:
    ask(msrun, "--journal", "kept/here.sqlite")
    assert len(json.loads(told(msrun("runs", "--journal", "kept/here.sqlite", "--json")))) == 1


def test_a_journal_that_cannot_be_used_is_said_before_anything_is_called(msrun: Shell) -> None:
    (msrun.folder / "notes.txt").write_text("no database, but long enough " * 100, encoding="utf-8")
    found = msrun("ask.plan", "--quiet", "--journal", "notes.txt", "--question", "7")
    assert (found.returncode, found.stdout) == (6, "")
    assert "notes.txt" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("args", [("resume", "last"), ("runs", "abc")])
def test_a_run_that_is_not_there(msrun: Shell, args: tuple[str, ...]) -> None:
    found = msrun(*args)
    assert found.returncode == 6
    assert "there is no journal" in found.stderr
    ask(msrun)
    found = msrun("runs", "zzz")
    assert found.returncode == 6
    assert "no run begins with `zzz`" in found.stderr
