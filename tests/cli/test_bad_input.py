"""Whatever is wrong ends in one message with a help line, a documented exit code, and never in a traceback."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell


def test_no_arguments_show_the_help(msrun: "Shell") -> None:
    done = msrun()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: msrun FILE")


@pytest.mark.parametrize(
    ("args", "message", "help_line"),
    [
        (("asc.plan",), "there is no file `asc.plan`", "did you mean `ask.plan`?"),
        (("ask",), "there is no file `ask`", "did you mean `ask.plan`?"),
        (("chekc", "ask.plan"), "`chekc` is neither a command nor a file", "did you mean `msrun check`?"),
        (("nowhere/else.plan",), "there is no file `nowhere/else.plan`", "give the path of a .plan file"),
        (("ask.plan:aks", "--question", "?"), "ask.plan has no plan `aks`", "did you mean `ask`?"),
        (("ask.plan", "--qestion", "?"), "there is no option `--qestion`", "did you mean `--question`?"),
        (
            ("ask.plan", "--question"),
            "option '--question' requires an argument",
            "`msrun --help` shows how it is called",
        ),
        (
            ("ask.plan", "--question", "?", "--seed", "x"),
            "invalid value for '--seed': 'x' is not a valid integer",
            "`msrun ask.plan --help` shows how it is called",
        ),
        (("ask.plan", "?"), "got unexpected extra argument (?)", "`msrun ask.plan --help` shows how it is called"),
        (
            ("ask.plan", "--question", "?", "--set", "smal.temperature=1"),
            "there is no model or node `smal`",
            "did you mean `small`?",
        ),
        (("ask.plan", "--question", "?", "--model", "small=big"), "there is no model `big`", "there are: small"),
        (
            ("ask.plan", "--question", "-"),
            "--question -: nothing stands on standard input",
            "echo … | msrun FILE --question -",
        ),
        (("check",), "missing argument 'FILES...'", "`msrun check --help` shows how it is called"),
        (
            ("graph", "ask.plan", "--format", "png"),
            "invalid value for '--format': 'png' is not one of 'text', 'mermaid', 'dot', 'svg'",
            "`msrun graph --help` shows how it is called",
        ),
        (
            ("graph", "ask.plan", "-o", "no/such/dir.svg"),
            "`no/such/dir.svg` cannot be written: No such file or directory",
            "`msrun graph --help` shows how it is called",
        ),
        (("train", "ask.plan"), "ask.plan has no training stage", "`msrun ask.plan` runs its plan"),
        (
            ("ask.plan", "--question", "?", "--json", "--jsonl"),
            "--json and --jsonl cannot both be printed",
            "`msrun ask.plan --help` shows how it is called",
        ),
    ],
)
def test_a_wrong_call_is_told_how_to_be_right(
    msrun: "Shell", args: tuple[str, ...], message: str, help_line: str
) -> None:
    assert msrun.fails(2, *args) == f"error: {message}\n  = help: {help_line}"


def test_missing_inputs_are_listed_with_types_and_help(msrun: "Shell", folder: Path) -> None:
    plan = "plan p(question: text, depth: int, words: list<text> = []) -> text {\n  return question\n}\n"
    (folder / "p.plan").write_text(plan, encoding="utf-8")
    assert msrun.fails(2, "p.plan", "--words", "[1]") == (
        "error: --question is missing; --depth is missing; --words: [0]: expected a text, got 1\n"
        "  = help: plan `p` takes\n"
        "      --question  text\n"
        "      --depth     int\n"
        "      --words     list<text> = []"
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--depth", "deep"), "--depth: expected a whole number, got 'deep'"),
        (("--ratio", "nan"), "--ratio: expected a number, got 'nan'"),
        (("--deep", "perhaps"), "--deep: expected true or false, got 'perhaps'"),
        (("--topic", "sprt"), "--topic: expected one of sport, politics"),
        (("--words", "a,b"), "--words: expected list<text> as JSON"),
    ],
)
def test_a_value_of_the_wrong_type(msrun: "Shell", args: tuple[str, ...], words: str) -> None:
    assert words in msrun.fails(2, "typed.plan", "--question", "?", *args)


@pytest.mark.parametrize("verb", ["run", "check", "graph", "train"])
def test_a_folder_and_a_missing_file(msrun: "Shell", folder: Path, verb: str) -> None:
    (folder / "plans").mkdir()
    (folder / "plans" / "a.plan").write_text("", encoding="utf-8")
    assert "`plans` is a folder\n  = help: it holds: plans/a.plan" in msrun(verb, "plans").stderr
    assert "there is no file `b.plan`" in msrun(verb, "b.plan").stderr
    assert "did you mean `plans/a.plan`?" in msrun(verb, "a.plan").stderr
    assert {msrun(verb, "plans").returncode, msrun(verb, "b.plan").returncode} == {2}


@pytest.mark.parametrize("verb", ["run", "check", "graph", "train"])
@pytest.mark.parametrize(
    ("data", "code"), [(b"\x89PNG\r\n\x1a\n\x00\xff" * 100, "E0017"), (b"plan p() -> text {\n", "E0")]
)
def test_static_errors_exit_with_three(msrun: "Shell", folder: Path, verb: str, data: bytes, code: str) -> None:
    (folder / "bad.plan").write_bytes(data)
    done = msrun(verb, "bad.plan")
    assert done.returncode == 3
    assert f"error[{code}" in done.stdout + done.stderr
    assert done.stdout == "" or verb == "check"


def test_a_broken_configuration(msrun: "Shell", folder: Path) -> None:
    (folder / "msrun.toml").write_text("alow = []", encoding="utf-8")
    message = msrun.fails(2, "ask.plan", "--question", "?")
    assert message == "error: msrun.toml: there is no setting `alow`\n  = help: did you mean `allow`?"


TOOL = """
tool count(s: text) -> int = python("tools:count")

plan p(q: text) -> int {
  call n from count(s: q)
  return n
}
"""


def test_a_tool_is_refused_with_the_grant_it_needs(msrun: "Shell", folder: Path) -> None:
    (folder / "p.plan").write_text(TOOL, encoding="utf-8")
    (folder / "tools.py").write_text("def count(s):\n    return len(s)\n", encoding="utf-8")
    message = msrun.fails(2, "p.plan", "--q", "four")
    assert "`count` (python tools:count)" in message
    assert '--allow tool:count, or allow = ["tool:count"] in msrun.toml' in message
    assert msrun("p.plan", "--q", "four", "--allow", "tool:count").stdout == "4\n"
    (folder / "msrun.toml").write_text('allow = ["tool:*"]\n', encoding="utf-8")
    assert msrun("p.plan", "--q", "four").stdout == "4\n"


SERVER = """
model m = openai("x") { base_url: "URL"  KEY }

plan p(q: text) -> text {
  solve r from q { retry: 0 }
  return r
}
"""


def server_plan(folder: Path, url: str, key: str = "") -> None:
    (folder / "p.plan").write_text(SERVER.replace("URL", url).replace("KEY", key), encoding="utf-8")


def test_a_secret_that_is_not_set_is_named_before_anything_is_called(msrun: "Shell", folder: Path) -> None:
    server_plan(folder, "http://127.0.0.1:9/v1", 'key: secret("SOME_API_KEY")')
    assert msrun.fails(2, "p.plan", "--q", "?") == (
        "error: environment variable not set: `SOME_API_KEY` (for model `m`)\n  = help: export SOME_API_KEY=…"
    )


def test_a_server_that_is_not_there(msrun: "Shell", folder: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    server_plan(folder, f"http://127.0.0.1:{port}/v1", 'key: secret("SOME_API_KEY")')
    message = msrun.fails(1, "p.plan", "--q", "?", env={"SOME_API_KEY": "sk-canary-123456"})
    assert message.startswith("error: node `r` failed: ")
    assert f"127.0.0.1:{port}" in message
    assert "canary" not in message


class Unauthorised(BaseHTTPRequestHandler):
    """A server that knows no key."""

    def do_POST(self) -> None:
        body = json.dumps({"error": {"message": "Incorrect API key provided: " + self.headers["Authorization"]}})
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@pytest.fixture
def unauthorised() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Unauthorised) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def test_a_wrong_key(msrun: "Shell", folder: Path, unauthorised: str) -> None:
    server_plan(folder, unauthorised, 'key: secret("SOME_API_KEY")')
    message = msrun.fails(1, "p.plan", "--q", "?", env={"SOME_API_KEY": "sk-canary-123456"})
    assert message.startswith("error: node `r` failed: ")
    assert "401" in message
    assert "canary" not in message


def test_a_model_that_replies_nonsense(msrun: "Shell", folder: Path) -> None:
    plan = 'model m = scripted("a", "b", "c")\nplan p(q: text) -> int {\n  solve r: int from q\n  return r\n}\n'
    (folder / "p.plan").write_text(plan, encoding="utf-8")
    assert msrun.fails(1, "p.plan", "--q", "?").startswith("error: node `r` failed: ")


def test_a_model_whose_folder_is_not_there(msrun: "Shell", folder: Path) -> None:
    plan = 'model m = transformers("no/such/model")\nplan p(q: text) -> text {\n  solve r from q\n  return r\n}\n'
    (folder / "p.plan").write_text(plan, encoding="utf-8")
    message = msrun.fails(1, "p.plan", "--q", "?")
    assert "no/such/model" in message


def test_an_extra_that_is_not_installed_names_the_command(msrun: "Shell", folder: Path) -> None:
    plan = 'model m = transformers("m")\nplan p(q: text) -> text {\n  solve r from q\n  return r\n}\n'
    (folder / "p.plan").write_text(plan, encoding="utf-8")
    blocked = "import sys\nfor name in ('torch', 'transformers'):\n    sys.modules[name] = None\n"
    (folder / "sitecustomize.py").write_text(blocked, encoding="utf-8")
    path = f"{folder}:{Path(__file__).resolve().parents[2]}"
    message = msrun.fails(1, "p.plan", "--q", "?", env={"PYTHONPATH": path})
    assert 'pip install "msrun[local]"' in message


def test_a_backend_that_nobody_knows(msrun: "Shell", folder: Path) -> None:
    plan = 'model m = ollamma("m")\nplan p(q: text) -> text {\n  solve r from q\n  return r\n}\n'
    (folder / "p.plan").write_text(plan, encoding="utf-8")
    done = msrun("p.plan", "--q", "?")
    assert done.returncode in (1, 3)
    assert "did you mean `ollama`?" in done.stderr


def test_a_failed_run_is_json_too(msrun: "Shell", folder: Path) -> None:
    plan = 'model m = scripted("a", "b", "c")\nplan p(q: text) -> int {\n  solve r: int from q\n  return r\n}\n'
    (folder / "p.plan").write_text(plan, encoding="utf-8")
    done = msrun("p.plan", "--q", "?", "--json")
    record = json.loads(done.stdout)
    assert done.returncode == 1
    assert (record["answer"], record["error"]["node"], record["error"]["fault"]) == (None, "r", "reply")
    assert record["nodes"]["r"]["status"] == "failed"


def test_standard_input_that_is_no_text(msrun: "Shell", folder: Path) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "msrun", "ask.plan", "--question", "-"],
        cwd=folder,
        input=b"\xff\xfe",
        capture_output=True,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PATH": ""},
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("error: --question -: standard input is not UTF-8 (byte 0)\n  = help: ")


def test_an_error_of_our_own_says_where_to_look(msrun: "Shell", folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("import msrun.files\nmsrun.files.split_target = None\n", encoding="utf-8")
    path = f"{folder}:{Path(__file__).resolve().parents[2]}"
    message = msrun.fails(1, "ask.plan", "--question", "?", env={"PYTHONPATH": path})
    assert message.startswith("error: internal error TypeError: ")
    assert "MSRUN_DEBUG=1" in message


def test_a_tool_that_fails(msrun: "Shell", folder: Path) -> None:
    (folder / "p.plan").write_text(TOOL, encoding="utf-8")
    (folder / "tools.py").write_text("def count(s):\n    raise RuntimeError('\x1b[31mno')\n", encoding="utf-8")
    message = msrun.fails(1, "p.plan", "--q", "four", "--allow", "tool:count")
    assert message.startswith("error: node `n` failed: tool `count` failed with RuntimeError: ␛[31mno\n")
