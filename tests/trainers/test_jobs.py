"""Everything that is wrong with the settings of stages is found before anything starts, in words."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from msrun.dsl.plan import Made, Module, Name, Node, NodeId, Rule, Settings, Stage, Value, ValueMap
from msrun.dsl.shapes import Opaque
from msrun.dsl.tree import Binary, Constant, Get, Text
from msrun.trainers.causal import Architecture, CausalSpec, Schedule
from msrun.trainers.figures import wilson
from msrun.trainers.jobs import planned
from msrun.trainers.port import TrainingFault
from msrun.trainers.pretraining import Pretraining
from msrun.trainers.settings import written
from msrun.trainers.store import working
from msrun.trainers.tokenizing import Tokenizing

CLM = Made("clm", (), (("loss_on", Name("output")),))
LR = Made("cosine", (), (("peak", 1e-3), ("warmup", 10), ("floor", 0.1)))
LLAMA = Made("llama", (), (("layers", 2), ("hidden", 32), ("heads", 4)))
TRAIN: Mapping[str, Value] = {
    "data": Name("q"),
    "tokenizer": Name("t"),
    "objective": CLM,
    "steps": 100,
    "batch": 8,
    "lr": LR,
    "seed": 7,
}


def node(kind: str, name: str, value: Made, reads: tuple[str, ...], settings: Mapping[str, Value]) -> Node:
    shape, said = Opaque(kind), Stage(value=value, settings=tuple(settings.items()))
    return Node(id=NodeId(name), kind=kind, action=said, shape=shape, value_shape=shape, reads=reads)


def module(
    *,
    train: Mapping[str, Value] = TRAIN,
    model: Made = LLAMA,
    tokenizer: Made = Made("chars", (Name("q"),)),  # noqa: B008 - frozen
    pieces: Value = ("plan: ",),
    metrics: Made = Made("metrics", (Name("m"), Name("q.test"))),  # noqa: B008 - frozen
    evaluate: Mapping[str, Value] | None = None,
) -> Module:
    split: Settings = (("split", ValueMap((("train", 0.9), ("test", 0.1)))),)
    stages = (
        node("dataset", "q", Made("jsonl", ("q.jsonl",)), (), dict(split)),
        node("tokenizer", "t", tokenizer, ("q",), {"pieces": pieces}),
        node("train", "m", Made("pretrain", (model,)), ("q", "t"), train),
        node("evaluate", "r", metrics, ("m", "q"), evaluate or {}),
    )
    return Module(file="f.plan", stages=stages)


def test_settings_reach_the_trainer_one_to_one() -> None:
    extra: dict[str, Value] = {
        "optimizer": Name("muon"),
        "weight_decay": 0.05,
        "betas": (0.9, 0.95),
        "clip": 0.5,
        "micro_tokens": 2048,
        "threads": 1,
        "dtype": Name("bfloat16"),
        "store": "float16",
        "report_every": 10,
        "save_every": 20,
        "save": "models/m",
    }
    model = Made("gpt2", (), (("layers", 2), ("hidden", 32), ("heads", 4), ("inner", 64), ("positions", 128)))
    job = planned(module(train={**TRAIN, **extra}, model=model), "m")[-1].job
    assert isinstance(job, Pretraining)
    assert job.spec == CausalSpec(
        architecture=Architecture(kind="gpt2", layers=2, hidden=32, heads=4, inner=64, positions=128),
        steps=100,
        batch=8,
        seed=7,
        lr=Schedule(kind="cosine", peak=1e-3, warmup=10, floor=0.1),
        optimizer="muon",
        weight_decay=0.05,
        betas=(0.9, 0.95),
        clip=0.5,
        micro_tokens=2048,
        threads=1,
        dtype="bfloat16",
        store="float16",
        report_every=10,
        save_every=20,
    )
    assert (str(job.data), job.tokenizer, job.save) == ("q.train", "t", "models/m")


def test_pieces_reach_the_tokenizer() -> None:
    job = planned(module(pieces=("plan: ", Text(("[]",)), "plan: ")), "t")[-1].job
    assert isinstance(job, Tokenizing)
    assert job.spec.pieces == ("plan: ", "[]")


@pytest.mark.parametrize(
    ("changes", "words", "help_"),
    [
        ({"stepz": 1}, "no setting is called `stepz`", "did you mean `steps`?"),
        ({"steps": 0}, "`steps` must be at least 1, not 0", ""),
        ({"steps": None}, "`steps` is missing", ""),
        ({"batch": 1.5}, "`batch` must be a whole number", ""),
        ({"data": Name("w")}, "`data` names `w`, which is no dataset", "known: q"),
        ({"data": Name("q.dev")}, "`q` has no part `dev`", "parts: q.train, q.test"),
        ({"data": "q"}, "`data` must name a dataset", ""),
        ({"tokenizer": Name("q")}, "`tokenizer` must name a tokenizer, not q", "t"),
        ({"objective": Made("mlm")}, r"llama cannot learn mlm\(\)", ""),
        ({"objective": Made("nsp")}, r"`objective` cannot be nsp\(\)", "objective: [mlm(), nsp()]"),
        ({"objective": Name("clm")}, "`objective` must be clm, mlm or nsp, not clm", "objective: clm()"),
        ({"epochs": 2}, "`steps` and `epochs` both say how long it is trained", "remove one of the two"),
        ({"lr": 1e-3}, r"`lr` must be a schedule, not 0\.001", "lr: cosine(peak: 1e-3, warmup: 100)"),
        ({"lr": Made("cosin")}, "there is no schedule `cosin`", "did you mean `cosine`?"),
        ({"lr": Made("cosine")}, "`peak` of cosine is missing", ""),
        ({"lr": Made("linear", (), (("peak", 1e-3), ("steps", 3)))}, "linear has no `steps`", ""),
        ({"optimizer": Name("adam")}, "`optimizer` must be one of adamw, muon, not adam", ""),
        ({"betas": (0.9, 1.0)}, r"`betas` must be two numbers below 1, not \[0\.9, 1\]", ""),
        ({"weight_decay": -1}, "`weight_decay` must be a number from 0 to inf, not -1", ""),
        ({"save": Name("m")}, "`save` must be a text in quotes, not m", ""),
    ],
)
def test_settings_of_train_that_cannot_be(changes: Mapping[str, Value], words: str, help_: str) -> None:
    with pytest.raises(TrainingFault, match=words) as caught:
        planned(module(train={**TRAIN, **changes}))
    assert help_ in caught.value.help
    assert caught.value.kind == "setting"


def test_a_seed_must_be_given() -> None:
    with pytest.raises(TrainingFault, match="there is no `seed`"):
        planned(module(train={key: value for key, value in TRAIN.items() if key != "seed"}))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Made("bort"), r"pretrain\(…\) takes an architecture, not bort\(\)"),
        (Made("bert"), r"bert cannot learn clm\(loss_on: output\)"),
        (Made("llama", (), (("layer", 2),)), "llama has no `layer`"),
        (Made("llama", (), (("hidden", 30), ("heads", 4))), "30 hidden units cannot be divided among 4 heads"),
        (Made("llama", (), (("hidden", 12), ("heads", 4))), "into even parts"),
        (Made("gpt2", (), (("theta", 100.0),)), "gpt2 has no `theta`"),
    ],
)
def test_architectures_that_cannot_be(model: Made, words: str) -> None:
    with pytest.raises(TrainingFault, match=words):
        planned(module(model=model))


@pytest.mark.parametrize(
    ("metrics", "evaluate", "words"),
    [
        (Made("compare", (Name("m"),)), {}, r"an evaluation is metrics\(model, data\), not compare\(m\)"),
        (Made("metrics", (Name("t"), Name("q.test"))), {}, r"metrics\(…\) must name a train stage, not t"),
        (Made("metrics", (Name("m"), Name("q.train"))), {}, "`m` was trained on q.train"),
        (Made("metrics", (Name("m"), Name("q"))), {}, "must say which part of `q`"),
        (Made("metrics", (Name("m"), Name("q.test"))), {"report": (Name("exact"),)}, "there is no figure exact"),
        (Made("metrics", (Name("m"), Name("q.test"))), {"require": 0.9}, "`require` must be a condition"),
        (
            Made("metrics", (Name("m"), Name("q.test"))),
            {"require": Rule(Binary(">=", Get(None, "f1"), Constant(0.9)))},
            "`require` cannot be judged",
        ),
    ],
)
def test_evaluations_that_cannot_be(metrics: Made, evaluate: Mapping[str, Value], words: str) -> None:
    with pytest.raises(TrainingFault, match=words):
        planned(module(metrics=metrics, evaluate=evaluate))


def test_all_mistakes_come_in_one_run_and_none_twice() -> None:
    with pytest.raises(TrainingFault) as caught:
        planned(module(tokenizer=Made("bytes", (Name("q"),)), train={**TRAIN, "data": Name("x")}))
    assert str(caught.value) == "t: there is no tokenizer `bytes`"  # what reads `t` is not asked
    two = module()
    stages = (*two.stages[:2], *(node("train", name, Made("tune"), ("q", "t"), TRAIN) for name in ("a", "b")))
    with pytest.raises(TrainingFault) as caught:
        planned(Module(file="f.plan", stages=stages))
    assert [line.partition(":")[0] for line in caught.value.message.splitlines()] == ["a", "b"]


def test_two_stages_may_not_save_to_one_place() -> None:
    trains = (
        node("train", name, Made("pretrain", (LLAMA,)), ("q", "t"), {**TRAIN, "save": "models/m"})
        for name in ("a", "b")
    )
    with pytest.raises(TrainingFault, match='`a` saves to "models/m" as well'):
        planned(Module(file="f.plan", stages=(*module().stages[:2], *trains)))


def test_stages_in_a_circle_and_stages_of_a_later_version() -> None:
    circle = (node("train", "a", Made("x"), ("b",), {}), node("train", "b", Made("x"), ("a",), {}))
    with pytest.raises(TrainingFault, match="in a circle"):
        planned(Module(file="f.plan", stages=circle))
    with pytest.raises(TrainingFault, match="`batch` stages cannot be run by this version"):
        planned(Module(file="f.plan", stages=(node("batch", "c", Made("ask"), (), {}),)))


def test_a_file_without_stages() -> None:
    assert planned(Module(file="f.plan")) == ()
    with pytest.raises(TrainingFault) as caught:
        planned(Module(file="f.plan"), "m")
    assert "declares no training stage" in caught.value.help


def test_the_interval_is_wilsons() -> None:
    # Agresti & Coull 1998, table 1: 0 of 10 gives (0, 0.278), 10 of 10 its mirror image
    none, every = wilson("exact_match", 0, 10), wilson("exact_match", 10, 10)
    assert (none["exact_match_low"], every["exact_match_high"]) == (0.0, 1.0)
    assert float(none["exact_match_high"]) == pytest.approx(0.2775, abs=1e-4)
    assert float(every["exact_match_low"]) == pytest.approx(1 - 0.2775, abs=1e-4)


def test_conditions_are_written_as_the_language_writes_them() -> None:
    both = Binary("and", Binary(">=", Get(None, "exact_match"), Constant(0.99, "%")), Constant(value=True))
    assert written(both) == ".exact_match >= 99% and true"


def test_a_stage_another_process_works_on_is_left_alone(tmp_path: Path) -> None:
    with (
        working(tmp_path, "m", "a" * 64),
        pytest.raises(TrainingFault, match="another process") as caught,
        working(tmp_path, "m", "a" * 64),
    ):
        pytest.fail("two of them at the same time")
    assert caught.value.kind == "busy"
