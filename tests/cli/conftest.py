"""The command as its users meet it: a process with arguments, streams and an exit code."""

import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Done = subprocess.CompletedProcess[str]

ASK = """
model small = scripted("Paris", "Berlin", "Rome")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
"""

PARTS = """
model small = scripted(["one", "two", "three"], "1", "2", "3", "one two three")

plan split(question: text) -> text {
  decompose parts from question limit 5
  solve answers for part in parts
  combine answer from answers
  return answer
}
"""

TYPED = """
enum Topic { sport  politics }

param style: text = "plain" { help: "house style" }

model small = scripted("ok")

plan typed(question: text, depth: int = 3, ratio: float = 0.5, deep: bool = false, topic: Topic? = null,
           words: list<text> = []) -> text {
  solve answer from question { prompt: "{{ style }} {{ question }} {{ depth }} {{ ratio }} {{ deep }} {{ words }}" }
  return answer
}
"""


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The environment of a user's shell: no colours asked for, this checkout importable."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", "COLUMNS": "100"}
    for name in ("NO_COLOR", "FORCE_COLOR", "MSRUN_DEBUG", "OPENAI_API_KEY", "PYTHONWARNINGS"):
        env.pop(name, None)
    for name, value in (changes or {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
    return env


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three plans that need no model."""
    for name, text in (("ask", ASK), ("parts", PARTS), ("typed", TYPED)):
        (tmp_path / f"{name}.plan").write_text(text, encoding="utf-8")
    return tmp_path


class Shell:
    """Runs the command in one folder. No invocation may ever show a traceback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *args: str, stdin: str | None = None, env: Mapping[str, str | None] | None = None) -> Done:
        """Run to the end; without `stdin` nothing stands there."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "msrun", *args],
            cwd=self.folder,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment(env),
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def line(self, line: str) -> Done:
        """Run a line of sh in which `$M` is the command."""
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment({"M": f"{sys.executable} -W error -m msrun"}),
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        assert "Exception ignored" not in done.stderr, done.stderr
        return done

    def start(self, *args: str) -> "subprocess.Popen[str]":
        """Start it and let the test do with it what users do; a job in the background would inherit a deaf Ctrl-C."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "msrun", *args],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment(),
            preexec_fn=_hear_interrupts,
        )

    def on_a_terminal(self, *args: str, stdout: int | None = None, **changes: str) -> tuple[int, str]:
        """Run it on a terminal of 24 lines and return the exit code and everything that was written there."""
        screen, other = pty.openpty()
        termios.tcsetwinsize(other, (24, 100))
        env = environment({"TERM": "xterm-256color", "COLUMNS": None, **changes})
        command = [sys.executable, "-W", "error", "-m", "msrun", *args]
        process = subprocess.Popen(
            command, cwd=self.folder, stdin=other, stdout=other if stdout is None else stdout, stderr=other, env=env
        )
        os.close(other)
        written = b""
        try:
            while data := os.read(screen, 65536):
                written += data
        except OSError:  # Linux says so when the last process has closed the terminal
            pass
        os.close(screen)
        code = process.wait(timeout=30)
        text = written.decode("utf-8")
        assert "Traceback" not in text, text
        return code, text

    def fails(
        self, code: int, *args: str, stdin: str | None = None, env: Mapping[str, str | None] | None = None
    ) -> str:
        """Run what must fail with this code and nothing on stdout; return its one message, which has a help line."""
        done = self(*args, stdin=stdin, env=env)
        assert (done.returncode, done.stdout) == (code, ""), done
        assert done.stderr.count("error: ") == 1, done.stderr
        message = done.stderr[done.stderr.index("error: ") :]
        assert "\n  = help: " in message, message
        return message.rstrip("\n")


@pytest.fixture
def msrun(folder: Path) -> Shell:
    """The command in a folder with plans that need no model."""
    return Shell(folder)
