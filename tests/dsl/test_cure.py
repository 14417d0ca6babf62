"""Fixes that are certain: each cures its finding, together they add no error, and a second call changes nothing."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from msrun.dsl import cure as cures
from msrun.dsl.check.near import only_near
from msrun.dsl.cure import apart, apply, cure, errors_in
from msrun.dsl.diagnostic import Diagnostic, Edit, Place, report
from msrun.dsl.facts import Facts
from msrun.dsl.front import Checked, check_text
from msrun.dsl.source import Source, Span

BAD = Path(__file__).parents[1] / "golden" / "bad"
PLANS = sorted(BAD.rglob("*.plan"))
MODEL = 'model small = ollama("qwen3:8b")\n'


def plan(inside: str) -> str:
    return MODEL + "plan ask(question: text) -> text {\n" + inside + "\n}\n"


GOOD = plan(
    "  decompose parts from question limit 4\n  solve answers for part in parts { retry: 2 }\n  return question"
)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_cure_never_adds_errors_and_is_stable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    cured = cure(path.name, text)
    assert errors_in(cured.checked) <= errors_in(check_text(path.name, text))
    assert cured.checked.diagnostics == check_text(path.name, cured.text).diagnostics
    assert (cured.text == text) == (not cured.applied)
    assert cure(path.name, cured.text).text == cured.text


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_fix_that_is_made_takes_its_finding_away(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = check_text(path.name, text).diagnostics
    for finding in found:
        if not finding.fix:
            continue
        after = check_text(path.name, apply(text, finding.fix)).diagnostics
        same = [each for each in after if each.entry == finding.entry and each.values == finding.values]
        before = [each for each in found if each.entry == finding.entry and each.values == finding.values]
        assert len(same) < len(before), finding


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("parts {", "partz {"),
        ("decompose", "decompse"),
        ("retry", "retyr"),
        ("text {", "txt {"),
        ("in parts", "of parts"),
        ("retry: 2", "retry 2"),
        ("retry: 2", "retry： 2"),
        ("retry: 2", "retry： 2;"),
        ('"qwen3:8b"', "“qwen3:8b”"),
        ('"qwen3:8b"', "'qwen3:8b'"),
        ('ollama("qwen3:8b")', 'ollma（"qwen3:8b"）'),
        ("(question: text)", "(question: text"),
        ("-> text", "=> text"),
    ],
)
def test_certain_mistakes_are_undone(good: str, bad: str) -> None:
    broken = GOOD.replace(good, bad)
    assert broken != GOOD
    assert check_text("x", broken).module is None
    assert cure("x", broken).text == GOOD.replace("retry: 2;", "retry: 2")


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("{{ question | numberd }}", "numbered"),
        ("{{ questoin }}", "question"),
        ("{{ question | sparkle }}", None),
    ],
)
def test_names_in_holes(bad: str, good: str | None) -> None:
    cured = cure("x", plan(f'  solve a from question {{ prompt: "{bad}" }}\n  return a'))
    assert good in cured.text if good else not cured.applied, cured.text


def test_two_names_that_are_as_near_are_left_to_a_person() -> None:
    text = plan('  let step = "a"\n  let stop = "b"\n  solve answer from [question, step, stop, stp]\n  return answer')
    (finding,) = check_text("x", text).diagnostics
    assert finding.code == "E0101"
    assert dict(finding.values)["near"] in ("step", "stop")
    assert finding.fix == ()
    assert cure("x", text).applied == ()


@pytest.mark.parametrize(
    ("word", "found", "known", "only"),
    [
        ("slove", "solve", ["solve", "score"], True),
        ("Text", "text", ["text", "texts"], True),
        ("Text", "text", ["text", "TEXT"], False),
        ("anser", "answer", ["answer", "answers"], True),
        ("stp", "step", ["step", "stop"], False),
    ],
)
def test_the_only_near_name(word: str, found: str, known: list[str], *, only: bool) -> None:
    assert only_near(word, found, known) is only


def test_a_text_in_foreign_quotes_that_would_read_otherwise_is_left_alone() -> None:
    text = plan("  solve a from question { prompt: 'say \"{{ question }}\"' }\n  return a")
    assert [finding.fix for finding in check_text("x", text).diagnostics] == [()]


def finding(source: Source, *edits: tuple[int, int, str]) -> Diagnostic:
    fix = [Edit(source, Span(start, end), text) for start, end, text in edits]
    return report("E0011", Place(source, Span(0, 1)), fix=fix)


def test_fixes_that_touch_are_made_one_after_the_other() -> None:
    source = Source("x", "abcdef")
    first, over, beside = finding(source, (0, 2, "")), finding(source, (1, 3, "")), finding(source, (2, 3, "x"))
    inserted = finding(source, (2, 2, "y"))
    assert apart([first, over, beside, finding(source)]) == [first, beside]
    assert apart([first, inserted]) == [first]
    assert apart([over, finding(source, (0, 1, ""), (5, 6, ""))]) == [over, finding(source, (0, 1, ""), (5, 6, ""))]
    assert apply(source.text, [*first.fix, *beside.fix]) == "xdef"


def test_a_fix_that_would_add_errors_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checker whose first fix breaks the text: the other one is still made."""

    def check(name: str, text: str, *, base: Path | None, beside: Mapping[str, str], facts: Facts) -> Checked:
        del facts, beside
        source = Source(name, text)
        found = [finding(source, (0, 1, "!"))] if text.startswith("a") else [finding(source)] * 3
        found += [finding(source, (1, 2, "B"))] if text[1] == "b" else []
        return Checked(None, tuple(found))

    monkeypatch.setattr(cures, "check_text", check)
    assert cure("x", "ab").text == "aB"
