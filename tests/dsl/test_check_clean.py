"""Good plans: nothing is found in them."""

from pathlib import Path

import pytest

from msrun.dsl.codec import decode, encode
from msrun.dsl.front import Checked, check_file, check_text

ROOT = Path(__file__).parents[2]
PLANS = ROOT / "tests" / "plans"
EXAMPLES = sorted((ROOT / "examples").rglob("*.plan"))


@pytest.mark.parametrize(
    "name", ["a_smallest", "b_dependent", "c_search", "d_support", "e_train", "f_distil", "g_compose"]
)
def test_acceptance_plans_that_run_are_clean_and_compile(name: str) -> None:
    checked = check_file(PLANS / f"{name}.plan")
    assert checked.diagnostics == ()
    assert checked.module is not None
    assert checked.module.plans or checked.module.stages


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_clean(path: Path) -> None:
    assert check_file(path).diagnostics == ()


@pytest.mark.parametrize("path", [*PLANS.glob("[a-g]_*.plan"), *EXAMPLES], ids=lambda path: path.stem)
def test_a_module_is_hashable_and_survives_json(path: Path) -> None:
    module = module_of(check_file(path))
    hash(module)
    assert decode(encode(module)) == module


def test_names_plan_gives_each_mistake_once() -> None:
    found = check_file(PLANS / "bad" / "names.plan").diagnostics
    seen = [(finding.entry, dict(finding.values).get("name"), dict(finding.values).get("near")) for finding in found]
    assert seen == [
        ("E0201", "txt", "text"),
        ("E0103", "slove", "solve"),
        ("E0101", "answer", "answers"),
        ("E0101", "qestion", "question"),
        ("E0012/record", None, None),
    ]


def test_syntax_plan_gives_no_finding_that_only_follows() -> None:
    found = check_file(PLANS / "bad" / "syntax.plan").diagnostics
    assert found
    assert all(finding.code < "E0100" for finding in found)


def test_a_library_without_plans_has_no_unused_declarations() -> None:
    assert check_text("lib.plan", 'type Page { url: text }\nmodel small = ollama("m")\n').diagnostics == ()


def test_names_in_tests_and_profiles_count_as_used() -> None:
    text = """
        model small = scripted("a")
        model other = scripted("b")
        plan ask(question: text) -> text {
          solve answer from question using small
          return answer
        }
        test it { expect calls(other) == 0 }
        profile cheap { model small = scripted("c") }
    """
    assert check_text("x.plan", text).diagnostics == ()


def module_of(checked: Checked) -> object:
    assert checked.module is not None, [finding.entry for finding in checked.diagnostics]
    return checked.module
