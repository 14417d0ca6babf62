"""The handbook: every code has a page, its bad plan has that mistake alone, and its good plan has none."""

import re
from pathlib import Path

import pytest

from msrun.dsl import words
from msrun.dsl.pages import document, explain, findings, left, pages
from msrun.dsl.render import render_all
from tests.golden_files import check_golden

ROOT = Path(__file__).resolve().parents[2]
CODES = sorted({entry.partition("/")[0] for entry in words.entries()})


def test_every_code_has_a_page_and_no_page_is_left_over() -> None:
    assert sorted(pages()) == CODES


@pytest.mark.parametrize("code", CODES)
def test_the_bad_plan_has_this_mistake_alone(code: str) -> None:
    found = findings(pages()[code])
    assert {each.code for each in found} == {code}


@pytest.mark.parametrize("code", CODES)
def test_the_good_plan_is_clean(code: str) -> None:
    found = left(pages()[code])
    assert not found, render_all(found)


@pytest.mark.parametrize("code", CODES)
def test_a_page_says_what_why_and_how(code: str) -> None:
    page = pages()[code]
    assert not page.title.endswith(".")
    assert page.why.endswith((".", "!"))
    assert page.cure.endswith(".")
    assert (page.bad, page.beside) != (page.good, page.mended or page.beside)
    assert page.bad.endswith("\n")
    assert page.good.endswith("\n")


def test_the_page_as_a_terminal_shows_it() -> None:
    check_golden(ROOT / "tests" / "golden" / "explain" / "e0101.txt", explain("E0101"))
    assert "\x1b[1;31m" in explain("E0101", color=True)


def test_what_is_printed_for_the_bad_plan_is_what_the_checker_says() -> None:
    for code, page in pages().items():
        assert render_all(findings(page)) in explain(code)


def test_the_document_is_fresh() -> None:
    assert (ROOT / "docs" / "diagnostics.md").read_text(encoding="utf-8") == document(), "stale: make docs"


def test_the_document_has_every_code_once_and_in_order() -> None:
    assert re.findall(r"^## (\w\d{4}) ", document(), re.MULTILINE) == CODES
