"""Outline, folds, colours, and the part of a long text that an edit leaves to check."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msrun.dsl.assist.focus import focus, merged
from msrun.dsl.assist.hover import hover
from msrun.dsl.assist.index import index
from msrun.dsl.assist.outline import Entry, folds, outline
from msrun.dsl.assist.paint import paint
from msrun.dsl.assist.tint import tint
from msrun.dsl.source import Source, Span
from tests.lsp.texts import PLAN, studied


def lines(entries: tuple[Entry, ...], depth: int = 0) -> list[str]:
    found: list[str] = []
    for entry in entries:
        found.append("  " * depth + f"{entry.what} {entry.name}")
        found += lines(entry.inside, depth + 1)
    return found


def test_the_outline_has_everything_that_is_named() -> None:
    made = lines(outline(studied().main.program))
    assert made[:6] == [
        "import lib.plan",
        "import lib.plan",
        "enum Topic",
        "  label sport",
        "  label war",
        "model small",
    ]
    assert "plan ask" in made
    assert "  decompose parts" in made
    assert "  input question" in made
    assert "  run out" in made


def test_a_torn_file_has_an_outline() -> None:
    text = PLAN.replace("classify topic: Topic from question", "classify topic: Topic from (question")
    made = lines(outline(studied(text).main.program))
    assert {"plan ask", "  combine answer", "test it"} <= set(made)


def test_names_lie_in_their_entries() -> None:
    for text in (PLAN, PLAN[:400], PLAN.replace("{", "", 3)):
        for entry in outline(studied(text).main.program):
            assert entry.span.start <= entry.name_span.start
            assert entry.name_span.end <= entry.span.end or entry.span.end >= entry.name_span.start


def test_blocks_texts_comments_and_imports_fold() -> None:
    text = "# one\n# two\n" + PLAN
    made = list(folds(studied(text).main.program))
    assert (0, 1, "comment") in made
    assert (2, 3, "imports") in made
    code = text.split("\n")
    assert any(code[first].startswith("plan ask") and code[last + 1] == "}" for first, last, _ in made)
    assert any(code[first].endswith('"""') and code[last].strip() == '"""' for first, last, _ in made)


def test_colours_follow_what_names_mean() -> None:
    made = {(PLAN[slice(*word.span)], word.tint, word.declares) for word in tint(index(studied()))}
    assert {
        ("步骤", "type", False),
        ("Topic", "enum", True),
        ("war", "enumMember", False),
        ("part", "parameter", True),
        ("found", "variable", True),
        ("text", "property", False),
        ("each", "function", False),
        ("solve", "keyword", False),
        ("small", "class", False),
        ("lib", "namespace", True),
        ("list", "type", False),
        ("8", "number", False),
        ("{{", "operator", False),
    } <= made


def test_colours_do_not_overlap_and_stay_on_their_lines() -> None:
    end = 0
    for word in tint(index(studied())):
        assert word.span.start >= end
        assert "\n" not in PLAN[slice(*word.span)]
        end = word.span.end


def test_colours_of_a_range_are_those_of_the_whole_in_it() -> None:
    made = index(studied())
    within = Span(300, 600)
    inside = [word for word in tint(made) if word.span.start < within.end and within.start < word.span.end]
    assert tint(made, within) == inside


def test_paint_covers_every_character_but_blanks() -> None:
    covered = set[int]()
    for stroke in paint(Source("x.plan", PLAN)):
        covered.update(range(*stroke.span))
    assert not [char for at, char in enumerate(PLAN) if at not in covered and not char.isspace()]


# --- focus -----------------------------------------------------------------------------------------------------------

MANY = PLAN + "".join(
    f"""
plan other{at}(question: text) -> text {{
  solve answer from question using small
  return {"missing" if at == 2 else "answer"}
}}
"""
    for at in range(5)
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("part.text", "part.txt"),
        ("return answer\n", "return anwser\n"),
        ("enum Topic { sport", "enum Topic { football"),
        ("plan other3(question: text)", "plan other3(asked: text)"),
        ("return missing", "return answer"),
        ("model small", "model tiny"),
        ("\nenum", "\n\n\nenum"),
        ("answer from question using small", "answer from question using"),
        ("plan other4", "# a comment\nplan other4"),
    ],
)
def test_a_focus_finds_what_a_whole_check_finds(old: str, new: str) -> None:
    before = studied(MANY)
    text = MANY.replace(old, new, 1)
    made = focus(before, text)
    assert len(made.text) == len(text)
    assert made.text != text
    quick = studied(made.text).checked.diagnostics
    found = merged(made, before, quick, Source("x.plan", text))
    whole = studied(text).checked.diagnostics
    near = {(each.entry, each.places[0].span) for each in whole if _own(each.places[0].span, made.blank)}
    assert {(each.entry, each.places[0].span) for each in found if _own(each.places[0].span, made.blank)} == near
    assert all(each.places[0].source.text == text for each in found)


def _own(span: Span, blank: tuple[Span, ...]) -> bool:
    return not any(each.start <= span.start < each.end for each in blank)


def test_findings_elsewhere_move_with_their_text() -> None:
    before = studied(MANY)
    text = MANY.replace("enum Topic", "\n\n\nenum Topic", 1)
    made = focus(before, text)
    found = merged(made, before, studied(made.text).checked.diagnostics, Source("x.plan", text))
    assert [text[slice(*each.places[0].span)] for each in found] == ["missing"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_torn_text_raises(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(PLAN)))
    inserted = data.draw(
        st.sampled_from(["", "{", "}", '"""', "{{", "(", "步骤", "🙂", "for ", "\n", "\r\n", "import"])
    )
    text = PLAN[:start] + inserted + PLAN[start + data.draw(st.integers(0, 60)) :]
    made = studied(text)
    names = index(made)
    outline(made.main.program)
    list(folds(made.main.program))
    tint(names)
    hover(names, data.draw(st.integers(0, len(text))))
    merged(focus(studied(), text), studied(), made.checked.diagnostics, Source("x.plan", text))
