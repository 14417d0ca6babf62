"""Streams that close, signals, terminals: what happens to a run when its surroundings change."""

import re
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess

    from tests.cli.conftest import Shell

SLOW = """
model small = scripted("one\\u{1b}]0;owned\\u{7}", "[bold]two[/bold]\\u{1b}[2J") { piece: 1  piece_delay: 40ms }

plan slow(question: text) -> text {
  solve first from question
  solve second from question { prompt: "{{ first }} {{ question }}" }
  return second
}
"""

ENDLESS = """
model small = scripted("never") { delay: 1h }

plan wait(question: text) -> text {
  solve answer from question
  return answer
}
"""

SWITCHES = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")


@pytest.fixture(autouse=True)
def plans(folder: Path) -> None:
    (folder / "slow.plan").write_text(SLOW, encoding="utf-8")
    (folder / "endless.plan").write_text(ENDLESS, encoding="utf-8")


def test_without_a_standard_output_nothing_is_paid_for(msrun: "Shell") -> None:
    done = msrun.line("$M ask.plan --question x >&-")
    assert done.returncode == 1
    assert done.stderr == (
        "error: standard output is closed: there is nowhere to write the answer\n  = help: msrun … > answer.txt\n"
    )


def test_a_full_disk_is_named(msrun: "Shell") -> None:
    done = msrun.line("$M ask.plan --question x --quiet >/dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("error: standard output cannot be written: No space left on device\n  = help: ")


@pytest.mark.parametrize("args", ["ask.plan --question x", "check ask.plan --json", "ask.plan --help"])
def test_a_reader_that_went_away_is_no_traceback(msrun: "Shell", args: str) -> None:
    done = msrun.line(f"( sleep 0.05; $M {args}; echo $? >&2 ) | true")
    assert done.stderr.splitlines()[-3:] == [
        "error: nobody reads standard output any more, the rest of it is lost",
        "  = help: msrun … > answer.txt",
        "1",
    ]


def test_a_reader_of_events_who_leaves_ends_the_run(msrun: "Shell") -> None:
    done = msrun.line("( $M slow.plan --question x --jsonl; echo $? >&2 ) | head -n 1")
    assert done.stdout.startswith('{"kind": "run_started"')
    assert done.stderr.splitlines()[-1] == "1"
    assert "second: started" not in done.stderr


@pytest.mark.parametrize("redirect", ["2>&-", "2>/dev/full"])
def test_a_log_that_cannot_be_written_is_no_reason_to_stop(msrun: "Shell", redirect: str) -> None:
    done = msrun.line(f"$M ask.plan --question x {redirect}")
    assert (done.returncode, done.stdout) == (0, "Paris\n")


def interrupted(msrun: "Shell", number: signal.Signals) -> "subprocess.Popen[str]":
    process = msrun.start("endless.plan", "--question", "x")
    assert process.stderr is not None
    assert "answer: started" in process.stderr.readline()
    process.send_signal(number)
    return process


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_ends_a_run_at_once(msrun: "Shell", number: signal.Signals, code: int, word: str) -> None:
    started = time.monotonic()
    process = interrupted(msrun, number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (code, "")
    totals, message = err.splitlines()
    assert totals.startswith("1 call · 0 tokens · $0 · ")
    assert message == f"error: {word}"
    assert time.monotonic() - started < 10


def test_the_live_view(msrun: "Shell") -> None:
    code, written = msrun.on_a_terminal("slow.plan", "--question", "x")
    assert code == 0
    assert "first › one␛]0;" in written
    assert "second › [bold]two[/bold]␛" in written
    assert written.startswith("\x1b[?25l")
    assert written.count("\x1b[?25h") == 1
    last = SWITCHES.sub("", written[written.index("\x1b[?25h") :]).split("\r\n")
    assert last[0] == "[bold]two[/bold]␛[2J"
    assert re.fullmatch(r"2 calls · \d+ tokens · \$0 · \d\.\d+ s", last[1])


def test_what_steers_a_terminal_comes_from_us_alone(msrun: "Shell") -> None:
    _, written = msrun.on_a_terminal("slow.plan", "--question", "x")
    assert "\x1b]" not in written
    assert "\x07" not in written
    assert "\x1b[2J" not in written
    assert set(SWITCHES.sub("", written)).isdisjoint({"\x1b", "\x9b"})


def test_the_answer_in_a_file_is_as_the_model_wrote_it(msrun: "Shell") -> None:
    with tempfile.TemporaryFile() as file:
        code, written = msrun.on_a_terminal("slow.plan", "--question", "x", stdout=file.fileno())
        file.seek(0)
        assert (code, file.read()) == (0, b"[bold]two[/bold]\x1b[2J\n")
    assert "✓" in written


def test_no_color_takes_the_colours_out_of_the_live_view(msrun: "Shell") -> None:
    _, written = msrun.on_a_terminal("slow.plan", "--question", "x", NO_COLOR="1")
    assert not re.search("\x1b\\[[0-9;]*3[0-9]m", written)
    _, written = msrun.on_a_terminal("slow.plan", "--question", "x")
    assert re.search("\x1b\\[[0-9;]*3[0-9]m", written)


def test_a_terminal_that_can_do_nothing_gets_lines(msrun: "Shell") -> None:
    _, written = msrun.on_a_terminal("slow.plan", "--question", "x", TERM="dumb")
    assert "\x1b" not in written
    assert "  first: started\r\n" in written


def test_quiet_on_a_terminal_writes_the_answer_only(msrun: "Shell") -> None:
    assert msrun.on_a_terminal("ask.plan", "--question", "x", "--quiet") == (0, "Paris\r\n")


def test_events_on_a_terminal_are_not_painted_over(msrun: "Shell") -> None:
    _, written = msrun.on_a_terminal("ask.plan", "--question", "x", "--jsonl")
    assert "\x1b" not in written


def test_a_failure_leaves_the_cursor_and_the_picture(msrun: "Shell", folder: Path) -> None:
    plan = 'model m = scripted("a", "b")\nplan p(q: text) -> int {\n  solve r: int from q\n  return r\n}\n'
    (folder / "p.plan").write_text(plan, encoding="utf-8")
    code, written = msrun.on_a_terminal("p.plan", "--q", "?")
    assert code == 1
    plain = SWITCHES.sub("", written[written.rindex("✗") :])
    assert plain.startswith("✗  r  solve")
    assert "\r\nerror: node `r` failed: " in plain
    assert "\x1b[?25h" in written


def test_an_interrupt_does_not_wait_for_a_function_that_cannot_be_cancelled(msrun: "Shell", folder: Path) -> None:
    (folder / "t.py").write_text("import time\n\ndef nap():\n    time.sleep(60)\n", encoding="utf-8")
    plan = 'tool nap() -> text = python("t:nap")\nplan p() -> text {\n  call r from nap()\n  return r\n}\n'
    (folder / "p.plan").write_text(plan, encoding="utf-8")
    process = msrun.start("p.plan", "--allow", "tool:nap")
    assert process.stderr is not None
    assert "r: started" in process.stderr.readline()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.endswith("error: interrupted\n")
    assert time.monotonic() - started < 10
