"""What differs between two plans: what they mean, and nothing about how they are written."""

from pathlib import Path

import pytest

from msrun.dsl.diff.change import Change
from msrun.dsl.diff.modules import differences
from msrun.dsl.diff.spell import spell_expr
from msrun.dsl.diff.told import objects, told
from msrun.dsl.front import check_file, check_text
from msrun.dsl.plan import Module
from msrun.dsl.render import render_all
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import parse
from msrun.dsl.tree import Statement

ROOT = Path(__file__).resolve().parents[2]
PLANS = sorted([*(ROOT / "examples").rglob("*.plan"), *(ROOT / "tests" / "plans").glob("*.plan")])

BASE = """
param style: text = "plain"
model small = openai("gpt-5-mini") { key: secret("KEY")  temperature: 0.2 }
model large = ollama("big")
enum Mood { calm "at ease"  cross }
type Step { id: key  ask: text[..200] "one question"  needs: list<ref<Step>> }
fragment line(item: Step, value: text) = "- {{ item.ask }}: {{ value }}"
tool double(n: int) -> int = python("helpers:double")

plan ask(question: text, n: int = 2) -> text {
  decompose steps: Step from question limit 6 using large
  solve facts for step in steps given step.needs as known using small {
    prompt: "Known: {{ known | each(line) }}. In a {{ style }} style: {{ step.ask }}"
    retry: 3
    on_error: skip
  }
  classify mood: Mood from question using small
  call twice from double(n: n)
  let total = twice + 1
  solve drafts from [question, facts] samples total using large when mood == calm {
    prompt: "{{ question }} {{ facts }}"
    temperature: 0.9
  }
  vote best from drafts | default([]) { quorum: 40% }
  combine answer from facts using small { system: "Be brief."  prompt: "{{ question }} {{ facts }} {{ best }}" }
  expect answer != ""
  return answer
}

plan short(question: text) -> text {
  solve answer from question using large
  return answer
}

profile prod { model large = openai("gpt-5") { key: secret("KEY") } }

test one {
  mock large = replies("x")
  run out from short("why?")
  expect out == "x"
  expect calls(large) == 1
}
"""


def meaning(text: str) -> Module:
    checked = check_text("x.plan", text)
    assert checked.module is not None, render_all(checked.diagnostics)
    return checked.module


def changes(*edits: tuple[str, str], base: str = BASE) -> tuple[Change, ...]:
    text = base
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return differences(meaning(base), meaning(text))


def lines(*edits: tuple[str, str], base: str = BASE) -> list[str]:
    return list(told(changes(*edits, base=base)))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.name)
def test_a_file_is_the_same_as_itself(path: Path) -> None:
    checked = check_file(path)
    if checked.module is not None:
        assert differences(checked.module, checked.module) == ()


EDITS = [
    (("temperature: 0.2", "temperature: 0.3"), ["model small", "  temperature: 0.2 → 0.3"]),
    (("  temperature: 0.2", ""), ["model small", "  - temperature: 0.2"]),
    (('ollama("big")', 'ollama("bigger")'), ["model large", '  args: ["big"] → ["bigger"]']),
    (('ollama("big")', 'vllm("big")'), ["model large", '  backend: ollama → vllm']),
    (('secret("KEY")  temp', 'secret("OTHER")  temp'), ["model small", '  key: secret("KEY") → secret("OTHER")']),
    (('"at ease"', '"relaxed"'), ["type Mood", "  calm: at ease → relaxed"]),
    (('calm "at ease"  cross', 'cross  calm "at ease"'), ["type Mood", "  order of labels: calm, cross → cross, calm"]),
    (("ask: text[..200]", "ask: text[..300]"), ["type Step", "  field ask", "    type: text[..200] → text[..300]"]),
    (("- {{ item.ask }}", "* {{ item.ask }}"), ["fragment line", "  text: [---]{+*+} {{ item.ask }}: {{ value }}"]),
    (("helpers:double", "helpers:two"), ["tool double", '  target: ["helpers:double"] → ["helpers:two"]']),
    (('style: text = "plain"', 'style: text = "formal"'), ["param style", "  default: plain → formal"]),
    (("retry: 3", "retry: 4"), ["plan ask", "  node facts", "    retry: 3 → 4"]),
    (("on_error: skip", "on_error: fail"), ["plan ask", "  node facts", "    on_error: skip → fail"]),
    (("n: int = 2", "n: int = 3"), ["plan ask", "  input n", "    default: 2 → 3"]),
    (("twice + 1", "twice + 2"), ["plan ask", "  node total", "    =: twice + 1 → twice + 2"]),
    (("double(n: n)", "double(n: 4)"), ["plan ask", "  node twice", "    args", "      n: n → 4", "    - reads: n"]),
    (("quorum: 40%", "quorum: 50%"), ["plan ask", "  node best", "    quorum: 0.4 → 0.5"]),
    (("when mood == calm", "when mood != calm"), ["  node drafts", '    when: mood == "calm" → mood != "calm"']),
    (("Be brief.", "Be very brief."), ["plan ask", "  node answer", "    system: Be{+ very+} brief."]),
    (("limit 6 using large", "limit 6 using small"), ["plan ask", "  node steps", "    model: large → small"]),
    (('answer != ""', 'answer != "no"'), ["plan ask", '  + expect: answer != "no"', '  - expect: answer != ""']),
    (("return answer\n}\n\nplan short", "return best\n}\n\nplan short"), ["plan ask", "  return: answer → best"]),
    (("(large) == 1", "(large) == 2"), ["  + expect: calls(large) == 2", "  - expect: calls(large) == 1"]),
    (('replies("x")', 'replies("x", "y")'), ["test one", "  mock large", '    replies: ["x"] → ["x", "y"]']),
    (('openai("gpt-5") {', 'openai("gpt-6") {'), ["profile prod", "  model large", '    args: ["gpt-5"] → ["gpt-6"]']),
    (("profile prod", "profile test"), ["+ profile test: small, large", "- profile prod: small, large"]),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), EDITS, ids=lambda each: str(each[0])[:30])
def test_a_change_is_told_at_its_place(edit: tuple[str, str], expected: list[str]) -> None:
    said = lines(edit)
    assert [line for line in said if line in expected] == expected, said
    assert lines() == []


def test_a_prompt_is_compared_word_by_word() -> None:
    said = lines(("In a {{ style }} style:", "In the {{ style }} style,"))
    assert said == [
        "plan ask",
        "  node facts",
        "    prompt: … {{ known | each(line) }}. In [-a-]{+the+} {{ style }} style[-:-]{+,+} {{ step.ask }}",
    ]


def test_nodes_come_and_go_with_their_edges() -> None:
    said = lines(
        ("  let total = twice + 1\n", "  let total = twice + 1\n  solve hint from question using small\n"),
        ("from [question, facts] samples", "from [question, hint] samples"),
        ('{{ question }} {{ facts }}"\n    temp', '{{ question }} {{ hint }}"\n    temp'),
    )
    assert "  + node hint: solve: text" in said
    assert "    + reads: hint" in said
    assert "    - reads: facts" in said
    assert "  - node mood: classify: Mood" in lines(
        ("  classify mood: Mood from question using small\n", ""), (" when mood == calm", "")
    )


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("facts", "findings", "  ~ node facts → findings"),
        ("steps", "parts", "  ~ node steps → parts"),
        ("total", "count", "  ~ node total → count"),
        ("small", "tiny", "~ model small → tiny"),
        ("Step", "Part", "~ type Step → Part"),
        ("line", "bullet", "~ fragment line → bullet"),
        ("double", "twofold", "~ tool double → twofold"),
        ("short", "brief", "~ plan short → brief"),
        ("test one", "test uno", "~ test one → uno"),
    ],
)
def test_a_new_name_for_the_same_content_is_one_change(old: str, new: str, place: str) -> None:
    text = BASE.replace("helpers:double", "helpers:§")
    renamed = text.replace(old, new)
    said = [line for line in told(differences(meaning(text), meaning(renamed))) if line != "plan ask"]
    assert said == [place]


def test_several_new_names_are_known_again() -> None:
    said = lines(("facts", "findings"), ("steps", "parts"), ("drafts", "tries"))
    assert said == [
        "plan ask",
        "  ~ node steps → parts",
        "  ~ node facts → findings",
        "  ~ node drafts → tries",
    ]


def test_a_new_name_with_other_content_is_another_node() -> None:
    said = lines(("let total = twice + 1", "let count = twice + 3"), ("samples total", "samples count"))
    assert "  + node count: let: int" in said
    assert "  - node total: let: int" in said


def test_how_it_is_written_is_no_difference() -> None:
    assert lines(("\n\n", "\n# a remark\n\n\n"), ("    retry: 3", "\n\nretry: 3  # often")) == []
    assert lines(("param style", "## what it is\nparam   style"), ("quorum: 40%", "quorum:   40%")) == []
    assert lines(('"Be brief."', 'raw"Be brief."'), ('"{{ question }} {{ facts }}', '"{{question}} {{facts}}')) == []
    head, plan, short, *rest = BASE.split("\n\n")
    assert differences(meaning(BASE), meaning("\n\n".join([*reversed(rest), short, head, plan]))) == ()
    assert lines(("    retry: 3\n    on_error: skip\n", "    on_error: skip\n    retry: 3\n")) == []


def test_names_of_a_test_follow_a_renamed_model() -> None:
    assert lines(("large", "huge")) == ["~ model large → huge"]


def test_objects_have_both_sides_and_the_words() -> None:
    (one,) = objects(changes(("Be brief.", "Be terse.")))
    assert one == {
        "change": "changed",
        "path": ["plan ask", "node answer", "system"],
        "old": "Be brief.",
        "new": "Be terse.",
        "words": [["same", "Be "], ["gone", "brief"], ["new", "terse"], ["same", "."]],
    }
    (added,) = objects(changes(("retry: 3", "retry: 3  timeout: 5s")))
    assert added == {"change": "changed", "path": ["plan ask", "node facts", "timeout"], "old": "600.0", "new": "5"}


EXPRESSIONS = [
    'a.b[1].c | each(f, "x") | default("y")',
    "not (a or b) and c in [1, 2.5, null]",
    "-(a + b) * (c - (d - e)) / f",
    "(a | all(.ok)) == true",
    "(-a) | json",
    '{x: 1, "y z": [true, false], w: {v: "\\"\\\\\\n"}}',
    '"a {{ b | join(", ") }} \\u{7b}{ c"',
    "(a == b) == (c < d)",
    "f(x: 1, 2)(3)",
    "not a == b",
    "[a]",
    ".score > 0.8",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_is_spelt_as_it_would_be_read(text: str) -> None:
    def value(written: str) -> object:
        parsed = parse(Source("x", f"let x = {written}"))
        assert not parsed.diagnostics, parsed.diagnostics
        (item,) = parsed.program.items
        assert isinstance(item, Statement)
        assert item.value is not None
        return item.value

    first = value(text)
    assert value(spell_expr(first)) == first  # type: ignore[arg-type]


INSIDE = """
model small = ollama("m")
enum Mood { calm  cross  sad }
type Slots { name: text?  mood: text = "calm" }
session talk { state: Slots  history: 8 }
limits run { budget: $1  calls: 50 }

plan ask(message: text) -> text within talk {
  guard safe from message { redact: [phone, email] }
  classify mood: Mood from safe
  choose reply: text on mood {
    case calm, sad {
      solve one from safe
      solve other from one
      return other
    }
    else { return safe }
  }
  repeat draft: text from reply limit 3 {
    score mark: float[0..1] { prompt: "{{ draft }}" }
    until mark >= 0.9
    solve better { prompt: "{{ draft }}" }
    next better
  }
  update state = session.state | merge({name: draft})
  return draft
}
"""


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (("history: 8", "history: 9"), ["plan ask", "  session", "    history: 8 → 9"]),
        (("budget: $1", "budget: $2"), ["plan ask", "  limit run", "    budget: 1.0 → 2.0"]),
        (("[phone, email]", "[phone]"), ["plan ask", "  node safe", '    redact: ["phone", "email"] → ["phone"]']),
        (("limit 3", "limit 4"), ["plan ask", "  node draft", "    limit: 3 → 4"]),
        (("mark >= 0.9", "mark >= 0.8"), ["plan ask", "  node draft", "    until: mark >= 0.9 → mark >= 0.8"]),
        (("next better", "next draft"), ["plan ask", "  node draft", "    next: better → draft"]),
        (("return other", "return one"), ["  node reply", '    case "calm", "sad"', "      return: other → one"]),
        (("better", "finer"), ["plan ask", "  node draft", "    ~ node better → finer"]),
        (("other", "second"), ["plan ask", "  node reply", '    case "calm", "sad"', "      ~ node other → second"]),
        (("case calm, sad", "case sad, calm"), []),
        (("{name: draft}", '{name: "x"}'), ["plan ask", "  node state", "    - reads: draft"]),
    ],
    ids=lambda each: str(each)[:20],
)  # fmt: skip
def test_graphs_inside_nodes_and_what_stands_around_them(edit: tuple[str, str], expected: list[str]) -> None:
    said = lines(edit, base=INSIDE)
    assert [line for line in said if line in expected] == expected, said
    assert bool(said) == bool(expected)
