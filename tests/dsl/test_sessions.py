"""Plans within a session: what `session` is there, what `update` makes, and which updates exclude each other."""

import pytest

from msrun.dsl.codec import decode, encode
from msrun.dsl.draw.text import text
from msrun.dsl.front import check_text
from msrun.dsl.graph import edges, vertices
from msrun.dsl.plan import Plan, SessionSpec, Update
from msrun.dsl.render import render_all
from msrun.dsl.shapes import TEXT, Maybe, Named
from msrun.dsl.tree import Ref

HEAD = """
model m = scripted("x")
type Order { number: text?  mood: "calm" | "cross" = "calm" }
type Must { number: text }
enum Topic { sport  politics }
session chat { state: Order  strict: Must  topic: Topic  words: text  history: 3  expires: 30min }
"""
TALK = """
plan talk(n: int, message: text, more: text) -> text within chat {
  extract found: Order from [message, more]
  update state = session.state | merge(found)
  update words = message when session.words == null
  solve answer from message { prompt: "{{ session.history | dialogue }}{{ state.mood }}{{ message }}{{ n }}" }
  return answer
}
"""


def plan(text: str) -> Plan:
    checked = check_text("x.plan", text)
    assert checked.module is not None, render_all(checked.diagnostics)
    assert not checked.diagnostics
    return checked.module.plan()


def entries(text: str) -> list[str]:
    return [finding.entry for finding in check_text("x.plan", HEAD + text).diagnostics if finding.severity == "error"]


def test_a_session_has_slots_a_history_and_an_end() -> None:
    assert plan(HEAD + TALK).session == SessionSpec(
        name="chat",
        slots=(
            ("state", Named("Order")),  # begins with its defaults
            ("strict", Maybe(Named("Must"))),
            ("topic", Maybe(Named("Topic"))),
            ("words", Maybe(TEXT)),
        ),
        history=3,
        expires_s=1800,
    )


def test_settings_that_are_left_out_have_the_defaults_of_the_table() -> None:
    spec = plan("session chat { words: text }\nplan p(q: text) -> text within chat { return q }").session
    assert spec is not None
    assert (spec.history, spec.expires_s) == (8, 86400)


def test_an_update_is_a_node_with_the_slot_s_type() -> None:
    made = plan(HEAD + TALK)
    state, words = made.node("state"), made.node("words")
    assert isinstance(state.action, Update)
    assert (state.action.slot, state.value_shape, state.reads) == ("state", Named("Order"), ("session", "found"))
    assert words.value_shape == Maybe(TEXT)  # for the condition
    assert {"Order", "Must", "Topic"} <= {each.id for each in made.types}


def test_the_history_keeps_the_first_text_among_the_inputs() -> None:
    assert plan(HEAD + TALK).said == Ref("message")


def test_a_plan_within_a_session_survives_json() -> None:
    made = plan(HEAD + TALK)
    assert decode(encode(made)) == made


def test_the_drawing_shows_the_session_where_it_is_read() -> None:
    made = plan(HEAD + TALK)
    assert ("session", "chat") in {(vertex.id, vertex.shape) for vertex in vertices(made)}
    assert {edge.target for edge in edges(made) if edge.source == "session"} == {"state", "words", "answer"}
    assert "session" in text(made)
    unread = plan("session chat { words: text }\nplan p(q: text) -> text within chat { return q }")
    assert "session" not in {vertex.id for vertex in vertices(unread)}


def test_arms_of_a_choose_may_update_the_same_slot() -> None:
    text = """
    plan p(message: text) -> text within chat {
      classify topic_is: Topic from message
      choose x: text on topic_is {
        case sport { update words = message  return message }
        else { update words = message  return message }
      }
      return x
    }
    """
    assert not [entry for entry in entries(text) if entry.startswith("E0312")]


def test_an_update_beside_a_choose_that_updates_the_slot_is_one_too_many() -> None:
    text = """
    plan p(message: text) -> text within chat {
      classify topic_is: Topic from message
      choose x: text on topic_is {
        case sport { update words = message  return message }
        else { return message }
      }
      update words = message
      return x
    }
    """
    assert "E0312" in entries(text)


@pytest.mark.parametrize(
    ("body", "entry"),
    [
        ("update words = session.words  return q", None),
        ("update state = session.strict  return q", "E0205"),
        ("update state = session.state when session.strict != null  return q", None),
        ("let n = session.strict.number when session.strict != null  return n | default(q)", None),
        ("let n = session.strict.number  return n", "E0205/field"),
        ("update topic = Topic.sport  return q", None),
        ("update topic = q  return q", "E0202/slot"),
        ("return session.history | map(.answer) | join", None),
        ("return session.history | map(.said) | join", "E0105/alone"),
    ],
)
def test_slots_are_used_by_their_types(body: str, entry: str | None) -> None:
    found = entries(f"plan p(q: text) -> text within chat {{ {body} }}")
    assert found == ([entry] if entry else [])


def test_the_language_s_own_types_can_be_named_and_may_be_declared_by_the_file() -> None:
    own = 'fragment line(turn: Turn) = "{{ turn.user }}"\n'
    use = "plan p(q: text) -> text within chat { return session.history | each(line) }"
    assert entries(own + use) == []
    mine = 'type Turn { mine: text }\nfragment line(turn: Turn) = "{{ turn.mine }}"\n'
    assert entries(mine + "plan p(q: text) -> text within chat { return session.history | dialogue }") == []
    assert entries(mine + use) == ["E0204"]
