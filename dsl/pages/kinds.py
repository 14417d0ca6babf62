"""Pages of the findings about types, arguments and the values of settings."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0201": Page(
        title="there is no such type",
        bad="""\
model small = ollama("qwen3:8b")

type Step { id: key  ask: txt }

plan ask(question: text) -> Step {
  solve step: Step from question
  return step
}
""",
        why=(
            "A type is one of the language's own (`text int float bool image …`, `list<T>`, `map<T>`, `ref<T>`) "
            "or one that this file declares with `type` or `enum`."
        ),
        cure="Correct the name, or declare the type.",
        good="""\
model small = ollama("qwen3:8b")

type Step { id: key  ask: text }

plan ask(question: text) -> Step {
  solve step: Step from question
  return step
}
""",
    ),
    "E0202": Page(
        title="a value has the wrong type",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { retry: 2.5 }
  return answer
}
""",
        why=(
            "Every place says what it takes: a clause, a setting, an argument, an operator. A value of another "
            "type would be turned into something nobody asked for, or fail in the middle of a run that has "
            "already cost money."
        ),
        cure="Give a value of the type that is named.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { retry: 2 }
  return answer
}
""",
    ),
    "E0203": Page(
        title="`for` or `vote` needs a list",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answers for part in question
  combine answer from answers
  return answer
}
""",
        why=(
            "`for` calls the model once for each item of a list, and `vote` chooses among the items of one. A "
            "single value has no items."
        ),
        cure="Make a list first (`decompose`, or `samples 5`), or leave out `for`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  solve answers for part in parts
  combine answer from answers
  return answer
}
""",
    ),
    "E0204": Page(
        title="the reader expects other fields",
        bad="""\
model small = ollama("qwen3:8b")

type Step { id: key  ask: text }
type Claim { ask: text  why: text }

tool judge(claim: Claim) -> text = python("tools:judge")

plan ask(question: text) -> text {
  solve step: Step from question
  call verdict from judge(claim: step)
  return verdict
}
""",
        why=(
            "A record may go where another is expected if it has every required field, of a type that fits. Here "
            "some are missing, and the reader would find nothing in them."
        ),
        cure="Ask for the right type where the value is made, or give the missing field a default.",
        good="""\
model small = ollama("qwen3:8b")

type Claim { ask: text  why: text }

tool judge(claim: Claim) -> text = python("tools:judge")

plan ask(question: text) -> text {
  solve claim: Claim from question
  call verdict from judge(claim: claim)
  return verdict
}
""",
    ),
    "E0205": Page(
        title="a value that may be null is used as if it were there",
        bad="""\
model small = ollama("qwen3:8b")

type Note { text: text  page: int? }

plan ask(question: text) -> text {
  solve note: Note from question
  solve answer from question { prompt: "{{ question }} (page {{ note.page }})" }
  return answer
}
""",
        why=(
            "A type with `?` may be null; so may a node with `when`, which is skipped where its condition does "
            "not hold. Printing or passing on nothing is a mistake that shows only on some inputs."
        ),
        cure="Say what stands in its place with `default(…)`, or put a condition on the node that reads it.",
        good="""\
model small = ollama("qwen3:8b")

type Note { text: text  page: int? }

plan ask(question: text) -> text {
  solve note: Note from question
  solve answer from question { prompt: "{{ question }} (page {{ note.page | default("unknown") }})" }
  return answer
}
""",
    ),
    "E0206": Page(
        title="something required is missing",
        bad="""\
model small = ollama("qwen3:8b")

tool web(query: text, top: int = 5) -> list<text> = python("tools:web")

plan ask(question: text) -> text {
  call pages from web(top: 3)
  combine answer from [question, pages]
  return answer
}
""",
        why="A parameter without a default must be given; a kind needs its clauses, and a node something to work on.",
        cure="Write what is named.",
        good="""\
model small = ollama("qwen3:8b")

tool web(query: text, top: int = 5) -> list<text> = python("tools:web")

plan ask(question: text) -> text {
  call pages from web(query: question, top: 3)
  combine answer from [question, pages]
  return answer
}
""",
    ),
    "E0207": Page(
        title="an argument too many",
        bad="""\
model small = ollama("qwen3:8b")

fragment line(item: text) = "- {{ item }}"

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ line(question, 2) }}" }
  return answer
}
""",
        why="Arguments fill the parameters in their order or by their names. One that fills none would be dropped.",
        cure="Remove it, or correct its name.",
        good="""\
model small = ollama("qwen3:8b")

fragment line(item: text) = "- {{ item }}"

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ line(question) }}" }
  return answer
}
""",
    ),
    "E0208": Page(
        title="nothing fills a parameter of a fragment",
        bad="""\
model small = ollama("qwen3:8b")

fragment fact(item: text, weight: int) = "{{ item }} ({{ weight }})"

plan ask(question: text) -> text {
  decompose parts from question limit 4
  combine answer from parts { prompt: "{{ parts | each(fact) }}" }
  return answer
}
""",
        why=(
            "`each` fills a fragment's parameters by their names: from a cell `item`, `value`, `index` and "
            "`status`, from a record its fields. A parameter of another name stays empty."
        ),
        cure="Rename the parameter, give it a default, or call the fragment itself.",
        good="""\
model small = ollama("qwen3:8b")

fragment fact(item: text) = "{{ item }}"

plan ask(question: text) -> text {
  decompose parts from question limit 4
  combine answer from parts { prompt: "{{ parts | each(fact) }}" }
  return answer
}
""",
    ),
    "E0209": Page(
        title="the plan returns another type than it promises",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  return parts
}
""",
        why="The type after `->` is what callers of the plan rely on: the command line, Python, another plan.",
        cure="Return a value of that type, or promise the type that is returned.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> list<text> {
  decompose parts from question limit 4
  return parts
}
""",
    ),
    "E0211": Page(
        title="the enum has no such label",
        bad="""\
model small = ollama("qwen3:8b")

enum Topic { sport  politics }

plan ask(question: text) -> bool {
  classify topic: Topic from question
  let same = topic == "spotr"
  return same
}
""",
        why=(
            "A label that the enum does not have is never equal to one that it has: the comparison would always "
            "give the same answer."
        ),
        cure="Write one of the labels.",
        good="""\
model small = ollama("qwen3:8b")

enum Topic { sport  politics }

plan ask(question: text) -> bool {
  classify topic: Topic from question
  let same = topic == "sport"
  return same
}
""",
    ),
    "E0213": Page(
        title="a range or count that holds nothing",
        bad="""\
model small = ollama("qwen3:8b")

type Answer { short: text[80..10] }

plan ask(question: text) -> Answer {
  solve answer: Answer from question
  return answer
}
""",
        why=(
            "No value lies in a range whose end is below its start, and nothing happens zero times. The model "
            "would be asked for what cannot be."
        ),
        cure="Write the smaller number first; counts begin at 1.",
        good="""\
model small = ollama("qwen3:8b")

type Answer { short: text[10..80] }

plan ask(question: text) -> Answer {
  solve answer: Answer from question
  return answer
}
""",
    ),
    "E0214": Page(
        title="a reference to a type that has no key",
        bad="""\
model small = ollama("qwen3:8b")

type Step { ask: text  needs: list<ref<Step>> }

plan ask(question: text) -> list<Step> {
  decompose steps: Step from question limit 4
  return steps
}
""",
        why="`ref<Step>` names another step by its key. Without a field of type `key` there is nothing to name it by.",
        cure="Give the type a key: `id: key`.",
        good="""\
model small = ollama("qwen3:8b")

type Step { id: key  ask: text  needs: list<ref<Step>> }

plan ask(question: text) -> list<Step> {
  decompose steps: Step from question limit 4
  return steps
}
""",
    ),
    "E0215": Page(
        title="a default lies outside of its type's range",
        bad="""\
param votes: int[1..4] = 9

model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ question }} {{ votes }}" }
  return answer
}
""",
        why="A range says which values are allowed, and the default is one of the values.",
        cure="Change the default or the range.",
        good="""\
param votes: int[1..4] = 4

model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ question }} {{ votes }}" }
  return answer
}
""",
    ),
    "E0216": Page(
        title="an image stands in a text",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(photo: image) -> text {
  solve seen from photo { prompt: "What is in {{ photo }}?" }
  return seen
}
""",
        why="A hole prints text. An image goes to the model beside the text, not in it.",
        cure="Give it in `images`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(photo: image) -> text {
  solve seen from photo { images: [photo]  prompt: "What is in this picture?" }
  return seen
}
""",
    ),
    "E0217": Page(
        title="a type without end",
        bad="""\
model small = ollama("qwen3:8b")

type Tree { name: text  left: Tree }

plan ask(question: text) -> Tree {
  solve tree: Tree from question
  return tree
}
""",
        why="A value of this type would have to hold another one, which holds another one. No finite answer fits it.",
        cure="Make the field optional, or a list: both may end.",
        good="""\
model small = ollama("qwen3:8b")

type Tree { name: text  left: Tree? }

plan ask(question: text) -> Tree {
  solve tree: Tree from question
  return tree
}
""",
    ),
    "E0219": Page(
        title="a value with another unit",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { timeout: 30 }
  return answer
}
""",
        why=(
            "Durations, money and shares are written with their units, so that nobody has to remember whether 30 "
            "means seconds or milliseconds."
        ),
        cure="Write the unit: `30s`, `$0.10`, `50%`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { timeout: 30s }
  return answer
}
""",
    ),
}
