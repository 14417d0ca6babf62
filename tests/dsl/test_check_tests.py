"""Tests in the file: what they become, what is found in them, and what is certain about the number of replies."""

import pytest

from msrun.dsl.codec import decode, encode
from msrun.dsl.front import Checked, check_text
from msrun.dsl.plan import Module
from msrun.dsl.tree import Binary, Constant, Ref

PLANS = """
model small = openai("gpt") { key: secret("KEY") }
model large = ollama("big")

enum Topic { sport  politics }
type Story { title: text  topic: Topic }

fragment line(item: text) = "- {{ item }}"

plan ask(question: text, stories: list<Story> = [], depth: int = 1) -> text {
  solve drafts from question using small samples 2 { prompt: "{{ question }} {{ depth }} {{ stories | map(.title) }}" }
  solve answers for draft in drafts using large
  return answers | each(line)
}
"""


def check(test: str, plans: str = PLANS) -> Checked:
    return check_text("x.plan", plans + test)


def module(test: str) -> Module:
    checked = check(test)
    assert checked.module is not None, checked.diagnostics
    return checked.module


def codes(test: str) -> list[str]:
    return [finding.entry for finding in check(test).diagnostics]


def said(test: str, entry: str) -> dict[str, str]:
    return next(dict(finding.values) for finding in check(test).diagnostics if finding.entry == entry)


GOOD = """
test both {
  run first from ask("why?", [{title: "t", topic: sport}], depth: 2)
  run second from ask(question: first)
  mock small = replies({a: [1, null]}, "b", "c", drafts: ["x", "y", "x", "y"])
  mock large = replies("d")
  expect calls(small) == 2 and sent_to(large) | contains("t")
  expect [first] | each(line) | contains(second)
}
"""


def test_a_test_becomes_data() -> None:
    made = module(GOOD)
    (test,) = made.tests
    assert (test.name, [mock.model for mock in test.mocks]) == ("both", ["small", "large"])
    assert [(len(mock.replies), [(n, len(r)) for n, r in mock.nodes]) for mock in test.mocks] == [
        (3, [("drafts", 4)]),
        (1, []),
    ]
    assert [(run.name, run.plan, [name for name, _ in run.args]) for run in test.runs] == [
        ("first", "ask", ["question", "stories", "depth"]),
        ("second", "ask", ["question"]),
    ]
    assert test.expects[0].source == 'calls(small) == 2 and sent_to(large) | contains("t")'
    assert [fragment.name for fragment in made.fragments] == ["line"]


def test_what_is_asked_about_a_model_is_a_name() -> None:
    (test,) = module("test t { expect calls(small) == 0 }").tests
    match test.expects[0].expr:
        case Binary("==", Ref(name), Constant(0)):
            assert name == "calls(small)"
        case other:
            pytest.fail(f"{other}")


def test_tests_survive_json() -> None:
    made = module(GOOD)
    hash(made)
    assert decode(encode(made)) == made
    assert "span" not in str(encode(made))


def test_a_good_test_is_clean() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    ("body", "entry", "values"),
    [
        ('mock smal = replies("a")', "E0805", {"name": "smal", "near": "small"}),
        ("mock elephant = replies()", "E0805/alone", {"name": "elephant"}),
        ("mock line = replies()", "E0805/other", {"name": "line", "what": "a fragment"}),
        ("mock small = 3", "E0202/mock", {"name": "small"}),
        ("mock small = replies(drafts: 3)", "E0202/of_node", {"name": "drafts"}),
        ("mock small = replies(nothing)", "E0101/alone", {"name": "nothing"}),
        ("mock small = replies() mock small = replies()", "E0102", {"name": "small"}),
        ('mock small = replies(secret("KEY"))', "E0308/value", {}),
        ('mock small = replies(out) run out from ask("a")', "E0101/alone", {"name": "out"}),
        ("run out from ask()", "E0206", {"name": "question", "owner": "ask"}),
        ('run out from ask("a", [], 1, 2)', "E0207", {"owner": "ask", "count": "3 arguments"}),
        ('run out from ask("a", dept: 2)', "E0207/name", {"name": "dept", "near": "depth"}),
        ('run out from ask("a", depth: "b")', "E0202/argument", {"name": "depth", "got": "text"}),
        ('run out from ask("a", [{titel: "b"}])', "E0105", {"name": "titel", "near": "title"}),
        ('run out from ask("a", [{title: "b", topic: "sprot"}])', "E0211", {"near": "sport"}),
        ('run out from aks("a")', "E0101/plan", {"near": "ask"}),
        ('run out from elephant("a")', "E0101/plan/alone", {"known": "`ask`"}),
        ("run out from ask", "E0202/run", {"example": "ask(question: …)"}),
        ('run out from line("a")', "E0202/run", {"example": "ask(question: …)"}),
        ('run out from ask(later) run later from ask("a")', "E0101/alone", {"name": "later"}),
        ('run line from ask("a")', "E0102", {"name": "line"}),
        ("run out", "E0206/header", {"needed": "from"}),
        ('run out from ask("a") expect out', "E0202/condition", {"got": "text"}),
        ('run out from ask("a") expect ouch == "b"', "E0101/alone", {"name": "ouch"}),
        ('run out from ask("a") expect out.title == "b"', "E0105/none", {"name": "title"}),
        ("expect calls(smal) == 1", "E0805/asked", {"near": "small"}),
        ("expect calls(line) == 1", "E0805/asked/alone", {"name": "line"}),
        ("expect calls(small, large) == 1", "E0207", {"owner": "calls"}),
        ('expect calls(small) == "one"', "E0202/compare", {"left": "int", "right": "text"}),
        ("expect sent_to() == null", "E0206", {"owner": "sent_to"}),
        ("expect cals(small) == 1", "E0101/call", {"near": "calls"}),
        ("solve x from y", "E0103/test/alone", {"name": "solve"}),
        ("muck small = replies()", "E0103/test", {"near": "mock"}),
        ("case a { }", "E0103/test/alone", {"name": "case"}),
        ("retry: 2", "E0104/alone", {"owner": "test"}),
    ],
)
def test_what_is_wrong_in_a_test(body: str, entry: str, values: dict[str, str]) -> None:
    assert check(f"test t {{ {body} }}").module is None
    found = said(f"test t {{ {body} }}", entry)
    assert values.items() <= found.items()


def test_arguments_are_checked_where_the_plan_itself_has_an_error() -> None:
    plan = 'plan p(n: int) -> text { return unknown_name }\ntest t { run out from p("a")  expect out == 3 }'
    found = [finding.entry for finding in check_text("x.plan", plan).diagnostics if finding.severity == "error"]
    assert found == ["E0101/alone", "E0202/argument", "E0202/compare"]


def test_mocks_and_tests_have_their_places() -> None:
    assert "E0103/in_test" in codes('mock small = replies("a")')
    assert "E0103/in_test" in codes('plan p() { mock small = replies("a")  return 1 }')
    assert "E0103/in_plan" in codes("plan p() { test t { }  return 1 }")
    assert "E0206/name" in codes("test { expect calls(small) == 0 }")
    assert codes("test t { expect calls(small) == 0 } test t { expect calls(small) == 0 }") == ["E0102"]


def test_a_test_without_expect_and_a_mock_without_use_are_warned_of() -> None:
    body = 'run out from ask("a") mock small = replies("a", "b") mock large = replies()'
    assert codes(f"test t {{ {body} }}") == ["W0406"]
    other = 'plan p() -> text { solve a { prompt: "x" } return a }\ndefaults { model: small }\n'
    body = 'run out from p() mock large = replies("a") mock small = replies("b") expect out == "b"'
    assert codes(f"{other}test t {{ {body} }}") == ["W0407"]


def test_a_warning_of_a_test_can_be_silenced() -> None:
    assert codes("# allow W0406: a smoke test\ntest t { }") == []


@pytest.mark.parametrize(
    ("node", "calls"),
    [
        ("solve a from q", 1),
        ("solve a from q samples 3", 3),
        ("solve a from q samples n", 0),
        ("solve a from q when n > 1", 0),
        ("solve a for x in [q]", 0),
        ('solve b from q when n > 1\nsolve a { prompt: "{{ b | default(q) }}" }', 0),
        ('solve b for x in [q] using other\nsolve a { prompt: "{{ b }}" }', 1),
    ],
)
def test_too_few_replies_are_found_where_the_calls_are_certain(node: str, calls: int) -> None:
    plan = f"""
      model small = ollama("s")
      model other = ollama("o")
      defaults {{ model: small }}
      plan p(q: text, n: int = 2) -> text {{
        {node}
        solve last from q using other {{ prompt: "{{{{ a }}}} {{{{ n }}}}" }}
        return last
      }}
    """
    plan = plan.replace("{{ a }}", '{{ a | default("") }}') if "when n > 1" in node else plan
    for replies in range(4):
        listed = ", ".join('"r"' for _ in range(replies))
        test = f'test t {{ mock small = replies({listed}) run out from p("q") expect out == "r" }}'
        found = [f for f in check_text("x.plan", plan + test).diagnostics if f.severity == "error"]
        assert [f.entry for f in found] == (["E0806"] if replies < calls else []), (node, replies)


def test_replies_are_counted_over_all_runs_of_a_test() -> None:
    plan = 'model small = ollama("s")\nplan p(q: text) -> text { solve a from q return a }\n'
    test = 'test t { mock small = replies("a") run x from p("q") run y from p(x) expect y == "b" }'
    (found,) = check_text("x.plan", plan + test).diagnostics
    assert (found.entry, dict(found.values)["calls"], dict(found.values)["count"]) == ("E0806", "2", "1")
