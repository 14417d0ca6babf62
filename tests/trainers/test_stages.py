"""Tiny data and a tiny model, but the whole way: rows, tokenizer, training, evaluation, gate, and finding it again."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from msrun.dsl.front import check_text
from msrun.dsl.plan import Made, Module, Name, Node, NodeId, Rule, Stage, Value, ValueMap
from msrun.dsl.shapes import Opaque
from msrun.dsl.tree import Binary, Constant, Get
from msrun.trainers.port import (
    Gate,
    GateFailed,
    Progress,
    StageFinished,
    StageProgress,
    StageResult,
    StageStarted,
    TrainingFault,
)
from msrun.trainers.stages import train

QUESTIONS = """
def rows(count):
    for number in range(count):
        word = "abcd"[number % 4] * (number % 3 + 1)
        yield {"id": number, "input": "say " + word, "output": word, "long": number % 3 + 1}
"""

ALL = ("questions", "letters", "small", "report")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "questions.py").write_text(QUESTIONS, encoding="utf-8")
    return folder


def stage(kind: str, name: str, value: Made, reads: Sequence[str] = (), **settings: Value) -> Node:
    shape, said = Opaque(kind), Stage(value=value, settings=tuple(settings.items()))
    return Node(id=NodeId(name), kind=kind, action=said, shape=shape, value_shape=shape, reads=tuple(reads))


def module(*, count: int = 60, peak: float = 1e-2, require: float = 0.0, save: str | None = None) -> Module:
    """`questions`, split by id; `letters`, a tokenizer of it; `small`, a model; `report`, its exact match."""
    by_id = Made("hash", (Rule(Get(None, "id")),))
    settings: dict[str, Value] = {
        "data": Name("questions"),
        "tokenizer": Name("letters"),
        "objective": Made("clm", (), (("loss_on", Name("output")),)),
        "steps": 3,
        "batch": 8,
        "lr": Made("cosine", (), (("peak", peak), ("warmup", 1))),
        "seed": 7,
        "threads": 1,
    }
    if save is not None:
        settings["save"] = save
    sizes = (("layers", 1), ("hidden", 16), ("heads", 2), ("positions", 32))
    gate = Rule(Binary(">=", Get(None, "exact_match"), Constant(require)))
    metrics = Made("metrics", (Name("small"), Name("questions.test")))
    asked: dict[str, Value] = {"report": (Name("exact_match"),), "require": gate, "by": Rule(Get(None, "long"))}
    rows = Made("python", ("questions:rows",), (("count", count),))
    split = ValueMap((("train", 0.7), ("test", 0.3), ("by", by_id)))
    llama = Made("pretrain", (Made("llama", (), sizes),))
    stages = (
        stage("evaluate", "report", metrics, ("small", "questions"), **asked),
        stage("dataset", "questions", rows, split=split),
        stage("tokenizer", "letters", Made("chars", (Name("questions"),)), ("questions",), pieces=("say ",)),
        stage("train", "small", llama, ("questions", "letters"), **settings),
    )
    return Module(file="tiny.plan", stages=stages)


def run(plan: Module, root: Path, name: str | None = None) -> dict[str, StageResult]:
    return {result.stage: result for result in train(plan, name, root=root, allow=["dataset:questions"])}


@pytest.fixture
def made(root: Path) -> dict[str, StageResult]:
    return run(module(), root)


def test_every_stage_runs_once_after_what_it_reads(root: Path) -> None:
    heard: list[Progress] = []
    results = train(module(), root=root, allow=["dataset:*"], on_progress=heard.append)
    assert tuple(result.stage for result in results) == ALL
    assert tuple(event.stage for event in heard if isinstance(event, StageStarted)) == ALL
    assert tuple(event.stage for event in heard if isinstance(event, StageFinished)) == ALL
    (last,) = [event for event in heard if isinstance(event, StageProgress) and event.stage == "small"]
    assert (last.step, last.steps, last.eta_s) == (3, 3, 0.0)
    assert last.loss is not None
    assert last.loss > 0
    assert last.tokens_per_s is not None


def test_the_outputs_are_a_model_folder_with_its_lineage(made: dict[str, StageResult]) -> None:
    folder = made["small"].path
    assert {"config.json", "model.safetensors", "tokenizer.json", "msrun.json"} <= {p.name for p in folder.iterdir()}
    lineage = json.loads((folder / "msrun.json").read_text(encoding="utf-8"))
    assert lineage["key"] == made["small"].key
    assert lineage["inputs"]["questions"]["key"] == made["questions"].key
    assert lineage["seed"] == 7
    assert lineage["settings"]["lr"] == "cosine(peak: 0.01, warmup: 1)"
    assert lineage["versions"]["torch"]
    assert lineage["figures"]["parameters"] == made["small"].figures["parameters"]
    assert int(made["small"].figures["parameters"]) > 1000
    assert folder.name == made["small"].key[:12]


def test_the_report_has_an_interval_groups_and_the_rows_seen_before(made: dict[str, StageResult]) -> None:
    figures = made["report"].figures
    low, share, high = (figures[f"exact_match{end}"] for end in ("_low", "", "_high"))
    assert 0 <= float(low) <= float(share) <= float(high) <= 1
    assert figures["rows"] == made["questions"].figures["rows_test"]
    assert figures["seen_in_training"] == figures["rows"]  # there are only twelve different inputs
    assert {"exact_match[1]", "exact_match[2]", "exact_match[3]"} <= set(figures)
    assert made["report"].gate is not None
    assert made["report"].gate.require == ".exact_match >= 0"
    misses = (made["report"].path / "misses.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(misses) == round(float(figures["rows"]) * (1 - float(share)))


def test_only_what_the_named_stage_needs_runs(root: Path) -> None:
    assert tuple(run(module(), root, "letters")) == ("questions", "letters")


def test_a_second_run_does_nothing(root: Path, made: dict[str, StageResult]) -> None:
    weights = made["small"].path / "model.safetensors"
    before = weights.stat().st_mtime_ns
    again = run(module(), root)
    assert all(result.reused for result in again.values())
    assert not any(result.reused for result in made.values())
    assert again["report"].figures == made["report"].figures
    assert weights.stat().st_mtime_ns == before


def test_an_edit_runs_again_only_what_depends_on_it(root: Path, made: dict[str, StageResult]) -> None:
    edited = run(module(peak=2e-3), root)
    assert [name for name in ALL if not edited[name].reused] == ["small", "report"]
    assert edited["small"].key != made["small"].key
    assert all(result.reused for result in run(module(), root).values())  # the first output is still there


def test_a_changed_comment_makes_the_rows_again_but_not_the_model(root: Path, made: dict[str, StageResult]) -> None:
    (root / "questions.py").write_text("# a comment\n" + QUESTIONS, encoding="utf-8")
    again = run(module(), root)
    assert [name for name in ALL if not again[name].reused] == ["questions"]
    (root / "questions.py").write_text(QUESTIONS.replace("abcd", "bcde"), encoding="utf-8")
    assert not any(result.reused for result in run(module(), root).values())


def test_the_same_seed_gives_the_same_weights(root: Path, tmp_path: Path, made: dict[str, StageResult]) -> None:
    again = train(module(), "small", root=root, allow=["dataset:*"], out=tmp_path / "elsewhere")
    assert again[-1].path.is_relative_to(tmp_path / "elsewhere")
    weights = [result.path / "model.safetensors" for result in (made["small"], again[-1])]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_an_interrupted_stage_leaves_nothing_that_counts(root: Path) -> None:
    def interrupt(event: Progress) -> None:
        if isinstance(event, StageProgress) and event.stage == "small":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(module(), root=root, allow=["dataset:*"], on_progress=interrupt)
    again = run(module(), root)
    assert [name for name in ALL if again[name].reused] == ["questions", "letters"]
    assert not list((root / ".msrun").rglob("*.partial"))


def test_python_runs_only_where_it_was_allowed(root: Path) -> None:
    with pytest.raises(TrainingFault, match=r"questions: would run Python code \(questions:rows\)") as caught:
        train(module(), root=root, allow=["tool:*", "dataset:other"])
    assert caught.value.kind == "grant"
    assert "--allow dataset:questions" in caught.value.help
    assert not (root / ".msrun").exists()


def test_rows_that_are_there_need_no_grant(root: Path, made: dict[str, StageResult]) -> None:
    assert all(result.reused for result in train(module(), root=root))


def test_a_gate_that_does_not_hold_is_recorded_and_ends_in_a_fault(root: Path) -> None:
    for reused in (False, True):  # the second time nothing runs, and it fails no less
        with pytest.raises(GateFailed, match=r"report: `require: \.exact_match >= 0\.99` does not hold") as caught:
            run(module(require=0.99), root)
        result = caught.value.results[-1]
        assert result.reused is reused
        assert result.gate is not None
        assert not result.gate.passed


def test_save_places_a_copy_and_replaces_only_its_own(root: Path) -> None:
    first = run(module(save="models/small"), root)["small"]
    assert first.saved == root.resolve() / "models/small"
    second = run(module(save="models/small", peak=1e-3), root)["small"]
    assert second.saved is not None
    assert json.loads((second.saved / "msrun.json").read_text(encoding="utf-8"))["key"] == second.key
    assert [path.name for path in (root / "models").iterdir()] == ["small"]


def test_save_refuses_a_folder_that_no_stage_made(root: Path) -> None:
    (root / "mine").mkdir()
    (root / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(TrainingFault, match="which no stage made"):
        run(module(save="mine"), root)
    assert (root / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize("path", ["../out", "/etc/out", "a/../../out", "C:/out", ""])
def test_save_may_not_leave_the_folder(root: Path, path: str) -> None:
    with pytest.raises(TrainingFault) as caught:
        run(module(save=path), root)
    assert caught.value.kind == "path"
    assert not (root / ".msrun").exists()


def test_a_dry_run_builds_everything_and_keeps_nothing(root: Path) -> None:
    results = train(module(count=5000), root=root, allow=["dataset:*"], dry_run=True)
    figures = {result.stage: result.figures for result in results}
    assert figures["questions"]["sample_rows"] == 1000
    assert int(figures["letters"]["vocabulary"]) >= 9
    assert int(figures["small"]["parameters"]) > 1000
    assert int(figures["small"]["tokens_per_step"]) >= 8 * 4
    assert int(figures["report"]["rows"]) > 200
    assert not (root / ".msrun").exists()


def test_a_name_that_no_stage_has(root: Path) -> None:
    with pytest.raises(TrainingFault, match="no stage of this file has that name") as caught:
        run(module(), root, "smal")
    assert caught.value.help == "did you mean `small`?"


PLAN = """
dataset q = jsonl("q.jsonl") {
  input: .ask
  output: .say
  split: {train: 75%, test: 25%, by: hash(.id)}
  dedup: exact(.id)
}
tokenizer t = chars(q) { pieces: ["ab"] }
train m = pretrain(gpt2(layers: 1, hidden: 8, heads: 2, positions: 16)) {
  data: q
  tokenizer: t
  objective: clm(loss_on: output)
  steps: 2
  batch: 4
  lr: linear(peak: 1e-3, warmup: 1)
  optimizer: muon
  store: float16
  threads: 1
  seed: 3
}
evaluate r = metrics(m, q.test) { report: [exact_match]  require: .exact_match >= 0% }
"""


def test_the_stages_of_a_written_plan(root: Path) -> None:
    rows = [{"id": number, "ask": "ab" * (number % 3), "say": str(number % 3)} for number in range(40)] * 2
    (root / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    checked = check_text("p.plan", PLAN)
    assert checked.module is not None, checked.diagnostics
    results = {result.stage: result for result in train(checked.module, root=root)}
    assert list(results) == ["q", "t", "m", "r"]
    assert results["q"].figures["rows"] == 40
    assert results["r"].gate == Gate(require=".exact_match >= 0%", passed=True)
