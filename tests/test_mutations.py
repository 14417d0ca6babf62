"""Mistakes made by a script are found, on the right line, and nothing is said about good plans."""

from pathlib import Path

import pytest

from benchmarks.mutations import FOUND, RIGHT, Judged, findings, judge, lay_out, mistakes, table, unreadable

EVERY = 7
"""One of so many mistakes is tried here; `make mutations` tries all."""


def test_most_mistakes_are_found_on_their_lines_and_good_plans_are_clean(tmp_path: Path) -> None:
    made = 0
    done: list[Judged] = []
    for path in lay_out(tmp_path):
        text = path.read_text(encoding="utf-8")
        said = findings(path, text)
        if unreadable(said):
            continue
        assert said == (), path.name
        for at, mistake in enumerate(mistakes(path, text)):
            made += 1
            if at % EVERY == 0:
                done.append(judge(path, mistake))
    assert made >= 300
    missed = [(each.mistake.operator, each.mistake.file, each.mistake.what) for each in done if not each.found]
    elsewhere = [(each.mistake.operator, each.mistake.file, each.mistake.what) for each in done if not each.right]
    assert len(missed) <= (1 - FOUND) * len(done), missed
    assert len(elsewhere) <= (1 - RIGHT) * len(done), elsewhere
    assert len(table(done)) >= 40


@pytest.mark.parametrize("name", ["quickstart", "b_dependent"])
def test_a_mistake_changes_one_place(tmp_path: Path, name: str) -> None:
    (path,) = [path for path in lay_out(tmp_path) if path.stem == name]
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    for mistake in mistakes(path, text):
        assert mistake.text != text
        assert all(1 <= line <= mistake.text.count("\n") + 1 for line in mistake.lines)
        kept = sum(line in lines for line in mistake.text.split("\n"))
        assert kept >= len(lines) // 2, mistake
