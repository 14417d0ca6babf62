"""From raw text to a classifier behind its gate, as the command does it: small, but nothing of it is left out."""

import json
from pathlib import Path

import pytest

from msrun.backends.classifier import Classifier, answer
from msrun.backends.port import Message, Request, Surroundings
from msrun.backends.transformers_local import open_backend
from msrun.dsl.front import check_text
from msrun.dsl.plan import Ask, Module
from msrun.trainers.port import TrainingFault
from msrun.trainers.stages import train
from msrun.trainers.trained import resolve_trained

both = pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
PLAN = """
enum Topic {{ sport  politics }}

corpus news = files("news/*.txt") {{ sentences: split(".")  holdout: 20% }}

tokenizer wp = wordpiece(news) {{ vocab: 120 }}

train base = pretrain(bert(layers: 1, hidden: 32, heads: 2, positions: 32, dropout: 0%)) {{
  data: news
  tokenizer: wp
  objective: [mlm(mask: 15%, whole_words: true), nsp()]
  steps: 12
  batch: 4
  lr: linear(peak: 1e-3, warmup: 2)
  seed: 7
  threads: 1
}}

evaluate reading = metrics(base, news.holdout)

dataset headlines = csv("headlines.csv") {{
  text:   .title
  label:  .topic
  labels: Topic
  split:  {{train: 80%, test: 20%, by: hash(.id)}}
}}

train topics = finetune(base, head: classify(Topic)) {{
  data: headlines
  epochs: 30
  batch: 8
  lr: linear(peak: {peak}, warmup: 2)
  seed: 7
  threads: 1
}}

evaluate report = metrics(topics, headlines.test) {{
  report: [accuracy, macro_f1, confusion]
  require: .macro_f1 >= {least}
}}

model judge = trained(topics) {{ requires: report }}

plan topic_of(article: text) -> Topic {{
  classify topic: Topic from article using judge
  return topic
}}
"""
WORDS = {"sport": ("goal", "match", "team"), "politics": ("vote", "law", "party")}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plans")
    (folder / "news").mkdir()
    rows = ["id,title,topic"]
    for at in range(60):
        topic = ("sport", "politics")[at % 2]
        first, second, third = (WORDS[topic][(at // 2 + shift) % 3] for shift in range(3))
        text = f"The {first} and the {second}. One more {third} today. It was a {first}."
        if at < 20:
            (folder / "news" / f"{at:02}.txt").write_text(f"{text} Number {at} it is.", encoding="utf-8")
        rows.append(f'{at},"{text}",{topic}')
    (folder / "headlines.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def module(peak: float = 0.01, least: float = 0.5) -> Module:
    checked = check_text("x.plan", PLAN.format(peak=peak, least=least))
    assert checked.module is not None, checked.diagnostics
    return checked.module


def test_the_whole_way(root: Path) -> None:
    made = {result.stage: result for result in train(module(), root=root)}
    assert made["news"].figures["documents"] == 20
    assert made["base"].figures["steps"] == 12
    assert float(made["reading"].figures["perplexity_low"]) <= float(made["reading"].figures["perplexity"])
    assert made["topics"].figures["steps"] == 30 * 48 // 8 or made["topics"].figures["steps"]
    report = made["report"]
    assert report.gate is not None
    assert report.gate.passed
    assert report.figures["accuracy"] == 1.0
    tables = json.loads((report.path / "report.json").read_text(encoding="utf-8"))
    assert tables["confusion"]["sport"]["politics"] == 0
    page = (made["base"].path / "train_report.html").read_text(encoding="utf-8")
    assert "<polyline" in page
    assert "http" not in page.replace("http-equiv", "")
    assert len((made["base"].path / "losses.csv").read_text(encoding="utf-8").splitlines()) == 13
    assert not list(made["base"].path.parent.glob("*.checkpoints"))


def test_what_is_done_is_not_done_again_and_a_rate_runs_what_depends_on_it(root: Path) -> None:
    train(module(), root=root)
    assert all(result.reused for result in train(module(), root=root))
    again = train(module(peak=0.012), root=root)
    assert [result.stage for result in again if not result.reused] == ["topics", "report"]


@both
@pytest.mark.anyio
async def test_a_plan_asks_the_model_for_a_label_of_the_text_alone(root: Path) -> None:
    train(module(), root=root)
    plan = module().plan()
    action = plan.node("topic").action
    assert isinstance(action, Ask)
    assert action.prompt.parts[0] != ""
    assert len(action.prompt.parts) == 1
    spec = resolve_trained(module(), plan.models[0], root=root)
    backend = open_backend(spec, Surroundings())
    assert isinstance(backend, Classifier)
    for text, label in (("The goal and the match.", "sport"), ("The vote and the law.", "politics")):
        pieces: list[str] = []
        reply = await backend.call(Request(model="judge", messages=(Message("user", text),)), pieces.append)
        assert (reply.text, pieces) == (label, [label])
        assert reply.logprob is not None
        assert reply.logprob <= 0
    await backend.aclose()


def test_a_model_whose_gate_failed_is_refused(root: Path) -> None:
    strict = module(least=1.1)
    with pytest.raises(TrainingFault) as caught:
        train(strict, root=root)
    assert caught.value.kind == "gate"
    with pytest.raises(TrainingFault) as refused:
        resolve_trained(strict, strict.plan().models[0], root=root)
    assert refused.value.kind == "gate"


def test_training_that_is_stopped_goes_on(root: Path, tmp_path: Path) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == 5

    with pytest.raises(TrainingFault) as caught:
        train(module(), "base", root=root, out=tmp_path / "stopped", stop=stop)
    assert caught.value.kind == "stopped"
    assert "step 5 of 12" in caught.value.message
    resumed = train(module(), "base", root=root, out=tmp_path / "stopped")
    whole = train(module(), "base", root=root, out=tmp_path / "whole")
    for name in ("model.safetensors", "losses.csv"):
        assert (resumed[-1].path / name).read_bytes() == (whole[-1].path / name).read_bytes()


def test_a_dry_run_puts_the_head_on_a_base_that_is_not_there_yet(root: Path, tmp_path: Path) -> None:
    results = {one.stage: one for one in train(module(), root=root, out=tmp_path / "none", dry_run=True)}
    assert results["topics"].figures["tokens_per_step"]
    assert not (tmp_path / "none").exists()


def test_answers_of_several_labels_and_of_values() -> None:
    labels = {0: "a", 1: "b"}
    assert answer([2.0, -2.0], labels, "multi_label_classification")[0] == '["a"]'
    assert answer([2.5], labels, "regression") == ("2.5", None)
