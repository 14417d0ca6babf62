"""Every finding has words, every word a finding, and what the help lines show as code parses."""

import re
from pathlib import Path

import pytest

from msrun.dsl import words
from msrun.dsl.front import check_text
from msrun.dsl.words import names, syntax
from tests.plan_facts import FactsOfTests

DSL = Path(names.__file__).parents[1]
MINE = {name: entry for name, entry in words.entries().items() if name not in syntax.ENTRIES}
SOURCES = [path for folder in ("check", "infer", "lower", "kinds", "training") for path in (DSL / folder).glob("*.py")]
GOLDEN = Path(__file__).parents[1] / "golden" / "bad"
SUFFIXES = ("", "/alone")


def entries_in_code() -> set[str]:
    """The entries that the checker names, `/alone` where a near name is searched."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    named = set(re.findall(r'"([EW]\d{4}(?:/\w+)*)"', text))
    searched = set(re.findall(r'miss\(\s*"([EW]\d{4}(?:/\w+)*)"', text))
    return named | {f"{entry}/alone" for entry in searched} | {"E0305/fragment", "E0305/tool"}


def test_every_finding_has_words() -> None:
    assert entries_in_code() - set(MINE) - {"E0010", "E0015"} == set()


def test_every_entry_is_used_and_shown_by_a_golden_file() -> None:
    shown: set[str] = set()
    for path in [*GOLDEN.glob("*.plan"), *GOLDEN.glob("imports/*.plan")]:
        text = path.read_text(encoding="utf-8")
        shown |= {
            finding.entry
            for finding in check_text(path.name, text, base=path.parent, facts=FactsOfTests(GOLDEN)).diagnostics
        }
    assert set(MINE) - entries_in_code() - {"E0103/alone"} == set()
    assert set(MINE) - shown == set()


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.plan")), ids=lambda path: path.stem)
def test_no_slot_stays_empty(path: Path) -> None:
    for finding in check_text(path.name, path.read_text(encoding="utf-8"), facts=FactsOfTests(GOLDEN)).diagnostics:
        if finding.entry not in MINE:
            continue
        entry = MINE[finding.entry]
        given = {name for name, _ in finding.values}
        for template in (entry.message, entry.help, *entry.labels[: len(finding.places)]):
            slots = set(re.findall(r"(?<!\{)\{(\w+)\}(?!\})", template))
            assert slots <= given, (finding.entry, template)
        assert words.message(finding)


def test_a_message_is_one_sentence_without_a_full_stop() -> None:
    for entry in MINE.values():
        assert not entry.message.endswith(".")
        assert "\n" not in entry.message
        assert not entry.message[0].isupper()
