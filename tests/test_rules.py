"""Every rule of the checker is held by a test: without it a golden file or a page would fail."""

from benchmarks.rules import study


def test_a_test_fails_without_any_rule() -> None:
    result = study()
    assert result["rules"] >= 300
    assert result["unproved"] == []
    assert result["never_shown"] == [], "a golden bad plan has to show each entry"
    assert result["without_chinese"] == []
    assert result["without_page"] == []
