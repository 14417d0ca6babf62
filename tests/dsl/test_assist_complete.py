"""Completion and signatures: at each place what fits there comes first, in half-written text as in whole one."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msrun.dsl.assist.complete import complete
from msrun.dsl.assist.signature import Signature, signature
from msrun.dsl.front import Studied
from tests.lsp.texts import PLAN, studied

EXAMPLES = sorted(Path(__file__).resolve().parents[2].glob("examples/**/*.plan"))


def look(text: str) -> Studied:
    return studied(text).main


def offered(old: str, new: str) -> list[str]:
    """What is offered at the ▮ of a text that stands instead of a piece of the plan."""
    assert old in PLAN
    text = PLAN.replace(old, new, 1)
    return labels(text)


def labels(text: str) -> list[str]:
    at = text.index("▮")
    made = complete("x.plan", text.replace("▮", ""), at, look, lambda: ["lib.plan", "parts/fact.plan"])
    return [each.label for each in made]


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        ("{{ part.text }}", "{{ part.▮ }}", ["id", "needs", "text"]),
        ("{{ part.text }}", "{{ part.t▮ }}", ["id", "needs", "text"]),
        ("{{ part.text }}", "{{ part.▮", ["id", "needs", "text"]),
        ("{{ part.text }}", "{{ ▮ }}", ["known", "part", "answer"]),
        ("{{ part.text }}", "{{ known | map(.▮) }}", ["index", "item", "status", "value"]),
        ("{{ part.text }}", "{{ known | ▮ }}", ["all", "any", "bullets"]),
        ("topic == sport", "topic == ▮", ["sport", "war"]),
        ("Topic.war", "Topic.▮", ["sport", "war"]),
        ("each(lib.line)", "each(lib.▮)", ["line", "步骤"]),
        ("using small", "using ▮", ["small"]),
        ("from web(query: question)", "from ▮", ["web"]),
        ("from web(query: question)", "from web(▮)", ["query"]),
        ('ask(question: "?")', "▮", ["ask"]),
        ('ask(question: "?")', "ask(▮)", ["question"]),
        ("limit words using small", "▮", ["for", "given", "limit", "samples", "using", "when"]),
        ("topic: Topic", "topic: ▮", ["Topic", "lib.步骤", "步骤"]),
        ("parts: 步骤", "parts: lib.▮", ["步骤"]),
        ('"lib.plan" as', '"▮" as', ["lib.plan", "parts/fact.plan"]),
        ("import 步骤, line", "import 步骤, ▮", ["line", "步骤"]),
        ("  expect out", "  ▮\n  expect out", ["mock", "run", "expect"]),
        ('= scripted("x")\nparam', "= ▮\nparam", ["bundled", "ollama", "openai"]),
        ("combine answer from found", "combine answer from found { on_error: ▮ }", ["fail"]),
    ],
)
def test_what_fits_comes_first(old: str, new: str, first: list[str]) -> None:
    assert offered(old, new)[: len(first)] == first


@pytest.mark.parametrize(
    ("old", "new", "among", "absent"),
    [
        (
            "  combine answer",
            "  ▮\n  combine answer",
            {"solve", "let", "return", "expect"},
            {"model", "mock", "prompt"},
        ),
        ("\nenum Topic", "\n▮\nenum Topic", {"model", "plan", "test", "import", "type"}, {"solve", "mock", "return"}),
        ("answer from found", "answer from found { ▮ }", {"prompt", "retry", "on_error"}, {"solve", "found"}),
        ("answer from found", "answer from found { retry: 1\n te▮ }", {"prompt", "timeout"}, {"retry", "found"}),
    ],
)
def test_what_may_begin_a_line(old: str, new: str, among: set[str], absent: set[str]) -> None:
    made = set(offered(old, new))
    assert among <= made
    assert not absent & made


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{{ part.text }}", "pa▮"),
        ("  combine answer", "  # par▮\n  combine answer"),
        ('"search:web"', '"se▮"'),
        ("enum Topic { sport", "enum Topic { sp▮"),
    ],
)
def test_nothing_is_offered_in_plain_text_comments_and_new_names(old: str, new: str) -> None:
    assert offered(old, new) == []


def test_settings_that_are_there_are_not_offered_again() -> None:
    made = offered("combine answer from found", "combine answer from found { retry: 1\n ▮ }")
    assert "retry" not in made
    assert "timeout" in made


def test_names_in_scope_end_with_their_block() -> None:
    assert "part" not in offered("return answer", "return ▮")
    assert "part" in offered("{{ words }}", "{{ ▮ }}")
    assert "out" in offered('expect out == "a"', "expect ▮")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("web(query: question)", "web(▮", Signature("web", ("query: text",), 0)),
        ('ask(question: "?")', "ask(question: ▮)", Signature("ask", ("question: text",), 0)),
        ("each(lib.line)", "each(lib.line, ▮)", Signature("each", ("fragment", "separator?"), 1)),
        ('python("search:web")', "python(▮)", Signature("python", ("a text",), 0)),
    ],
)
def test_signatures(old: str, new: str, expected: Signature) -> None:
    text = PLAN.replace(old, new, 1)
    made = signature("x.plan", text.replace("▮", ""), text.index("▮"), look)
    assert made is not None
    assert (made.name, made.params, made.active) == (expected.name, expected.params, expected.active)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_place_of_any_torn_text_raises(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(PLAN)))
    size = data.draw(st.integers(0, 40))
    inserted = data.draw(
        st.sampled_from(["", "{", "}", '"', '"""', "{{", "}}", "(", "|", ".", "步", "for ", "case ", "\n"])
    )
    text = PLAN[:start] + inserted + PLAN[start + size :]
    at = data.draw(st.integers(0, len(text)))
    complete("x.plan", text, at, look, list)
    signature("x.plan", text, at, look)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_place_of_the_examples_can_be_asked(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for at in range(0, len(text), 37):
        complete("x.plan", text, at, look, list)
