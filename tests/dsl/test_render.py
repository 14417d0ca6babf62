"""The picture of a finding: marks under the right columns, whatever the characters, and nothing a terminal obeys."""

import pytest

from msrun.dsl.diagnostic import Diagnostic, Place, report
from msrun.dsl.render import MAX_COLUMNS, render, render_all
from msrun.dsl.source import Source, Span


def place(source: Source, text: str) -> Place:
    start = source.text.index(text)
    return Place(source, Span(start, start + len(text)))


def unclosed(source: Source, opener: str, end: str) -> Diagnostic:
    return report("E0002", place(source, opener), place(source, end), sign=opener, closer=")")


def test_both_places_and_the_help() -> None:
    source = Source("brief.plan", "one\n" * 9 + "twice a\nand limit 3\nlimit 4 b\n")
    finding = report("E0005", place(source, "limit 4"), place(source, "limit 3"), word="limit")
    assert render(finding) == (
        "error[E0005]: `limit` stands twice in this header\n"
        "  --> brief.plan:12:1\n"
        "12 | limit 4 b\n"
        "   | ^^^^^^^ again here\n"
        "11 | and limit 3\n"
        "   |     ------- first here\n"
        "   = help: remove one of the two"
    )


def test_a_line_with_two_places_is_shown_once() -> None:
    source = Source("t", "f(a b")
    assert render(unclosed(source, "(", "b")).split("\n")[2:] == [
        "1 | f(a b",
        "  |  ^ opened here",
        "  |     - `)` belongs here",
    ]


@pytest.mark.parametrize(
    ("text", "shown", "column"),
    [
        ("意图(x", "意图(x", 4),
        ("gro\u0308(x", "gro\u0308(x", 3),
        ("\t(x", "    (x", 4),
        ("ab\t(x", "ab  (x", 4),
        ("\x1b[31m(x", "␛[31m(x", 5),
        ("\u202e(x", "\ufffd(x", 1),
        ("\x7f\x00(x", "␡␀(x", 2),
        ("🙂(x", "🙂(x", 2),
    ],
)
def test_marks_stand_under_the_displayed_column(text: str, shown: str, column: int) -> None:
    lines = render(unclosed(Source("t", text), "(", "x")).split("\n")
    assert lines[2] == f"1 | {shown}"
    assert lines[3] == f"  | {' ' * column}^ opened here"


def test_a_wide_mark_is_as_wide_as_what_it_marks() -> None:
    source = Source("t", "x 意图 y")
    assert (
        render(report("E0004", place(source, "意图"), word="意图")).split("\n")[3]
        == "  |   ^^^^ this needs another name"
    )


def test_a_place_over_lines_shows_its_first_and_last() -> None:
    source = Source("t", "a {\n  b\n  c }\nd")
    finding = report("E0011", place(source, "{\n  b\n  c }"))
    assert render(finding).split("\n")[2:6] == [
        "1 | a {",
        "  |   ^",
        "3 |   c }",
        "  |   ^^^ nothing between the braces",
    ]


def test_a_place_that_ends_with_its_line_break_stays_on_its_line() -> None:
    source = Source("t", "a b\nc")
    assert "2 |" not in render(report("E0011", place(source, "b\n")))


def test_an_empty_place_has_one_mark_and_the_end_of_file_can_be_shown() -> None:
    source = Source("t", "a\n")
    assert render(report("E0011", Place(source, Span(1, 1)))).split("\n")[3] == "  |  ^ nothing between the braces"
    assert "2 |" in render(report("E0011", Place(source, Span(2, 2))))


def test_a_place_of_another_file_is_named() -> None:
    first, second = Source("a.plan", "x\n(y"), Source("b.plan", "\nz")
    finding = report("E0002", place(first, "("), place(second, "z"), sign="(", closer=")")
    assert " ::: b.plan:2" in render(finding).split("\n")


@pytest.mark.parametrize("at", [0, 300, 5_000, 99_990])
def test_a_long_line_is_cut_around_the_place(at: int) -> None:
    source = Source("t", "x" * at + "意图" + "y" * (100_000 - at))
    lines = render(report("E0011", place(source, "意图"))).split("\n")
    assert all(len(line) <= MAX_COLUMNS + 40 for line in lines)
    before = lines[2][4:].partition("意图")[0]
    assert lines[3].startswith("  | " + " " * len(before) + "^^^^")


def test_colour_adds_no_meaning() -> None:
    source = Source("t", "f(a b")
    finding = unclosed(source, "(", "b")
    painted = render(finding, color=True)
    assert "\x1b[1;31m" in painted
    plain = painted
    for hue in ("31", "33", "34"):
        plain = plain.replace(f"\x1b[1;{hue}m", "")
    assert plain.replace("\x1b[0m", "") == render(finding)


def test_values_and_names_cannot_steer_the_terminal() -> None:
    source = Source("a\x1b]0;b\x07.plan", "x")
    picture = render(report("E0004", place(source, "x"), word="\x1b[2J\u202e"))
    assert picture.isprintable() or all(char == "\n" or char.isprintable() for char in picture)


def test_several_findings_are_parted_by_an_empty_line() -> None:
    finding = report("E0011", Place(Source("t", "x"), Span(0, 1)))
    assert render_all([finding, finding]) == f"{render(finding)}\n\n{render(finding)}"
    assert render_all([]) == ""
