"""Recorded replies: made once against a server, played without it, and what is said where a call is not there."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import SocketStream

from msrun.backends.port import Message, Request
from msrun.cassette import read_cassette
from msrun.dsl.front import check_file
from msrun.dsl.plan import Module
from msrun.errors import CassetteInvalid
from msrun.exchanges import changes
from msrun.tape import Record, Tape, open_tape
from msrun.testing import Verdict, arun_tests
from tests.backends.conftest import Received, Server, serving

KEY = "sk-cassette-0123456789abcdef"
KEY_OF_CALL = "0" * 64

PLAN = """
model small = openai("gpt-tiny") {{ key: secret("CASSETTE_KEY")  base_url: "{url}"  temperature: 0.2 }}
model other = ollama("nobody")

plan ask(question: text) -> text {{
  solve draft from question using small
  combine answer from draft using small
  return answer
}}

test capital {{
  run out from ask(question: "capital of France?")
  expect calls(small) == 2
  expect sent_to(small) | contains("France")
}}

test river {{
  run out from ask(question: "river of Paris?")
  expect calls(small) == 2
}}
"""


class Lab:
    """A plan file in a folder, and what its tests give with a server that counts its calls."""

    def __init__(self, folder: Path, url: str = "http://127.0.0.1:9/v1") -> None:
        self.file = folder / "ask.plan"
        self.url = url
        self.write()

    @property
    def cassette(self) -> Path:
        return self.file.with_name("ask.cassette.jsonl")

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.cassette.read_text(encoding="utf-8").splitlines()]

    def write(self, *changed: tuple[str, str]) -> None:
        text = PLAN.format(url=self.url)
        for old, new in changed:
            assert old in text
            text = text.replace(old, new)
        self.file.write_text(text, encoding="utf-8")

    def module(self) -> Module:
        checked = check_file(self.file)
        assert checked.module is not None, checked.diagnostics
        return checked.module

    def tape(self, record: Record | None) -> Tape:
        secrets = {"CASSETTE_KEY": KEY} if record else {}
        return open_tape(self.file, self.module(), record=record, secret=secrets.get)

    async def run(self, record: Record | None = None, wanted: str = "") -> tuple[tuple[Verdict, ...], Tape]:
        tape = self.tape(record)
        return await arun_tests(self.module(), tape=tape, wanted=lambda name: wanted in name), tape


def replying(*texts: str) -> Any:
    """Return a handler that gives these texts in turn, with the caller's key in each: servers echo what they like."""
    left = list(texts)

    async def handler(request: Received, stream: SocketStream) -> bool:
        text = left.pop(0) if left else f"reply to {len(request.json['messages'][-1]['content'])} characters"
        body = json.dumps(
            {
                "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3},
            }
        ).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        await stream.send(head + body)
        return True

    return handler


async def recorded(lab: Lab, server: Server, record: Record = "missing", wanted: str = "") -> tuple[Tape, int]:
    """Record and return the tape and how many calls the server got."""
    before = len(server.requests)
    _, tape = await lab.run(record, wanted)
    return tape, len(server.requests) - before


def tally(tape: Tape) -> tuple[int, int, int]:
    assert tape.tally is not None
    return tape.tally.recorded, tape.tally.kept, tape.tally.pruned


def passed(verdicts: Sequence[Verdict]) -> bool:
    return all(verdict.passed for verdict in verdicts)


def test_what_was_recorded_is_played_without_a_server(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying()) as server:
            lab = Lab(tmp_path, server.base_url)
            verdicts, tape = await lab.run("missing")
            assert passed(verdicts), verdicts
            assert tally(tape) == (4, 0, 0)
            assert len(server.requests) == 4
        first = lab.cassette.read_bytes()
        verdicts, tape = await lab.run()
        assert passed(verdicts), verdicts
        assert [verdict.calls for verdict in verdicts] == [2, 2]
        assert tape.tally is None
        assert lab.cassette.read_bytes() == first

    anyio.run(main)


def test_a_cassette_is_lines_that_a_person_can_review(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying("Paris", "It is Paris.")) as server:
            lab = Lab(tmp_path, server.base_url)
            await lab.run("missing", "capital")
        first, second = lab.lines
        assert list(first)[:3] == ["test", "node", "model"]
        assert (first["test"], first["node"], first["model"], first["reply"]) == ("capital", "draft", "small", "Paris")
        assert "capital of France?" in first["messages"][0]["text"]
        assert first["usage"] == {"prompt_tokens": 7, "completion_tokens": 3}
        assert (second["node"], second["reply"]) == ("answer", "It is Paris.")
        assert "Paris" in second["messages"][0]["text"]

    anyio.run(main)


def test_only_what_is_missing_or_changed_is_asked_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying()) as server:
            lab = Lab(tmp_path, server.base_url)
            await lab.run("missing")
            tape, asked = await recorded(lab, server)
            assert (tally(tape), asked) == ((0, 4, 0), 0)
            lab.write(("river of Paris?", "river of Rome?"))
            tape, asked = await recorded(lab, server)
            assert asked == 2
            assert tally(tape) == (2, 2, 2)
            assert len(lab.lines) == 4
            tape, asked = await recorded(lab, server, "all")
            assert (tally(tape), asked) == ((4, 0, 0), 4)

    anyio.run(main)


def test_stale_calls_go_only_where_every_test_ran_to_its_end(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying()) as server:
            lab = Lab(tmp_path, server.base_url)
            await lab.run("missing")
            lab.write(("capital of France?", "capital of Spain?"))
            tape, asked = await recorded(lab, server, wanted="capital")
            assert (tally(tape), asked, len(lab.lines)) == ((2, 4, 0), 2, 6)
            tape, asked = await recorded(lab, server)
            assert (tally(tape), asked, len(lab.lines)) == ((0, 4, 2), 0, 4)
            assert [line["test"] for line in lab.lines] == ["capital", "capital", "river", "river"]
            lab.write(("using small\n  return", "using other\n  return"))  # fails: nobody listens there
            tape, _ = await recorded(lab, server)
            assert tally(tape)[2] == 0
            assert len(lab.lines) >= 4

    anyio.run(main)


def test_a_file_whose_tests_ask_nothing_any_more_has_no_cassette(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying()) as server:
            lab = Lab(tmp_path, server.base_url)
            await lab.run("missing")
            lab.file.write_text("test t { expect 1 == 1 }", encoding="utf-8")
            tape, _ = await recorded(lab, server)
            assert tally(tape) == (0, 0, 4)
            assert not lab.cassette.exists()

    anyio.run(main)


def test_a_call_that_two_tests_make_is_paid_once(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying()) as server:
            lab = Lab(tmp_path, server.base_url)
            lab.write(("river of Paris?", "capital of France?"))
            tape, asked = await recorded(lab, server)
            assert (tally(tape), asked) == ((2, 0, 0), 2)
            assert [line["test"] for line in lab.lines] == ["capital", "capital"]

    anyio.run(main)


def test_no_secret_is_stored_and_a_test_sees_what_is_stored(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying("draft", f"you sent {KEY} and Basic arithmetic")) as server:
            lab = Lab(tmp_path, server.base_url)
            lab.write(
                (
                    "expect calls(small) == 2\n  expect",
                    'expect out == "you sent [secret] and Basic arithmetic"\n  expect',
                )
            )
            verdicts, _ = await lab.run("missing", "capital")
            assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
            assert passed(verdicts), verdicts
        stored = lab.cassette.read_text(encoding="utf-8")
        assert KEY not in stored
        assert KEY[3:-3] not in stored
        assert "you sent [secret] and Basic arithmetic" in stored
        verdicts, _ = await lab.run(None, "capital")
        assert passed(verdicts), verdicts

    anyio.run(main)


def test_a_call_that_is_not_held_says_what_changed(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying()) as server:
            lab = Lab(tmp_path, server.base_url)
            await lab.run("missing")
        lab.write(("river of Paris?", "river of Rome?"), ("temperature: 0.2", "temperature: 0.7"))
        verdicts, _ = await lab.run()
        (failure,) = verdicts[1].failures
        assert failure.message == "`draft` asks the model `small` what `ask.cassette.jsonl` does not hold"
        assert failure.help == f"msrun test --record {lab.file}"
        first, *more = failure.notes
        assert first.startswith("the user message changed: ")
        assert "[-Paris-]{+Rome+}" in first
        assert more == ["`temperature` was 0.2, now it is 0.7"]

    anyio.run(main)


def test_without_a_cassette_a_call_says_mock_or_record(tmp_path: Path) -> None:
    async def main() -> None:
        lab = Lab(tmp_path)
        verdicts, _ = await lab.run()
        (failure,) = verdicts[0].failures
        assert failure.message == "`draft` asks the model `small`, and the test has no mock of it"
        assert failure.help == f'mock small = replies("…"), or keep what it says: msrun test --record {lab.file}'

    anyio.run(main)


def test_a_fault_while_recording_fails_the_test_and_is_not_stored(tmp_path: Path) -> None:
    async def refuse(_: Received, stream: SocketStream) -> bool:
        await stream.send(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n")
        return True

    async def main() -> None:
        async with serving(refuse) as server:
            lab = Lab(tmp_path, server.base_url)
            verdicts, tape = await lab.run("missing")
        assert tally(tape) == (0, 0, 0)
        assert not lab.cassette.exists()
        (failure,) = verdicts[0].failures
        assert failure.message.startswith("the run of `ask` failed at `draft`: ")
        assert KEY not in str(verdicts)

    anyio.run(main)


def test_a_model_that_cannot_be_opened_fails_the_test(tmp_path: Path) -> None:
    async def main() -> None:
        lab = Lab(tmp_path)
        tape = open_tape(lab.file, lab.module(), record="missing", secret=lambda _: None)
        verdicts = await arun_tests(lab.module(), tape=tape)
        assert "CASSETTE_KEY" in verdicts[0].failures[0].message

    anyio.run(main)


def test_what_was_paid_for_is_kept_where_recording_is_cancelled(tmp_path: Path) -> None:
    async def main() -> None:
        slow = anyio.Event()
        reply = replying()

        async def handler(request: Received, stream: SocketStream) -> bool:
            if len(server.requests) > 1:
                slow.set()
                await anyio.sleep_forever()
            return bool(await reply(request, stream))

        async with serving(handler) as server:
            lab = Lab(tmp_path, server.base_url)
            async with anyio.create_task_group() as group:
                group.start_soon(lab.run, "missing", "capital")
                await slow.wait()
                group.cancel_scope.cancel()
        assert [line["node"] for line in lab.lines] == ["draft"]

    anyio.run(main)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "is no JSON"),
        ("[1]", "is no recorded call"),
        ('{"test": "t", "node": "n", "model": "m", "messages": [], "reply": 3, "key": "00"}', "reply"),
        ('{"test": "t", "node": "n", "model": "m", "messages": [], "reply": "", "key": "../x"}', "key"),
        ('{"a": 1, "a": 2}', "stands twice"),
    ],
)
def test_a_spoilt_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "x.cassette.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(CassetteInvalid) as caught:
        read_cassette(path)
    assert "line 2 of" in caught.value.message
    assert said in caught.value.message
    assert caught.value.help


def test_a_repair_and_another_type_are_told_apart(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(replying()) as server:
            lab = Lab(tmp_path, server.base_url)
            await lab.run("missing", "capital")
        held = list(read_cassette(lab.cassette).exchanges.values())
        spec = lab.module().models[0]
        first = held[0]
        messages = tuple(Message("user", message.text) for message in first.messages)
        request = Request(
            model="gpt-tiny", messages=messages, node="draft", content=KEY_OF_CALL, schema={"type": "integer"}
        )
        assert changes(spec, request, "capital", held) == ("the type of the reply changed",)
        repair = Request(
            model="gpt-tiny", messages=(*messages, Message("user", "again")), node="draft", content=KEY_OF_CALL
        )
        assert changes(spec, repair, "capital", held) == ("the conversation had 1 message, now it has 2 messages",)
        renamed = Request(model="gpt-tiny", messages=messages, node="first", content=KEY_OF_CALL)
        (said,) = changes(spec, renamed, "capital", held)
        assert said.startswith("only the seed differs: a node was renamed")
        (said,) = changes(replace(spec, args=("gpt-huge",)), replace(request, schema=None), "capital", held)
        assert said == '`args` was ["gpt-tiny"], now it is ["gpt-huge"]'

    anyio.run(main)
