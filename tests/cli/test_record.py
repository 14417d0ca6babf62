"""`msrun test --record` as its users meet it: a real server, a real local model, and then neither."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Shell

KEY = "sk-recorded-0123456789abcdef"

PLAN = """
model small = openai("gpt-tiny") {{ key: secret("RECORD_KEY")  base_url: "http://127.0.0.1:{port}/v1" }}

plan ask(question: text) -> text {{
  solve answer from question
  return answer
}}

test {name} {{
  run out from ask(question: "capital of {country}?")
  expect out == "Paris"
}}
"""

SUM = """
test sum {
  run out from arithmetic(question: "What is 12 plus 30?")
  expect out | contains("42")
}
"""


class Chat(BaseHTTPRequestHandler):
    """Answers every question about a capital with Paris."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        said = {"role": "assistant", "content": "Paris"}
        body = json.dumps({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of http.server
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Chat)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def msrun(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def write(folder: Path, port: int, country: str = "France") -> None:
    (folder / "a.plan").write_text(PLAN.format(port=port, country=country, name="capital"), encoding="utf-8")


def test_record_then_play_without_key_or_server(msrun: Shell, port: int) -> None:
    write(msrun.folder, port)
    done = msrun("test", "--record", "a.plan", env={"RECORD_KEY": KEY})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "✓ passed  a.plan:capital\na.plan: 1 recorded, 0 kept, 0 no longer used\n1 test: 1 passed, 0 failed\n"
    )
    stored = (msrun.folder / "a.cassette.jsonl").read_text(encoding="utf-8")
    assert KEY not in stored
    assert json.loads(stored)["reply"] == "Paris"
    write(msrun.folder, port)
    done = msrun("test", "a.plan", "--junit", "out.xml")
    assert done.stdout == "✓ passed  a.plan:capital\n1 test: 1 passed, 0 failed\n"
    again = msrun("test", "--record", "--", "a.plan")  # nothing is missing: no key is needed
    assert "a.plan: 0 recorded, 1 kept, 0 no longer used\n" in again.stdout
    everything = msrun("test", "--record=all", env={"RECORD_KEY": KEY})
    assert "a.plan: 1 recorded, 0 kept, 0 no longer used\n" in everything.stdout


def test_a_changed_prompt_is_shown_with_its_words(msrun: Shell, port: int) -> None:
    write(msrun.folder, port)
    assert msrun("test", "--record", env={"RECORD_KEY": KEY}).returncode == 0
    write(msrun.folder, port, country="Spain")
    done = msrun("test", "a.plan")
    assert done.returncode == 1
    assert "failed: `answer` asks the model `small` what `a.cassette.jsonl` does not hold\n" in done.stdout
    assert "[-France-]{+Spain+}" in done.stdout
    assert "= help: msrun test --record a.plan\n" in done.stdout


def test_a_key_that_is_not_set_is_said_before_anything_is_sent(msrun: Shell, port: int) -> None:
    write(msrun.folder, port)
    done = msrun("test", "--record", "a.plan")
    assert done.returncode == 1
    assert "RECORD_KEY" in done.stdout
    assert not (msrun.folder / "a.cassette.jsonl").exists()


def test_a_spoilt_cassette_is_named_with_its_line(msrun: Shell, port: int) -> None:
    write(msrun.folder, port)
    (msrun.folder / "a.cassette.jsonl").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    assert "line 1 of `a.cassette.jsonl` is no JSON" in msrun.fails(2, "test", "a.plan")


def test_the_bundled_model_is_recorded_and_played_without_torch(msrun: Shell) -> None:
    plan = (ROOT / "examples" / "quickstart.plan").read_text(encoding="utf-8")
    (msrun.folder / "sum.plan").write_text(plan + SUM, encoding="utf-8")
    done = msrun("test", "--record", "sum.plan")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "recorded, 0 kept, 0 no longer used" in done.stdout
    code = (
        "import sys\nfrom msrun.cli import main\n"
        "assert main(['test', 'sum.plan']) == 0\n"
        "heavy = {'torch', 'transformers', 'httpx2'} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    (msrun.folder / "main.py").write_text(code, encoding="utf-8")
    played = msrun.line('python=${M%% *}; "$python" main.py')
    assert played.returncode == 0, played.stderr
