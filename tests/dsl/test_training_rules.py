"""What a check knows of training: nothing of data that it may not look at, and names wherever they lead in a file."""

from pathlib import Path

import pytest

from msrun.dsl.facts import Asked, Told
from msrun.dsl.front import check_file, check_text
from msrun.dsl.kinds.train import ARCHITECTURES, MATRICES
from msrun.trainers.facts import look
from tests.plan_facts import FactsOfTests

PLANS = Path(__file__).parents[1] / "plans"
BAD = Path(__file__).parents[1] / "golden" / "bad"

TUNING = """
    dataset rows = jsonl("data/rows.jsonl") {{ split: {{train: 90%, test: 10%, by: hash(.input)}} }}
    model base = transformers("m")
    train tuned = finetune(base) {{ data: {data}  epochs: 1  batch: 8  lr: linear(peak: 1e-4)  seed: 7  save: "made" }}
    {more}
"""


def codes(more: str = "", data: str = "rows", facts: Told | None = None) -> list[str]:
    text = TUNING.format(data=data, more=more)
    found = check_text("x.plan", text, facts=facts or Told()).diagnostics
    return [finding.entry for finding in found if finding.severity == "error"]


@pytest.mark.parametrize("name", ["e_train", "f_distil"])
def test_without_facts_nothing_is_said_about_data(name: str) -> None:
    assert check_file(PLANS / f"{name}.plan").diagnostics == ()


def test_with_facts_absent_data_is_said(tmp_path: Path) -> None:
    found = check_file(PLANS / "e_train.plan", facts=FactsOfTests(tmp_path)).diagnostics
    assert [finding.entry for finding in found] == ["E0508/data"] * 2


def test_e_train_is_clean_over_its_data(tmp_path: Path) -> None:
    (tmp_path / "data" / "news").mkdir(parents=True)
    (tmp_path / "data" / "news" / "a.txt").write_text("A text. More of it.\n", encoding="utf-8")
    labels = ("sport", "politics", "science", "culture")
    rows = "".join(f'{at},"A, title {at}",{label}\n' for at, label in enumerate(labels))
    (tmp_path / "data" / "headlines.csv").write_text(f"id,title,topic\n{rows}", encoding="utf-8")
    assert check_file(PLANS / "e_train.plan", facts=FactsOfTests(tmp_path)).diagnostics == ()


def test_data_that_a_stage_of_the_file_makes_comes_later() -> None:
    gone = Told(absent=("made/rows.jsonl", "elsewhere/rows.jsonl"))
    more = 'dataset {0} = jsonl("{1}/rows.jsonl")\n evaluate e = metrics(base, {0}) {{ report: [exact_match] }}'
    assert codes(more.format("later", "made"), facts=gone) == []
    assert codes(more.format("lost", "elsewhere"), facts=gone) == ["E0508/data"]


@pytest.mark.parametrize(
    ("more", "entries"),
    [
        ("evaluate e = metrics(tuned, rows.test) { report: [exact_match] }", []),
        ("evaluate e = metrics(tuned, rows.train) { report: [exact_match] }", ["E0711"]),
        ("model m = trained(tuned)\n evaluate e = metrics(m, rows.train) { report: [exact_match] }", ["E0711"]),
        ("evaluate e = metrics(base, rows.train) { report: [exact_match] }", []),
    ],
)
def test_what_a_model_has_learnt_from_follows_its_name(more: str, entries: list[str]) -> None:
    assert codes(more) == entries


def test_a_gate_of_a_profile_counts_as_one_of_the_file() -> None:
    plan = "plan p(q: text) -> text { solve a from q using base\n return a }"
    gate = "evaluate gate = metrics(tuned, rows.test) { require: .exact_match > 0.5 }"
    for requires, entries in (("", ["E0716"]), ("{ requires: gate }", [])):
        profile = f"profile small {{ model base = trained(tuned) {requires} }}"
        assert codes(f"{gate}\n{plan}\n{profile}") == entries


def test_every_architecture_says_which_matrices_it_has() -> None:
    assert set(MATRICES) == {maker.name for takes in ARCHITECTURES for maker in takes.makers}


def test_a_missing_gate_is_written_in_by_a_fix() -> None:
    gate = "evaluate gate = metrics(tuned, rows.test) { require: .exact_match > 0.5 }"
    text = TUNING.format(data="rows", more=f"{gate}\n model m = trained(tuned)")
    (finding,) = [f for f in check_text("x.plan", text).diagnostics if f.code == "E0716"]
    (edit,) = finding.fix
    assert edit.text == "trained(tuned) { requires: gate }"


def test_facts_of_a_file_count_labels_and_say_where_each_stands_first() -> None:
    seen = look(Asked(reader="csv", path="data/headlines.csv", columns=("id", "gone"), label="topic"), BAD)
    assert seen is not None
    assert seen.columns == ("id", "title", "topic")
    assert [(one.label, one.count, one.row, one.line) for one in seen.labels] == [
        ("sport", 2, 1, 2),
        ("politics", 1, 2, 3),
        ("scince", 1, 3, 4),
        ("art", 1, 5, 6),
    ]
    assert [(one.column, one.row, one.line) for one in seen.lacking] == [("gone", 1, 2)]


def test_facts_reach_no_file_outside_of_the_folder() -> None:
    for reader, path in (("csv", "../secret.csv"), ("files", "/etc/*"), ("files", "../*.txt")):
        with pytest.raises(FileNotFoundError):
            look(Asked(reader=reader, path=path), BAD)
