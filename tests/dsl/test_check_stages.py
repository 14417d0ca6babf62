"""Training statements become stages: checked settings in plain units, and what each stage reads."""

from msrun.dsl.front import check_text
from msrun.dsl.plan import Made, Module, Name, Node, Rule, Stage, ValueMap
from msrun.dsl.tree import Get

FILE = """
    enum Topic { sport  other }

    dataset rows = python("questions:training_rows", rows: 400k, seed: 7, style: {short: true}) {
      input:  .question
      output: .answer
      split:  {train: 90%, test: 10%, by: hash(.id)}
      where:  .size > 3 and .topic == sport
      dedup:  exact(.question)
      limit:  1M
    }

    dataset marked = csv("data/rows.csv") { text: .title  label: .topic  labels: Topic  dedup: exact }

    tokenizer letters = chars(rows.train) { pieces: ["plan: ", "[]"]  min_count: 2 }

    train calc = pretrain(llama(layers: 4, hidden: 128, heads: 4, theta: 10k)) {
      data: rows
      tokenizer: letters
      objective: clm(loss_on: output)
      steps: 60k
      batch: 256
      lr: cosine(peak: 3e-3, warmup: 500)
      betas: [0.9, 0.98]
      optimizer: muon
      seed: 7
      save: "model"
    }

    evaluate report = metrics(calc, rows.test) { report: [exact_match]  require: .exact_match >= 0.99  by: .kind }

    model mine = trained(calc) { requires: report  device: cpu }

    plan ask(question: text) -> text {
      solve answer from question using mine
      return answer
    }
"""


def module(text: str = FILE) -> Module:
    checked = check_text("train.plan", text)
    assert checked.module is not None, [(f.entry, f.values) for f in checked.diagnostics]
    return checked.module


def stage(name: str) -> Node:
    return next(node for node in module().stages if node.id == name)


def action(name: str) -> Stage:
    found = stage(name).action
    assert isinstance(found, Stage)
    return found


def test_stages_read_each_other_by_name() -> None:
    assert {str(node.id): node.reads for node in module().stages} == {
        "rows": (),
        "marked": (),
        "letters": ("rows",),
        "calc": ("rows", "letters"),
        "report": ("calc", "rows"),
    }


def test_a_generator_takes_plain_named_values() -> None:
    assert action("rows").value == Made(
        "python",
        ("questions:training_rows",),
        (("rows", 400_000), ("seed", 7), ("style", ValueMap((("short", True),)))),
    )


def test_settings_of_a_dataset() -> None:
    settings = dict(action("rows").settings)
    assert settings["input"] == Rule(Get(None, "question"))
    assert settings["split"] == ValueMap(
        (("train", 0.9), ("test", 0.1), ("by", Made("hash", (Rule(Get(None, "id")),), ())))
    )
    assert settings["limit"] == 1_000_000
    assert settings["dedup"] == Made("exact", (Rule(Get(None, "question")),), ())
    assert isinstance(settings["where"], Rule)
    assert "Ref" not in repr(settings["where"])
    marked = dict(action("marked").settings)
    assert marked["labels"] == Name("Topic")
    assert marked["dedup"] == Name("exact")


def test_settings_of_a_train_stage() -> None:
    found = action("calc")
    assert found.value == Made(
        "pretrain", (Made("llama", (), (("layers", 4), ("hidden", 128), ("heads", 4), ("theta", 10_000))),)
    )
    assert dict(found.settings) == {
        "data": Name("rows"),
        "tokenizer": Name("letters"),
        "objective": Made("clm", (), (("loss_on", Name("output")),)),
        "steps": 60_000,
        "batch": 256,
        "lr": Made("cosine", (), (("peak", 0.003), ("warmup", 500))),
        "betas": (0.9, 0.98),
        "optimizer": Name("muon"),
        "seed": 7,
        "save": "model",
    }


def test_an_evaluation_keeps_its_requirement_for_later() -> None:
    found = action("report")
    assert found.value.args == (Name("calc"), Name("rows.test"))
    assert isinstance(dict(found.settings)["require"], Rule)


def test_a_trained_model_names_its_stage_and_its_gate() -> None:
    (model,) = module().models
    assert model.backend == "trained"
    assert model.args == (Name("calc"),)
    assert model.setting("requires") == Name("report")
    assert module().plan().models == (model,)
