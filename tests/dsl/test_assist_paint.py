"""Every highlighter is made from the one word list and sees what the language's own lexer sees."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from msrun.dsl.assist.paint import paint
from msrun.dsl.source import Source
from msrun.highlight import COLOURS, PlanLexer
from tests.lsp.texts import LIB, PLAN

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    [*ROOT.glob("examples/**/*.plan"), *ROOT.glob("tests/plans/*.plan"), *ROOT.glob("tests/plans/lib/*.plan")]
)
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES} | {
    "plan": PLAN,
    "lib": LIB,
    "holes": 'fragment f(a: json) = "x {{ {b: {c: 1}} | json }} y {{ "}}" }} {{ a.for }} \\" z"\n',
    "blocks": 'fragment f(a: text) = """\n  a "b" { {{ a\n    | trim }} c\n  """\n',
    "raw block": 'fragment g() = raw"""\n  {{ a }}\n  """\n',
    "raw": 'fragment f() = raw"\\{{ a }}"\n',
    "words": "enum E { for search null }\ntype T { model: text  using: list<json>  limit: float[0..1]? }\n",
    "numbers": "param a: float = 1_000.5e-3\nparam b: int = 20k  # $3 50% 1.5h\nlimits run { budget: $0.25 }\n",
    "scripts": 'param größe: int = 3\nparam दिल्ली: text = "a"\nparam 意图: text = "b🙂"\n',
    "one line": 'plan a() { return 1 } plan b() { return "x" }\n',
}


def colours(text: str) -> list[str]:
    """The class of every character, an empty text for blanks."""
    made = [""] * len(text)
    for stroke in paint(Source("x.plan", text)):
        for at in range(*stroke.span):
            made[at] = stroke.colour if not text[at].isspace() else ""
    return made


def by_pygments(text: str) -> list[str]:
    made: list[str] = []
    for kind, value in PlanLexer(stripnl=False, ensurenl=False).get_tokens(text):
        made += [COLOURS.get(kind, "?") if not char.isspace() else "" for char in value]
    return made


@pytest.mark.parametrize("name", TEXTS)
def test_pygments_sees_what_the_language_sees(name: str) -> None:
    text = TEXTS[name]
    mine, theirs = colours(text), by_pygments(text)
    assert len(mine) == len(theirs)
    differing = [at for at, pair in enumerate(zip(mine, theirs, strict=True)) if pair[0] != pair[1]]
    assert not [(text[at - 9 : at + 9], mine[at], theirs[at]) for at in differing[:3]]


def test_the_textmate_grammar_is_as_the_word_list_makes_it() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "msrun.dsl.assist.textmate"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    kept = ROOT / "editors" / "vscode" / "syntaxes" / "plan.tmLanguage.json"
    assert made.stdout == kept.read_text(encoding="utf-8"), "stale: make docs"


def test_pygments_is_told_of_the_lexer() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = config["project"]["entry-points"]["pygments.lexers"]["plan"].partition(":")
    assert getattr(import_module(module), name) is PlanLexer
    assert "plan" in PlanLexer.aliases
