"""The examples with graphs inside of nodes: clean, and their tests pass in the engine."""

from pathlib import Path

import pytest

from msrun.dsl.draw import svg
from msrun.dsl.front import check_file
from msrun.testing import run_tests

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "control").glob("*.plan"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_tests_of_an_example_pass(path: Path) -> None:
    checked = check_file(path)
    assert checked.module is not None
    verdicts = run_tests(checked.module)
    assert verdicts
    assert [verdict.failures for verdict in verdicts] == [()] * len(verdicts)


def test_the_picture_in_the_docs_is_the_one_that_is_drawn() -> None:
    checked = check_file(ROOT / "examples" / "control" / "answer.plan")
    assert checked.module is not None
    drawn = svg(checked.module.plan(), opened=True)
    assert (ROOT / "docs" / "pictures" / "control.svg").read_text(encoding="utf-8") == drawn
