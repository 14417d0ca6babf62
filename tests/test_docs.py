"""Every example in README and docs runs: plans check clean, Python runs, console lines print what they say."""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from msrun.dsl.front import check_text
from msrun.dsl.render import render_all

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    file: str
    line: int
    language: str
    info: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def examples(language: str) -> list[Example]:
    found: list[Example] = []
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        text = path.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match[1] == language:
                line = text.count("\n", 0, match.start()) + 1
                found.append(Example(str(path.relative_to(ROOT)), line, match[1], match[2].strip(), match[3]))
    return found


@pytest.mark.parametrize("example", examples("plan"), ids=str)
def test_plan_examples_check_clean(example: Example) -> None:
    checked = check_text(str(example), example.text, base=ROOT / "examples")
    assert checked.module is not None, render_all(checked.diagnostics)
    assert not checked.diagnostics, render_all(checked.diagnostics)


@pytest.mark.parametrize("example", examples("python"), ids=str)
def test_python_examples_run(example: Example) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example.text],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("example", examples("console"), ids=str)
def test_console_examples_print_what_they_say(example: Example) -> None:
    blocks = re.split(r"^\$ ", example.text, flags=re.MULTILINE)[1:]
    assert blocks, f"{example}: no command"
    for block in blocks:
        command, _, expected = block.partition("\n")
        words = shlex.split(command)
        assert words[0] == "msrun", f"{example}: only msrun commands are run"
        done = subprocess.run(
            [sys.executable, "-m", "msrun", *words[1:]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
            stdin=subprocess.DEVNULL,
        )
        assert expected.strip() in (done.stdout + done.stderr), f"{example}: {command}\n{done.stdout}{done.stderr}"
