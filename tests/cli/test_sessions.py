"""Conversations on the command line: turns of a session, and `msrun sessions`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TALK = """
model small = scripted("Good day.", cycle: true)

type State { said: text? }
session chat { state: State  history: 4 }

plan talk(message: text) -> text within chat {
  update state = session.state | merge({said: message})
  solve answer from message { prompt: "{{ session.history | dialogue }}{{ session.state.said | default("nothing") }}" }
  return session.history | map(.user) | join
}
"""


@pytest.fixture
def talk(msrun: "Shell", folder: Path, monkeypatch: pytest.MonkeyPatch) -> "Shell":
    (folder / "talk.plan").write_text(TALK, encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    return msrun


def test_turns_of_a_session_are_runs_of_the_command(talk: "Shell", folder: Path) -> None:
    said = [talk("talk.plan", "--session", "ana", "--message", text).stdout for text in ("one", "two", "three")]
    assert said == ["\n", "one\n", "one, two\n"]
    assert talk("talk.plan", "--message", "who am I?").stdout == "\n"
    (file,) = (folder / "state" / "msrun" / "sessions").glob("*.db")
    assert file.name.startswith("talk-")


def test_sessions_are_listed_shown_and_forgotten(talk: "Shell") -> None:
    assert talk("sessions", "talk.plan").stdout == "no sessions are kept\n"
    for text in ("one", "two"):
        talk("talk.plan", "--session", "ana", "--message", text)
    talk("talk.plan", "--session", "bob", "--message", "x")
    listed = talk("sessions", "talk.plan").stdout
    assert listed == "ana  chat, 2 turns, just now\nbob  chat, 1 turn, just now\n"
    assert [row["id"] for row in json.loads(talk("sessions", "talk.plan", "--json").stdout)] == ["ana", "bob"]
    shown = json.loads(talk("sessions", "talk.plan", "ana").stdout)
    assert (shown["state"], shown["turns"]) == ({"said": "two"}, 2)
    assert [turn["user"] for turn in shown["history"]] == ["one", "two"]
    assert talk("sessions", "talk.plan", "ana", "--delete").stdout == "forgotten: ana\n"
    assert "ana" not in talk("sessions", "talk.plan").stdout
    assert "no session `ana`" in talk.fails(2, "sessions", "talk.plan", "ana")


def test_another_file_may_keep_them(talk: "Shell", folder: Path) -> None:
    for text in ("one", "two"):
        done = talk("talk.plan", "--session", "ana", "--sessions", "chat.db", "--message", text)
    assert done.stdout == "one\n"
    assert "ana" in talk("sessions", "talk.plan", "--sessions", "chat.db").stdout
    assert not (folder / "state").exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("talk.plan", "--session", "", "--message", "x"), "id"),
        (("talk.plan", "--session", "a", "--sessions", "ask.plan", "--message", "x"), "cannot be used"),
        (("ask.plan", "--session", "a", "--question", "x"), "no option `--session`"),
        (("sessions", "ask.plan"), "within a session"),
        (("sessions", "talk.plan", "--delete"), "--delete needs"),
        (("sessions", "talk.plan", "ana"), "no session `ana`"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_message(talk: "Shell", args: tuple[str, ...], words: str) -> None:
    assert words in talk.fails(2, *args)
