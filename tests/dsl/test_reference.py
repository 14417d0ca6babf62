"""The reference page: its tables are those of the checker, and its examples of kinds are plans."""

from pathlib import Path

import pytest

from msrun.dsl.kinds.table import KINDS
from msrun.dsl.pages.reference import refreshed
from msrun.dsl.values.filters import FILTERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "language.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_tables_are_fresh(page: str) -> None:
    assert refreshed(page) == page, "stale: make docs"


@pytest.mark.parametrize("kind", [spec for spec in KINDS.values() if not spec.later], ids=lambda spec: spec.name)
def test_every_kind_and_setting_is_there(page: str, kind: object) -> None:
    from msrun.dsl.kinds.spec import KindSpec

    assert isinstance(kind, KindSpec)
    section = page.partition(f"### `{kind.name}`\n")[2].partition("\n### ")[0]
    assert section, kind.name
    for setting in kind.settings:
        assert (f"| `{setting.name}` |" in section) == (not setting.later), setting.name
    assert kind.help
    assert kind.example


def test_every_filter_is_there(page: str) -> None:
    for name in FILTERS:
        assert f"| `{name}` |" in page


def test_a_table_that_nobody_makes_is_refused() -> None:
    with pytest.raises(KeyError):
        refreshed("<!-- table: nothing -->\n<!-- end -->")
