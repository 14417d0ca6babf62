"""Size: 12,000 lines within two seconds, time linear in size, mistakes by the thousand, nesting without end."""

import gc
from collections.abc import Callable
from time import process_time

import pytest

from msrun.dsl.front import check_text


def chain(lines: int) -> str:
    """One plan whose nodes read each other in a long chain."""
    count = lines // 4
    parts = ['model small = ollama("m")\nplan big(question: text) -> text {\n  solve n0 from question']
    for at in range(1, count):
        prompt = f'"{{{{ question }}}} {{{{ n{at - 1} }}}}"'
        parts.append(f"  solve n{at} from n{at - 1} {{\n    prompt: {prompt}\n    temperature: 0.2\n  }}")
    return "\n".join([*parts, f"  return n{count - 1}\n}}\n"])


def many(lines: int) -> str:
    """Many plans, each with its own type and fragment."""
    one = '''type Step@ {
  id: key
  ask: text[..200] "one sub-question"
  needs: list<ref<Step@>>
}
fragment fact@(item: Step@, value: text) = "- {{ item.ask }} => {{ value }}"
plan p@(question: text) -> text {
  decompose steps: Step@ from question limit 6
  solve facts: text[..80] for step in steps given step.needs as known {
    prompt: """
      {{ known | each(fact@) }}
      {{ step.ask }} Reply with the shortest correct phrase.
      """
    retry: 2
  }
  combine answer from facts { prompt: "{{ facts | each(fact@) }} now {{ question }}" }
  return answer
}
'''
    return 'model small = ollama("m")\n' + "".join(one.replace("@", str(at)) for at in range(lines // 18))


def mistaken(lines: int) -> str:
    """A plan in which every line has a mistake, and no name is near another."""
    body = "\n".join(f"  solve n{at} from question{at}x {'{'} flavour{at}: 3 {'}'}" for at in range(lines))
    return f'model small = ollama("m")\nplan big(question: text) -> text {{\n{body}\n  return question\n}}\n'


def seconds(text: str) -> float:
    gc.collect()
    gc.disable()  # when a full collection comes is chance
    try:
        begin = process_time()
        check_text("big.plan", text)
        return process_time() - begin
    finally:
        gc.enable()


@pytest.mark.parametrize("make", [chain, many])
def test_twelve_thousand_lines_are_clean_and_take_two_seconds_at_most(make: Callable[[int], str]) -> None:
    text = make(12_000)
    assert text.count("\n") >= 11_900
    assert check_text("big.plan", text).diagnostics == ()
    assert min(seconds(text) for _ in range(2)) <= 2.0


@pytest.mark.parametrize("make", [chain, many, mistaken])
def test_time_is_linear_in_size(make: Callable[[int], str]) -> None:
    small, large = make(4_000), make(8_000)
    ratio = min(min(seconds(large) for _ in range(3)) / min(seconds(small) for _ in range(3)) for _ in range(2))
    assert ratio <= 2.6


def test_a_long_chain_needs_no_recursion() -> None:
    assert check_text("x.plan", chain(20_000)).module is not None


@pytest.mark.parametrize("opener", ["(", "[", "{a: ", "not ", "-", "x | default("])
def test_nesting_without_end_gives_findings_and_no_traceback(opener: str) -> None:
    text = f"plan p(x: text) -> text {{\n  let y = {opener * 20_000}x\n  return x\n}}\n"
    assert check_text("x.plan", text).module is None


@pytest.mark.parametrize("opener", ["list<", "map<", "ref<"])
def test_types_nested_without_end(opener: str) -> None:
    assert check_text("x.plan", f"type A {{ x: {opener * 20_000}text }}\n").module is None
