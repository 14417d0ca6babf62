"""Tests in the file run: through the engine, without any model, the same way every time."""

import socket
from pathlib import Path

import anyio
import pytest

from msrun.backends import registry
from msrun.dsl.codec import decode, encode
from msrun.dsl.front import check_file, check_text
from msrun.dsl.plan import Module
from msrun.testing import Verdict, arun_tests, run_tests

PLANS = Path(__file__).parent / "plans"

ASK = """
model small = openai("gpt") { key: secret("NO_SUCH_KEY") }
model large = ollama("big")

type Step { id: key  ask: text  needs: list<ref<Step>> }

plan ask(question: text, n: int = 2) -> text {
  solve drafts from question using small samples n
  combine best from drafts using large
  return best
}

plan split(question: text) -> list<text> {
  decompose parts from question limit 9 using large
  solve answers for part in parts using small
  solve aside from question using small
  return answers | map(.value)
}

plan typed(question: text) -> list<Step> {
  decompose steps: Step from question limit 3 using small
  return steps
}

plan lenient(question: text) -> text {
  solve answer: int[0..9] from question using small { on_error: skip  retry: 0 }
  return "{{ answer | default(7) }}"
}

plan strict(question: text) -> text {
  solve answer from question using small
  expect answer == "yes"
  return answer
}
"""


def module(tests: str, plans: str = ASK) -> Module:
    checked = check_text("x.plan", plans + tests)
    assert checked.module is not None, checked.diagnostics
    return checked.module


def one(body: str, plans: str = ASK) -> Verdict:
    (verdict,) = run_tests(module(f"test t {{ {body} }}", plans))
    return verdict


def why(body: str) -> str:
    """The one failure of a test."""
    (failure,) = one(body).failures
    return failure.message


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a backend nor a connection may be opened by any test."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a test opened a backend or a connection")

    monkeypatch.setattr(registry, "open_backend", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_the_acceptance_plan_passes() -> None:
    checked = check_file(PLANS / "b_dependent.plan")
    assert checked.module is not None
    (verdict,) = run_tests(checked.module)
    assert (verdict.name, verdict.failures, verdict.calls) == ("two_hops", (), 4)


def test_calls_and_what_was_sent_are_counted_over_all_runs() -> None:
    verdict = one("""
      mock small = replies("a", "b", "c", "d")
      mock large = replies("x", "y")
      run first from ask("why?")
      run second from ask(question: "after {{ first }}")
      expect first == "x" and second == "y"
      expect calls(small) == 4
      expect calls(large) == 2
      expect sent_to(small) | contains("why?")
      expect sent_to(small) | contains("after x")
      expect sent_to(large) | contains("c")
      expect not (sent_to(small) | contains("nobody wrote this"))
    """)
    assert verdict.failures == ()
    assert verdict.calls == 6


def test_an_expect_that_does_not_hold_says_what_the_values_were() -> None:
    verdict = one("""
      mock small = replies("a", "b")
      mock large = replies("x")
      run out from ask("why?")
      expect calls(small) == 3
      expect out == "x"
      expect out == "y" or calls(large) > 5
      expect out | contains("z")
      expect not (out == "x")
    """)
    told = [(failure.message, failure.notes) for failure in verdict.failures]
    assert told == [
        ("this does not hold: calls(small) == 3", ("`calls(small)` was 2, expected 3",)),
        (
            'this does not hold: out == "y" or calls(large) > 5',
            ('`out` was "x", expected "y"', "`calls(large)` was 1"),
        ),
        ('this does not hold: out | contains("z")', ('`out` was "x"',)),
        ('this does not hold: not (out == "x")', ('`out` was "x", expected "x"',)),
    ]
    assert not verdict.passed


def test_a_model_without_a_mock_fails_the_test_and_is_never_opened() -> None:
    body = 'mock small = replies("a", "b") run out from ask("why?") expect out == "x"'
    assert why(body) == "`best` asks the model `large`, and the test has no mock of it"
    assert one(body).failures[0].help == 'mock large = replies("…")'


def test_a_mock_that_runs_out_fails_the_test_even_where_the_plan_would_go_on() -> None:
    body = 'mock small = replies("a", "b") mock large = replies(["p", "q"]) run out from split("?") expect out == ["a"]'
    assert why(body).startswith("the mock of `small` has no reply left for `answers[1]`")
    lenient = 'mock small = replies("many") run out from lenient("?") expect out == "7"'
    assert why(lenient).startswith("the mock of `small` has no reply left for `answer`")


def test_a_reply_of_the_wrong_type_is_repaired_or_fails_as_in_a_run() -> None:
    lenient = 'mock small = replies("many", 12) run out from lenient("?") expect out == "7" expect calls(small) == 2'
    assert one(lenient).failures == ()
    typed = """
      mock small = replies([{id: "a", ask: "?", needs: ["b"]}], [{id: "a", ask: "?", needs: ["b"]}])
      run out from typed("?") expect calls(small) == 2
    """
    assert why(typed).startswith("the run of `typed` failed at `steps`: the reply of `small` is not valid")


def test_an_expect_of_the_plan_fails_the_test() -> None:
    failed = 'mock small = replies("no") run out from strict("?") expect out == "no"'
    assert why(failed) == "the run of `strict` failed: `expect` number 1 of the plan does not hold"


def test_replies_are_values_as_json_and_texts_as_they_stand() -> None:
    plan = """
      param style: text = "calm"
      model m = ollama("m")
      plan p(q: text) -> text { solve a from q return a }
    """
    body = """
      mock m = replies("a\\nb", {b: [1, null, true]}, 42, "as {{ style }} as that")
      run a from p("1") run b from p("2") run c from p("3") run d from p("4")
      expect [a, b, c, d] == ["a\\nb", "{\\"b\\": [1, null, true]}", "42", "as calm as that"]
    """
    assert one(body, plan).failures == ()


def test_calls_take_their_replies_in_the_order_of_nodes_and_cells() -> None:
    body = """
      mock large = replies(["p", "q", "r"])
      mock small = replies("aside", "1", "2", "3")
      run out from split("?")
      expect out == ["1", "2", "3"]
    """
    assert {one(body).failures for _ in range(5)} == {()}


def test_a_node_may_have_replies_of_its_own() -> None:
    body = """
      mock large = replies(["p", "q"])
      mock small = replies("aside", answers: ["1", "2"])
      run out from split("?")
      expect out == ["1", "2"]
    """
    assert one(body).failures == ()


def test_an_argument_is_checked_against_its_range() -> None:
    plan = 'model m = ollama("m")\nplan p(n: int[1..3]) -> int { let twice = n * 2 return twice }\n'
    assert one("run out from p(2) expect out == 4", plan).failures == ()
    (failure,) = one("run a from p(2) run b from p(a) expect b == 1", plan).failures
    assert failure.message.startswith("input `n`")


def test_what_has_no_value_fails_at_its_place() -> None:
    plan = 'model m = ollama("m")\nplan p(n: list<int>) -> list<int> { let same = n return same }\n'
    text = "run out from p([1]) expect out[3] == 1"
    (failure,) = one(text, plan).failures
    assert failure.message.startswith("this has no value: ")
    (failure,) = one("mock m = replies([1][7]) run out from p([1]) expect out == [1]", "\n" + plan).failures
    assert failure.message.startswith("a reply of a mock has no value: ")
    (failure,) = one("run out from p([[1][7]]) expect out == [1]", plan).failures
    assert failure.message.startswith("an argument has no value: ")


def test_a_step_that_fails_ends_the_test() -> None:
    body = 'mock small = replies("no", "yes") run a from strict("?") run b from strict("?") expect a == b'
    verdict = one(body)
    assert (len(verdict.failures), verdict.calls) == (1, 1)


def test_tools_are_called_only_where_they_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "helpers_of_tests.py").write_text("def double(n: int) -> int:\n    return 2 * n\n", encoding="utf-8")
    plan = """
      tool double(n: int) -> int = python("helpers_of_tests:double")
      plan p(n: int) -> int { call twice from double(n: n) return twice }
    """
    made = module("test t { run out from p(4) expect out == 8 }", plan)
    (refused,) = run_tests(made, root=tmp_path)
    assert "not allowed" in refused.failures[0].message
    (allowed,) = run_tests(made, root=tmp_path, allow=["tool:double"])
    assert allowed.failures == ()


def test_many_tests_run_beside_each_other_and_keep_their_order() -> None:
    plan = 'model m = ollama("m")\nplan p(q: text) -> text { solve a from q return a }\n'
    body = 'mock m = replies("{n}") run a from p("?") expect a == "{n}" expect calls(m) == 1'
    text = "\n".join(f"test t{n} {{ {body.replace('{n}', str(n))} }}" for n in range(40))
    verdicts = run_tests(module(text, plan), parallel=7)
    assert [verdict.name for verdict in verdicts] == [f"t{n}" for n in range(40)]
    assert all(verdict.passed for verdict in verdicts)


def test_only_the_tests_that_are_wanted_run() -> None:
    made = module("test one { expect calls(small) == 1 } test two { expect calls(small) == 0 }")
    assert [v.passed for v in run_tests(made)] == [False, True]
    assert [v.name for v in run_tests(made, wanted=lambda name: name == "two")] == ["two"]


def test_a_module_read_from_json_runs_too() -> None:
    made = decode(encode(module("test t { expect calls(small) == 1 }")))
    (verdict,) = run_tests(made)
    assert verdict.failures[0].notes == ("`a part of it` was 0, expected 1",)


def test_tests_run_inside_an_event_loop() -> None:
    made = module("test t { expect calls(small) == 0 }")
    for backend in ("asyncio", "trio"):
        (verdict,) = anyio.run(arun_tests, made, backend=backend)
        assert verdict.passed


def test_an_imported_model_is_mocked_by_its_name_here(tmp_path: Path) -> None:
    (tmp_path / "lib.plan").write_text(
        'model far = ollama("far")\nfragment line(item: text) = "- {{ item }}"\n', encoding="utf-8"
    )
    (tmp_path / "main.plan").write_text(
        """
        import far, line from "lib.plan"
        import "lib.plan" as lib
        plan ask(q: text) -> text { solve a from q using lib.far return a }
        test t {
          mock far = replies("x")
          run out from ask("why?")
          expect calls(far) == 1 and sent_to(lib.far) | contains("why?")
          expect [out] | each(lib.line) | contains([out] | each(line))
        }
        """,
        encoding="utf-8",
    )
    checked = check_file(tmp_path / "main.plan")
    assert checked.module is not None, checked.diagnostics
    (verdict,) = run_tests(checked.module)
    assert verdict.failures == ()
    assert verdict.calls == 1
