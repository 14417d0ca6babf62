"""Files that do not parse: what is said of them besides the syntax, and what is not."""

import random
import re
from pathlib import Path

import pytest

from msrun.dsl.front import check_text

TESTS = Path(__file__).parents[1]


def codes(text: str) -> list[str]:
    return [finding.code for finding in check_text("x.plan", text).diagnostics]


def test_a_name_misspelt_elsewhere_is_still_found() -> None:
    text = """
        model small = ollama("m")
        plan ask(question: text) -> text {
          decompose parts from question limit
          solve answers for part in partz
          return answers
        }
    """
    assert codes(text) == ["E0006", "E0101", "E0209"]


def test_nothing_is_said_of_a_name_that_a_lost_statement_defines() -> None:
    text = """
        model small = ollama("m)
        plan ask(question: text) -> text {
          solve answer from question using small
          return answer
        }
    """
    assert codes(text) == ["E0003"]


def test_warnings_wait_until_the_file_parses() -> None:
    broken = 'model small = ollama("m")\nmodel spare = ollama("m" \nplan p(q: text, r: text) -> text { return q }'
    assert all(code.startswith("E00") for code in codes(broken))


@pytest.mark.parametrize(
    "text",
    ["", "}", "plan", "type", "enum E {", "plan p(", "model = ", "solve", "test t {", "import x from 3", "\x00", "{{"],
)
def test_scraps_never_raise(text: str) -> None:
    assert isinstance(codes(text), list)


def test_a_plan_whose_model_did_not_parse_is_not_put_together() -> None:
    text = 'model small = bundled(arithmetic")\nplan p(q: text) -> text {\n  solve a from q\n  return a\n}\n'
    assert codes(text) == ["E0003"]


def test_a_plan_whose_model_is_wrong_is_not_put_together() -> None:
    text = "model small = bundled()\nplan p(q: text) -> text {\n  solve a from q\n  return a\n}\n"
    assert codes(text) == ["E0206"]


@pytest.mark.parametrize("seed", range(8))
def test_plans_torn_at_random_never_raise(seed: int) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("*.plan"))]
    pieces = [re.findall(r'\w+|"""|[^\w\s]|\s+', text) for text in texts]
    rng = random.Random(seed)
    for _ in range(60):
        torn, other = list(rng.choice(pieces)), rng.choice(pieces)
        for _ in range(rng.choice((1, 2, 5))):
            at = rng.randrange(len(torn))
            torn[at : at + rng.randrange(3)] = [rng.choice(other)] if rng.random() < 0.6 else []
            torn = torn or ["x"]
        checked = check_text("x.plan", "".join(torn))
        assert checked.ok == all(finding.severity == "warning" for finding in checked.diagnostics)
