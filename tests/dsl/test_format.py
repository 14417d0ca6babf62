"""The formatter: what it writes, and that it changes nothing but blanks."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msrun.dsl.format import formatted
from msrun.dsl.format.formatted import MeaningChangedError, format_text
from msrun.dsl.front import check_text
from msrun.dsl.source import Source
from msrun.dsl.syntax.lexer import lex
from msrun.dsl.syntax.parse import parse
from msrun.dsl.syntax.tokens import END, Token
from msrun.dsl.tree import Program
from tests.golden_files import check_golden
from tests.laws import CASES, LAW

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "format"
FENCE = re.compile(r"^```plan[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def good_plans() -> dict[str, str]:
    files = [*(ROOT / "examples").rglob("*.plan"), *(ROOT / "tests" / "plans").glob("*.plan"), *GOLDEN.glob("*.plan")]
    plans = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for number, text in enumerate(FENCE.findall(page.read_text(encoding="utf-8"))):
            plans[f"{page.name}:{number}"] = text
    return plans


PLANS = good_plans()
ITEMS = [
    (name, text[item.span.start : item.span.end])
    for name, text in sorted(PLANS.items())
    for item in parse(Source(name, text)).program.items
]
"""Every top-level declaration, to be put together anew."""


def format_(text: str) -> str:
    done = format_text("x.plan", text)
    assert not done.diagnostics, done.diagnostics
    assert done.text is not None
    return done.text


def comments(text: str) -> list[str]:
    return [comment.text.rstrip() for comment in lex(Source("x.plan", text)).comments]


def words(text: str) -> list[tuple[str, str]]:
    """The tokens as written; a text of several lines, whose margin may move, is compared in the tree."""
    tokens = [token for token in lex(Source("x.plan", text)).tokens if token.kind != END]
    written = [(token.kind, text[token.start : token.end]) for token in tokens]
    return [(kind, "" if "\n" in word else word) for kind, word in written]


def same(text: str, made: str) -> None:
    """Whether two texts say the same: tokens, comments, prompt texts, tree."""
    assert words(made) == words(text)
    assert comments(made) == comments(text)
    parsed = parse(Source("x.plan", made))
    assert parsed.program == parse(Source("x.plan", text)).program
    assert not parsed.diagnostics


GLUED = set("(){}[],:")


def separators(left: Token, right: Token, rng: random.Random, noise: float) -> str:
    """Blanks that may stand between two tokens, with comments now and then."""
    glued = left.kind in GLUED or right.kind in GLUED or left.end == right.start
    if right.kind == ":":  # a comment before it would make a reserved word of the key
        return rng.choice(["", "", " ", "  "])
    if rng.random() < noise:
        return rng.choice([" # c\n", "# own\n  # d\n", "\n\n\n# own, 中文\n", "\n  ## e  \n\n", "\n# f\n # g\n"])
    return rng.choice(["", "", ""] * glued + [" ", " ", " ", "  ", "\n", "\n    ", "\n\n\n", "\t"])


def respaced(text: str, seed: int, noise: float) -> str:
    """The same tokens with other blanks and more comments between them."""
    rng = random.Random(seed)
    tokens = [token for token in lex(Source("x.plan", text)).tokens if token.kind != END]
    parts: list[str] = []
    for left, right in zip(tokens, [*tokens[1:], None], strict=True):
        parts.append(text[left.start : left.end])
        parts.append(separators(left, right, rng, noise) if right else "\n")
    return "".join(parts)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.plan")), ids=lambda path: path.stem)
def test_what_is_written(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    made = format_(text)
    check_golden(path.with_suffix(".formatted"), made)
    same(text, made)


@pytest.mark.parametrize("name", sorted(PLANS))
def test_good_plans_keep_their_meaning_and_are_stable(name: str) -> None:
    made = format_(PLANS[name])
    assert format_(made) == made
    same(PLANS[name], made)
    before, after = check_text(name, PLANS[name], base=ROOT), check_text(name, made, base=ROOT)
    assert (before.module is None) == (after.module is None)
    assert [found.code for found in before.diagnostics] == [found.code for found in after.diagnostics]


CAREFUL = [name for name in sorted(PLANS) if name.startswith(("examples/", "README", "tutorial"))]


@pytest.mark.parametrize(
    "name", [*CAREFUL, *(f"tests/plans/{name}.plan" for name in ("c_search", "d_support", "g_compose"))]
)
def test_plans_written_with_care_stay_as_they_are(name: str) -> None:
    assert format_(PLANS[name]) == PLANS[name]


@LAW
@given(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3), st.integers(0, 2**32), st.sampled_from([0, 0.02, 0.2]))
def test_formatting_anything_again_changes_nothing(items: list[tuple[str, str]], seed: int, noise: float) -> None:
    text = respaced("\n".join(item for _, item in items), seed, noise)
    made = format_(text)
    assert format_(made) == made
    same(text, made)


@settings(max_examples=max(CASES // 5, 20), deadline=None)
@given(st.sampled_from(sorted(PLANS)), st.integers(0, 2**32), st.sampled_from([0, 0.02, 0.2]))
def test_the_plan_is_kept_however_the_file_was_spaced(name: str, seed: int, noise: float) -> None:
    text = respaced(PLANS[name], seed, noise)
    made = format_(text)
    assert format_(made) == made
    same(text, made)
    assert check_text(name, made).module == check_text(name, text).module


@LAW
@given(st.sampled_from(sorted(PLANS)), st.integers(0, 5000), st.text(max_size=3))
def test_a_torn_file_is_formatted_or_refused_with_its_findings(name: str, at: int, added: str) -> None:
    text = PLANS[name][:at] + added + PLANS[name][at + 5 :]
    done = format_text(name, text)
    assert (done.text is None) == bool(done.diagnostics)
    if done.text is not None:
        same(text, done.text)


def test_line_ends_are_kept_and_those_within_texts_mean_the_same() -> None:
    text = PLANS["tests/plans/d_support.plan"]
    assert format_(text.replace("\n", "\r\n")) == text.replace("\n", "\r\n")


def instead_of_the_layout(monkeypatch: pytest.MonkeyPatch, made: str) -> None:
    def lay_out(_program: Program) -> str:
        return made

    monkeypatch.setattr(formatted, "lay_out", lay_out)


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ('plan p() { return "a" }', 2),
        ("plan p() { return 'b' }", 2),
        ('# c\nplan p() { return "b" }\n', 1),
        ('plan p() { return ("b") }', 2),
        ('# about p\nplan p() { return """\n  b\n  """ }', 2),
        ('# about p\nplan p() { return "b" }\nplan q() {}', 2),
    ],
)
def test_a_result_that_says_something_else_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str, line: int) -> None:
    instead_of_the_layout(monkeypatch, wrong)
    with pytest.raises(MeaningChangedError, match=f"x.plan would change what it says at line {line}"):
        format_text("x.plan", '# about p\nplan p() { return "b" }')


def test_a_text_whose_margin_moved_wrongly_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'fragment f() = """\n  a\n  """\n'
    instead_of_the_layout(monkeypatch, text.replace("  a", "   a"))
    with pytest.raises(MeaningChangedError):
        format_text("x.plan", text)


def test_what_fits_a_hundred_columns_stands_on_one_line() -> None:
    for signs, wide in (("n", 1), ("汉", 2)):
        room = 100 - len("solve x { prompt: ") - len('""') - len(" }")
        fitting = f'solve x {{ prompt: "{signs * (room // wide)}" }}\n'
        assert format_(fitting) == fitting
        assert format_(fitting.replace(signs, signs * 2, 1)).count("\n") == 3


def test_an_empty_file_and_one_of_comments() -> None:
    assert format_("") == ""
    assert format_("\n\n") == ""
    assert format_("  # a\n\n\n\n#b  \n") == "# a\n\n#b\n"
