"""How many mistakes `msrun check` finds: hundreds, each made by a script in one place of a good plan.

    python -m benchmarks.mutations [--misses]

Counts what was found at all, what was found on the right line, and what is said about the good plans, which is nothing.
Goals: 97 of 100 found, 95 of 100 on the right line, no false report. Prints a table, an operator a line, and writes
benchmarks/results/mutations.json.
"""

import argparse
import json
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mistakes import meaning, names, signs
from benchmarks.mistakes.book import Book, Mistake
from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.front import check_text
from msrun.facts import FactsBeside

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "mutations.json"
MOST = 4
"""Mistakes of one operator in one plan."""

FOUND, RIGHT = 0.97, 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """A mistake and what the checker said about it."""

    mistake: Mistake
    found: bool
    right: bool
    code: str


def lay_out(folder: Path) -> list[Path]:
    """Copy the good plans into a folder, with a few rows where they read data; return all of them."""
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "plans", folder / "plans", ignore=shutil.ignore_patterns("bad"))
    data = folder / "plans" / "data"
    (data / "news").mkdir(parents=True)
    (data / "news" / "a.txt").write_text("A text. More of it.\n", encoding="utf-8")
    labels = ("sport", "politics", "science", "culture")
    rows = "".join(f'{at},"A title {at}",{label}\n' for at, label in enumerate(labels))
    (data / "headlines.csv").write_text(f"id,title,topic\n{rows}", encoding="utf-8")
    (data / "questions.jsonl").write_text('{"id": "1", "question": "Why?"}\n', encoding="utf-8")
    return sorted(path for path in folder.rglob("*.plan"))


def findings(path: Path, text: str) -> tuple[Diagnostic, ...]:
    """Check a text in the place of a file."""
    return check_text(path.name, text, base=path.parent, facts=FactsBeside(path.parent)).diagnostics


def unreadable(found: tuple[Diagnostic, ...]) -> bool:
    """Whether a plan has kinds that this version only reads."""
    return any(each.entry.endswith("/later") for each in found)


def mistakes(path: Path, text: str) -> Iterator[Mistake]:
    """Yield at most MOST mistakes of every operator, chosen by the plan's name, so that each run makes the same."""
    book = Book(path.name, text)
    for operator in (*names.OPERATORS, *signs.OPERATORS, *meaning.OPERATORS):
        made = [each for each in operator(book) if each.text != text]
        rng = random.Random(f"{path.name} {operator.__name__}")
        yield from (made if len(made) <= MOST else rng.sample(made, MOST))


def judge(path: Path, mistake: Mistake) -> Judged:
    """Check a broken plan: a finding is on the right line where the mistake was made, or where it shows."""
    found = findings(path, mistake.text)
    lines = {source.position(span.start)[0] for each in found for source, span in each.places[:1]}
    return Judged(mistake, bool(found), bool(lines & mistake.lines), found[0].code if found else "")


def judged() -> tuple[list[Judged], list[str], dict[str, int]]:
    """Return every judged mistake, the plans left out, and what was said about good plans."""
    done: list[Judged] = []
    left_out: list[str] = []
    false: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as name:
        for path in lay_out(Path(name)):
            text = path.read_text(encoding="utf-8")
            said = findings(path, text)
            if unreadable(said):
                left_out.append(path.name)
                continue
            false[path.name] = len(said)
            done += [judge(path, mistake) for mistake in mistakes(path, text)]
    return done, left_out, false


def table(done: list[Judged]) -> dict[str, dict[str, int]]:
    """Return for each operator how many mistakes were made, found, and found on the right line."""
    rows: dict[str, dict[str, int]] = {}
    for each in done:
        row = rows.setdefault(each.mistake.operator, {"made": 0, "found": 0, "right": 0})
        row["made"] += 1
        row["found"] += each.found
        row["right"] += each.right
    return rows


def main() -> int:
    """Make the mistakes, print the table, write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="print every mistake that was missed or misplaced")
    show: bool = parser.parse_args().misses
    done, left_out, false = judged()
    rows = table(done)
    for name, row in rows.items():
        print(f"{name:32} {row['made']:4} made {row['found']:4} found {row['right']:4} on the line")
    found, right = sum(each.found for each in done) / len(done), sum(each.right for each in done) / len(done)
    print(
        f"{len(done)} mistakes: {found:.1%} found, {right:.1%} on the right line; {false} false; left out: {left_out}"
    )
    if show:
        for each in done:
            if not each.right:
                verdict = f"elsewhere: {each.code}" if each.found else "MISSED"
                lines = ",".join(map(str, sorted(each.mistake.lines)))
                print(f"{each.mistake.operator:28} {each.mistake.file}:{lines} {each.mistake.what}  {verdict}")
    result = {
        "mistakes": len(done),
        "found": round(found, 4),
        "right_line": round(right, 4),
        "false_reports": sum(false.values()),
        "plans": sorted(false),
        "left_out": left_out,
        "operators": rows,
    }
    RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if found >= FOUND and right >= RIGHT and not any(false.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
