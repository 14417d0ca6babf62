"""Bad plans and what is said about them: each `tests/golden/bad/*.plan` has its findings drawn beside it."""

import re
from pathlib import Path

import pytest

from msrun.dsl.front import check_text
from msrun.dsl.render import render_all
from tests.golden_files import check_golden
from tests.plan_facts import FactsOfTests

BAD = Path(__file__).parents[1] / "golden" / "bad"
PLANS = sorted([*BAD.glob("*.plan"), *BAD.glob("imports/*.plan")])


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_findings_of_a_bad_plan(path: Path) -> None:
    checked = check_text(path.name, path.read_text(encoding="utf-8"), base=path.parent, facts=FactsOfTests(BAD))
    check_golden(path.with_suffix(".txt"), render_all(checked.diagnostics))
    code = re.match(r"[ew]\d{4}", path.stem)
    if code is not None:
        assert code[0].upper() in {finding.code for finding in checked.diagnostics}


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_findings_stand_in_the_order_of_the_text_and_once_each(path: Path) -> None:
    found = check_text(
        path.name, path.read_text(encoding="utf-8"), base=path.parent, facts=FactsOfTests(BAD)
    ).diagnostics
    assert list(found) == sorted(found, key=lambda finding: finding.sort_key)
    assert len(set(found)) == len(found)
