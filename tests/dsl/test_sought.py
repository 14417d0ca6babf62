"""Patterns of files: where they may lead, and what they name."""

from pathlib import Path

import pytest

from msrun.dsl.check.reach import Reach
from msrun.dsl.check.sought import Lost, Outside, fits, matching, place


@pytest.mark.parametrize(
    ("folder", "written", "found"),
    [
        ("", "docs/*.md", "docs/*.md"),
        ("lib", "docs/*.md", "lib/docs/*.md"),
        ("lib", "../docs/./*.md", "docs/*.md"),
        ("", "a/../b.md", "b.md"),
    ],
)
def test_a_pattern_is_read_from_its_file_s_folder(folder: str, written: str, found: str) -> None:
    assert place(folder, written) == found


@pytest.mark.parametrize("written", ["../*.md", "/etc/*", "~/x", "a\\b", "c:x", "a/\x00", "", ".", "*/../x.md"])
def test_a_pattern_that_leads_elsewhere_is_refused(written: str) -> None:
    with pytest.raises(Outside):
        place("", written)


@pytest.mark.parametrize(
    ("path", "pattern", "whether"),
    [
        ("docs/a.md", "docs/*.md", True),
        ("docs/en/a.md", "docs/*.md", False),
        ("docs/en/a.md", "docs/**/*.md", True),
        ("docs/a.md", "docs/**/*.md", True),
        ("docs/a.md", "**", True),
        ("docs/a.MD", "docs/*.md", False),
        ("a/b/c/d", "**/b/**/d", True),
        ("a/b", "a", False),
    ],
)
def test_what_fits(path: str, pattern: str, whether: bool) -> None:
    assert fits(path.split("/"), pattern.split("/")) is whether


def test_many_stars_take_no_time() -> None:
    assert not fits(["a"] * 2000, [*["**", "a"] * 40, "b"])


def test_files_are_sorted_and_neither_hidden_nor_links(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / "deep").mkdir(parents=True)
    (docs / ".secret").mkdir()
    for name in ("b.md", "a.md", ".hidden.md", "deep/c.md", ".secret/d.md", "e.txt"):
        (docs / name).write_text("x", encoding="utf-8")
    (docs / "link.md").symlink_to(docs / "a.md")
    (docs / "folder").symlink_to(docs / "deep")
    found = matching(tmp_path, "docs/**/*.md", {})
    assert found == ["docs/a.md", "docs/b.md", "docs/deep/c.md"]
    assert Reach(tmp_path, {"docs/z.md": "at hand"}).matching("docs/*.md")[-1] == "docs/z.md"


@pytest.mark.parametrize("pattern", ["nowhere/*.md", "linked/*.md"])
def test_a_folder_that_is_not_there_is_said(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "docs")
    with pytest.raises(Lost) as lost:
        matching(tmp_path, pattern, {})
    assert lost.value.folder == pattern.partition("/")[0]
    assert "`docs`" in lost.value.known
