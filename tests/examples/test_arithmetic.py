"""The rows of the arithmetic model: right, the same for the same seed, and never a held-out formula among them."""

import doctest
import importlib
import itertools
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "arithmetic"


@pytest.fixture(scope="module")
def example() -> Iterator[dict[str, ModuleType]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))  # pyright: ignore[reportUnknownMemberType] - untyped in pytest
        yield {path.stem: importlib.import_module(path.stem) for path in sorted(FOLDER.glob("*.py"))}


def test_the_examples_in_the_docstrings_hold(example: dict[str, ModuleType]) -> None:
    results = [doctest.testmod(module) for module in example.values()]
    assert sum(result.attempted for result in results) >= 7
    assert not any(result.failed for result in results)


def test_the_steps_of_a_formula_give_its_value(example: dict[str, ModuleType]) -> None:
    formulas, rng = example["formulas"], random.Random(1)
    for operations in [1, 2, 3, 4, 5, 6] * 50:
        formula = formulas.random_formula(rng, operations)
        found = formulas.steps(formula)
        assert len(found) == operations
        assert all(step.needs == tuple(re.findall(r"s\d+", step.ask)) for step in found)
        if all(step.value is not None for step in found):
            assert found[-1].value == eval(formula)  # a formula of digits and signs made one line above


@pytest.mark.parametrize(
    "broken", ["", "()", "5", "(5)", "3(4+5)", "(3+4)5", "-5+3", "5--3", "3+", "(8+17", "3+4)", "1000+1", "01+1"]
)
def test_a_broken_formula_is_outside_the_domain(example: dict[str, ModuleType], broken: str) -> None:
    assert not example["formulas"].is_formula(broken)


def test_every_working_ends_in_the_result(example: dict[str, ModuleType]) -> None:
    work, value_of, rng = example["working"].work, example["formulas"].apply, random.Random(2)
    for _ in range(3000):
        operator = rng.choice("+-*")
        left, right = (
            rng.randint(-(10**digits), 10**digits) % 20000 - 9999 for digits in (rng.randint(1, 4), rng.randint(1, 4))
        )
        left, right = max(-9999, min(9999, left)), max(-9999, min(9999, right))
        value = value_of(operator, left, right)
        shown = work(f"s1{operator}s2", operator, left, right).rsplit("=", 1)[1]
        assert shown == ("?" if value is None else f"{abs(value):04d}")


def test_rows_are_the_same_for_the_same_seed_and_replies_are_json(example: dict[str, ModuleType]) -> None:
    rows = list(example["questions"].training_rows(3, 500))
    assert rows == list(example["questions"].training_rows(3, 500))
    assert rows != list(example["questions"].training_rows(4, 500))
    for row in rows:
        kind = row["input"].split(":")[0]
        assert kind in ("plan", "solve", "answer")
        if kind != "answer":
            json.loads(row["output"])


def test_no_held_out_formula_is_trained_on(example: dict[str, ModuleType]) -> None:
    is_held_out = example["formulas"].is_held_out
    rows = example["questions"].training_rows(5, 3000)
    formulas = [found[1] for row in rows if (found := re.match(r'\[\{"left":"([^"]*)"', row["output"]))]
    assert len(formulas) > 900
    assert not any(is_held_out(formula) for formula in formulas if example["formulas"].is_formula(formula))
    asked = itertools.chain.from_iterable(example["questions"].heldout_questions(1, 30, ops) for ops in range(1, 7))
    assert all(is_held_out(question["formula"]) for question in asked)


def test_test_refusals_use_other_words_than_training(example: dict[str, ModuleType]) -> None:
    words = example["words"]
    for field in ("nouns", "chinese_nouns", "operators", "english", "chinese"):
        trained = {word.strip() for word in getattr(words.TRAINING, field)}
        assert not trained & {word.strip() for word in getattr(words.TESTING, field)}
