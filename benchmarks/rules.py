"""Every rule of the checker taken out, one after the other: some test has to fail for each.

    python -m benchmarks.rules

A rule is a place in the code that reports an entry of the catalogue. While it is silenced, the bad plans that show it,
golden files and pages, are checked again: a plan is compared with what is printed for it, as its test does. Prints the
rules that nothing would miss, and the entries without a golden file, page or Chinese words; writes
benchmarks/results/rules.json.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from inspect import currentframe
from pathlib import Path
from types import FrameType
from typing import Any

import msrun.dsl
from msrun.dsl import diagnostic, words
from msrun.dsl.check.names import File
from msrun.dsl.diagnostic import Diagnostic, report
from msrun.dsl.front import check_text
from msrun.dsl.pages import findings, pages
from msrun.dsl.render import render_all
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import parse
from msrun.dsl.words.zh import OWN
from tests.plan_facts import FactsOfTests

ROOT = Path(__file__).resolve().parent.parent
BAD = ROOT / "tests" / "golden" / "bad"
RESULTS = ROOT / "benchmarks" / "results" / "rules.json"
SILENCED = "E0000"

LARGE = {
    "deep": "let x = " + "(" * 100 + "1" + ")" * 100,
    "long": "let x = " + " + ".join(["1"] * 200),
    "text size": f'let x = "{"a" * 70_000}"',
    "file size": "# a remark\n" * 100_000,
    "many": "model f = = g()\n" * 300,
}
"""Plans that are too large for a golden file; tests/dsl/test_parse.py and test_lexer.py have the like."""


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """A place that reports an entry: the file below dsl/ and the function."""

    entry: str
    place: str


@dataclass(slots=True)
class Ear:
    """Hears every rule that speaks, and keeps one of them from being heard."""

    heard: set[Rule] = field(default_factory=set[Rule])
    silenced: Rule | None = None

    def hears(self, entry: str, frame: FrameType) -> bool:
        """Note who reports an entry; whether it may be heard."""
        while frame.f_back is not None and frame.f_code.co_name in ("miss", "say", "found", "_found", "wrong"):
            frame = frame.f_back
        file = Path(frame.f_code.co_filename).resolve()
        place = f"{file.relative_to(ROOT)}:{frame.f_code.co_name}" if file.is_relative_to(ROOT) else file.name
        rule = Rule(entry, place)
        self.heard.add(rule)
        return rule != self.silenced


@dataclass(frozen=True, slots=True)
class Case:
    """A bad plan with what is printed for it, and how it is printed."""

    name: str
    printed: str
    look: Callable[[], tuple[Diagnostic, ...]]

    def holds(self) -> bool:
        """Whether the test of this plan passes."""
        try:
            told = tuple(found for found in self.look() if found.entry != SILENCED)
        except Exception:  # noqa: BLE001 - what a rule keeps out may break what comes behind it: its test fails too
            return False
        return render_all(told).rstrip("\n") == self.printed


@contextmanager
def listening() -> Generator[Ear]:
    """Let every report of the checker pass an ear."""
    ear = Ear()
    say = File.say

    def heard_say(self: File, entry: str, *spans: Any, **values: Any) -> None:
        if ear.hears(entry, _caller()):
            say(self, entry, *spans, **values)

    def heard_report(entry: str, *places: Any, **values: Any) -> Diagnostic:
        caller = _caller()
        if caller.f_code.co_name == "say" or ear.hears(entry, caller):
            return report(entry, *places, **values)
        return report(SILENCED, *places[:1])

    holders = [module for module in _modules() if getattr(module, "report", None) is report]
    File.say = heard_say  # type: ignore[method-assign]
    for module in holders:
        module.report = heard_report
    try:
        yield ear
    finally:
        File.say = say  # type: ignore[method-assign]
        for module in holders:
            module.report = report


def _caller() -> FrameType:
    """Return the frame of whoever called the function that asks."""
    frame = currentframe()
    for _ in range(2):
        frame = frame.f_back if frame is not None else None
    if frame is None:
        raise RuntimeError("called by nobody")
    return frame


def _modules() -> list[Any]:
    names = [
        each.name for each in pkgutil.walk_packages(msrun.dsl.__path__, "msrun.dsl.") if "__main__" not in each.name
    ]
    return [importlib.import_module(name) for name in names if name != diagnostic.__name__]


def cases() -> list[Case]:
    """Return every bad plan: golden files, those of syntax, and the pages."""
    found: list[Case] = []
    for path in sorted([*BAD.glob("*.plan"), *BAD.glob("imports/*.plan")]):
        text = path.read_text(encoding="utf-8")
        found.append(Case(path.stem, _printed(path), partial(_checked, path, text)))
    for path in sorted(BAD.glob("syntax/*.plan")):
        source = Source(path.name, path.read_bytes().decode("utf-8"))
        found.append(Case(path.stem, _printed(path), partial(_parsed, source)))
    for name, text in LARGE.items():
        source = Source(name, text)
        said = render_all(parse(source).diagnostics).rstrip("\n")
        found.append(Case(name, said, partial(_parsed, source)))
    for code, page in pages().items():
        said = render_all(findings(page)).rstrip("\n")
        found.append(Case(f"page {code}", said, partial(findings, page)))
    return found


def _printed(path: Path) -> str:
    return path.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")


def _checked(path: Path, text: str) -> tuple[Diagnostic, ...]:
    return check_text(path.name, text, base=path.parent, facts=FactsOfTests(BAD)).diagnostics


def _parsed(source: Source) -> tuple[Diagnostic, ...]:
    return parse(source).diagnostics


def spoken(ear: Ear, every: list[Case]) -> dict[Rule, list[Case]]:
    """Return the rules that speak, each with the plans that make it speak."""
    rules: dict[Rule, list[Case]] = {}
    for case in every:
        ear.heard.clear()
        if not case.holds():
            raise SystemExit(f"{case.name} fails already: make golden")
        for rule in ear.heard:
            rules.setdefault(rule, []).append(case)
    return rules


def missed(ear: Ear, rules: dict[Rule, list[Case]]) -> dict[Rule, str]:
    """Return for every rule the first plan whose test fails without it, or an empty text."""
    out: dict[Rule, str] = {}
    for rule, where in sorted(rules.items()):
        ear.silenced = rule
        out[rule] = next((case.name for case in where if not case.holds()), "")
    ear.silenced = None
    return out


def lacking() -> dict[str, list[str]]:
    """Return the entries without Chinese words, and the codes without a page."""
    entries = words.entries()
    codes = {entry.partition("/")[0] for entry in entries}
    return {"without_chinese": sorted(set(entries) - set(OWN)), "without_page": sorted(codes - set(pages()))}


def study() -> dict[str, Any]:
    """Silence every rule in turn; return what came of it."""
    every = cases()
    with listening() as ear:
        proofs = missed(ear, spoken(ear, every))
    entries = set(words.entries())
    shown = {rule.entry for rule in proofs} | {found.entry for case in every for found in case.look()}
    return {
        "codes": len({entry.partition("/")[0] for entry in entries}),
        "entries": len(entries),
        "rules": len(proofs),
        "unproved": [f"{rule.entry} {rule.place}" for rule, case in proofs.items() if not case],
        "never_shown": sorted(entries - shown),
        **lacking(),
        "proofs": {f"{rule.entry} {rule.place}": case for rule, case in proofs.items()},
    }


def main() -> int:
    """Print what nothing would miss, and write the table."""
    result = study()
    for key in ("unproved", "never_shown", "without_chinese", "without_page"):
        for name in result[key]:
            print(f"{key}: {name}")
    counts = f"{result['codes']} codes, {result['entries']} entries, {result['rules']} rules"
    print(f"{counts}; {len(result['unproved'])} without a test that fails")
    RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if any(result[key] for key in ("unproved", "never_shown", "without_chinese", "without_page")) else 0


if __name__ == "__main__":
    raise SystemExit(main())
