"""`msrun diff` as its users meet it: lines or JSON, and the exit codes of diff(1)."""

import json

from tests.cli.conftest import ASK, Shell


def test_same_meaning_prints_nothing_and_exits_with_0(msrun: Shell) -> None:
    other = ASK.replace("plan ask", "# a remark\n\n\nplan   ask")
    (msrun.folder / "other.plan").write_text(other, encoding="utf-8")
    done = msrun("diff", "ask.plan", "other.plan")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert msrun("diff", "ask.plan", "other.plan", "--json").stdout == "[]\n"


def test_another_meaning_is_told_and_exits_with_1(msrun: Shell) -> None:
    other = ASK.replace('"Rome"', '"Madrid"').replace("from question", 'from question { prompt: "Q: {{ question }}" }')
    (msrun.folder / "other.plan").write_text(other, encoding="utf-8")
    done = msrun("diff", "ask.plan", "other.plan")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[:3] == [
        "model small",
        '  args: ["Paris", "Berlin", "Rome"] → ["Paris", "Berlin", "Madrid"]',
        "plan ask",
    ]
    told = json.loads(msrun("diff", "ask.plan", "other.plan", "--format", "json").stdout)
    assert [change["path"][-1] for change in told] == ["args", "prompt"]


def test_files_that_cannot_be_compared(msrun: Shell) -> None:
    assert "there is no file `gone.plan`" in msrun.fails(2, "diff", "ask.plan", "gone.plan")
    (msrun.folder / "bad.plan").write_text("plan x() { return y }", encoding="utf-8")
    done = msrun("diff", "ask.plan", "bad.plan")
    assert (done.returncode, done.stdout) == (3, "")
    assert "error[E0101]" in done.stderr


def test_a_terminal_is_not_steered(msrun: Shell) -> None:
    evil = ASK.replace("from question", 'from question { prompt: "\\u{1b}[2J{{ question }}" }')
    (msrun.folder / "evil.plan").write_text(evil, encoding="utf-8")
    code, screen = msrun.on_a_terminal("diff", "ask.plan", "evil.plan")
    assert code == 1
    assert "\x1b[2J" not in screen
