"""Pages of the findings about training."""

from msrun.dsl.facts import LabelSeen, Lacking, RowsSeen, Told
from msrun.dsl.pages.page import Page

GIB = 1024**3

_ROWS = RowsSeen(
    rows=4,
    columns=("id", "title", "topic"),
    labels=(LabelSeen(label="sport", count=2), LabelSeen(label="politics", row=3, line=4)),
)

_CLASSIFIER = """\
enum Topic { sport  politics }

dataset headlines = csv("data/headlines.csv") {
  text:   .title
  label:  .topic
  labels: Topic
  split:  {train: 90%, test: 10%, by: hash(.id)}
}

model base = transformers("google-bert/bert-base-uncased")

train topics = finetune(base, head: classify(Topic)) {
  data: headlines
  epochs: 3
  batch: 32
  lr: linear(peak: 3e-5)
  seed: 7
}

evaluate report = metrics(topics, headlines.test) { report: [accuracy] }
"""

_PRETRAINED = """\
corpus news = files("data/news/*.txt") { sentences: split(".!?") }

tokenizer wp = wordpiece(news) { vocab: 8k }

train base = pretrain(bert(layers: 4, hidden: 256, heads: 4, positions: 256)) {
  data: news
  tokenizer: wp
  objective: mlm(mask: 15%)
  steps: 10k
  batch: 64
  lr: linear(peak: 5e-4)
  seed: 7
}
"""

_TUNED = """\
dataset rows = jsonl("data/rows.jsonl") { split: {train: 90%, test: 10%, by: hash(.input)} }

tokenizer letters = chars(rows)

train base = pretrain(llama(layers: 4)) {
  data: rows
  tokenizer: letters
  objective: clm()
  steps: 10k
  batch: 64
  lr: cosine(peak: 1e-3)
  seed: 7
}

train small = lora(base, rank: 8, targets: ["q_proj", "v_proj"]) {
  data: rows
  epochs: 3
  batch: 16
  lr: cosine(peak: 2e-4)
  seed: 7
  save: "models/small"
}
"""

_GATED = """\
dataset rows = jsonl("data/rows.jsonl") { split: {train: 90%, test: 10%, by: hash(.input)} }

model base = transformers("Qwen/Qwen3-0.6B")

train small = finetune(base) {
  data: rows
  epochs: 3
  batch: 16
  lr: cosine(peak: 2e-5)
  seed: 7
}

evaluate report = metrics(small, rows.test) { require: .exact_match >= 90% }

model worker = trained(small) { requires: report }

plan ask(question: text) -> text {
  solve answer from question using worker
  return answer
}
"""

_THREE = _CLASSIFIER.replace("sport  politics", "sport  politics  culture")
_OTHER = "\ntokenizer other = bpe(news) { vocab: 8k }\n"
_FURTHER = """
train further = finetune(base) {
  data: news
  tokenizer: wp
  objective: mlm(mask: 15%)
  steps: 1000
  batch: 64
  lr: linear(peak: 1e-4)
  seed: 7
}
"""

PAGES: dict[str, Page] = {
    "E0508": Page(
        title="data that is not there",
        bad=_CLASSIFIER.replace("headlines.csv", "headline.csv"),
        why=(
            "A stage reads files below the folder of the plan, and there is none of this name, or it holds nothing "
            "that can be read as rows. Found out when training begins, hours of work before it would be lost."
        ),
        cure="Put the file there, or mend its path.",
        good=_CLASSIFIER,
        facts=Told({"data/headlines.csv": _ROWS}, absent=("data/headline.csv",)),
    ),
    "E0701": Page(
        title="a row has a label that the enum has not",
        bad=_CLASSIFIER,
        why=(
            "A classifier has one output for each label of its enum. A row with another label has no output to learn; "
            "on a GPU that ends in an assertion far from its cause. Here the last row of the file says `culture`."
        ),
        cure="Mend the row, or add the label to the enum.",
        good=_THREE,
        facts=Told(
            {
                "data/headlines.csv": RowsSeen(
                    rows=4,
                    columns=_ROWS.columns,
                    labels=(*_ROWS.labels, LabelSeen(label="culture", row=4, line=5)),
                )
            }
        ),
    ),
    "E0702": Page(
        title="a label that no row has",
        bad=_THREE,
        why="The model could never learn when to give this label, and its figures would count it all the same.",
        cure="Add rows with the label, or take it out of the enum.",
        good=_CLASSIFIER,
        facts=Told({"data/headlines.csv": _ROWS}),
    ),
    "E0703": Page(
        title="a head that does not fit the labels",
        bad=_CLASSIFIER.replace("enum Topic", "enum Mood { calm  angry }\n\nenum Topic").replace(
            "classify(Topic)", "classify(Mood)"
        ),
        why=(
            "The head of a model and the labels of its data must be the same set: the outputs are counted off by it. "
            "In the same way a figure is measured only of a model that answers in its kind."
        ),
        cure="Name the same enum in both places.",
        good=_CLASSIFIER,
    ),
    "E0704": Page(
        title="an objective that the architecture cannot have",
        bad=_PRETRAINED.replace("bert(", "gpt2("),
        why=(
            "`mlm` and `nsp` ask a model that sees the words on both sides; `clm` asks one that sees those before. "
            "With the other architecture the task would be trivial, or impossible. `nsp` needs sentences as well."
        ),
        cure="Choose the objective of the architecture: `mlm` for bert and roberta, `clm` for gpt2 and llama.",
        good=_PRETRAINED,
    ),
    "E0705": Page(
        title="not the tokenizer of the base",
        bad=_PRETRAINED + _OTHER + _FURTHER.replace("tokenizer: wp", "tokenizer: other"),
        why=(
            "The rows of a model's embedding mean the tokens of the tokenizer it was trained with. With another one "
            "every number would mean something else, and nothing would fail; it would only be bad."
        ),
        cure="Leave `tokenizer` out, or name that of the base.",
        good=_PRETRAINED + _FURTHER,
    ),
    "E0706": Page(
        title="no token to mask with",
        bad=_PRETRAINED.replace("wordpiece(news) { vocab: 8k }", "chars(news)"),
        why="`mlm` puts a mask token where a word is hidden. A tokenizer of single characters has none.",
        cure="Use a tokenizer that is learnt: wordpiece, bpe or unigram.",
        good=_PRETRAINED,
    ),
    "E0707": Page(
        title="more tokens than the embedding has rows",
        bad=_PRETRAINED.replace("positions: 256", "positions: 256, vocab: 4000"),
        why="A token beyond the last row of the embedding would read memory that is not there.",
        cure="Leave `vocab` of the architecture out, or make it as large as that of the tokenizer.",
        good=_PRETRAINED.replace("positions: 256", "positions: 256, vocab: 8192"),
    ),
    "E0708": Page(
        title="sequences longer than the model's positions",
        bad=_PRETRAINED.replace("  seed: 7", "  length: 512\n  seed: 7"),
        why="A model has a row for each position up to `positions`; a longer sequence has tokens without one.",
        cure="Make the sequences shorter, or give the architecture more positions.",
        good=_PRETRAINED.replace("  seed: 7", "  length: 128\n  seed: 7"),
    ),
    "E0709": Page(
        title="parts that do not add up",
        bad=_CLASSIFIER.replace("test: 10%", "test: 20%"),
        why=(
            "A row falls into one part by the hash of its key, so the shares must add up to 100%. With more, parts "
            "overlap and a model is measured on rows it has seen; with less, rows are lost without a word."
        ),
        cure="Make the shares add up to 100%.",
        good=_CLASSIFIER,
    ),
    "E0710": Page(
        title="a column that is not there",
        bad=_CLASSIFIER.replace(".title", ".titel"),
        why="The rows have other columns. What is read from a column that is not there would be nothing, in every row.",
        cure="Name a column of the rows. Columns are written with a dot in front.",
        good=_CLASSIFIER,
        facts=Told(
            {
                "data/headlines.csv": RowsSeen(
                    rows=4, columns=_ROWS.columns, labels=_ROWS.labels, lacking=(Lacking(column="titel"),)
                )
            }
        ),
    ),
    "E0711": Page(
        title="measured on rows it has learnt from",
        bad=_CLASSIFIER.replace("headlines.test", "headlines.train"),
        why=(
            "A model knows the rows it was trained on; figures of these say nothing about others. What counts as "
            "learnt follows the lineage: through the base of a model, and through runs whose journal was learnt from."
        ),
        cure="Measure it on another part.",
        good=_CLASSIFIER,
    ),
    "E0712": Page(
        title="LoRA beside a matrix that is not there",
        bad=_TUNED.replace('"v_proj"', '"value"'),
        why=(
            "LoRA stands beside matrices of the base, and they are called differently in each architecture. One that "
            "is not there would be left out in silence, and less would be learnt."
        ),
        cure="Name matrices of the architecture, or leave `targets` out.",
        good=_TUNED,
    ),
    "E0713": Page(
        title="two stages write to one place",
        bad=_TUNED.replace("  seed: 7\n}\n\ntrain small", '  seed: 7\n  save: "models/small"\n}\n\ntrain small'),
        why="The second one would replace what the first one wrote.",
        cure="Give each stage a folder of its own.",
        good=_TUNED,
    ),
    "E0714": Page(
        title="too large for the device",
        bad=_PRETRAINED.replace("layers: 4, hidden: 256, heads: 4", "layers: 96, hidden: 12288, heads: 96"),
        why=(
            "Every number of the model takes at least its value, its gradient and two averages of the optimizer. "
            "These alone are more than the memory of this machine, before the first row is read."
        ),
        cure="Make the model smaller, or train it on a larger machine.",
        good=_PRETRAINED,
        facts=Told(memory=64 * GIB),
    ),
    "E0715": Page(
        title="training without a seed",
        bad=_TUNED.replace("  seed: 7\n  save", "  save"),
        why=(
            "Weights begin at random, and rows come in a random order. Without a seed nobody can make the same model "
            "again, and what a change has brought cannot be told from luck."
        ),
        cure="Write a seed: any number will do.",
        good=_TUNED,
    ),
    "E0716": Page(
        title="a model that need not pass its gate",
        bad=_GATED.replace(" { requires: report }", ""),
        why=(
            "An evaluation of this file has a rule that the model must pass, and a plan would use the model whether "
            "it does or not. A gate must be one that measures this model, has a rule, and does not ask the model "
            "that waits for it."
        ),
        cure="Say which evaluation the model has to pass.",
        good=_GATED,
    ),
}
