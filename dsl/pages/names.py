"""Pages of the findings about names."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0101": Page(
        title="a name is not defined",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answr
}
""",
        why=(
            "A name stands for an input, a node, a model, a fragment or a tool of the same file, and is written "
            "before anything can read it. What a node reads it waits for: an unknown name would be a wait without"
            " end."
        ),
        cure="Correct the name, or define it. Where exactly one known name is near, `msrun check --fix` writes it.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "E0102": Page(
        title="a name is defined twice",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  solve answer from question { temperature: 1 }
  return answer
}
""",
        why=(
            "Names say what depends on what. With two of the same name nobody, neither a reader nor the graph, "
            "knows which one is meant."
        ),
        cure="Give one of the two another name.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve draft from question
  solve answer from draft { temperature: 1 }
  return answer
}
""",
    ),
    "E0103": Page(
        title="this kind of statement cannot stand here, or does not exist",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  slove answer from question
  return answer
}
""",
        why=(
            "The first word of a statement is its kind. Some kinds stand at the top of a file (`model`, `type`, "
            "`fragment`), some inside a plan (`solve`, `combine`); some are known to the language and not yet to "
            "this version."
        ),
        cure="Correct the word, or move the statement to where it belongs.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "E0104": Page(
        title="there is no such setting or clause",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { temprature: 0.2 }
  return answer
}
""",
        why=(
            "No setting is ever ignored: a misspelt one would change nothing, and nobody would notice. Each kind "
            "and each backend lists the settings it keeps."
        ),
        cure="Correct the setting, or remove it.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { temperature: 0.2 }
  return answer
}
""",
    ),
    "E0105": Page(
        title="there is no such field",
        bad="""\
model small = ollama("qwen3:8b")

type Step { id: key  ask: text }

plan ask(question: text) -> text {
  solve step: Step from question
  return step.aks
}
""",
        why=(
            "The fields of a value are those of its type. A cell of a fan-out has `.item`, `.value`, `.index` and"
            " `.status`; a list has none, its items have."
        ),
        cure="Read a field that is there. Of a list, take the field of every item: `steps | map(.ask)`.",
        good="""\
model small = ollama("qwen3:8b")

type Step { id: key  ask: text }

plan ask(question: text) -> text {
  solve step: Step from question
  return step.ask
}
""",
    ),
    "E0106": Page(
        title="there is no such filter",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  combine answer from parts { prompt: "{{ parts | numberd }}" }
  return answer
}
""",
        why=(
            "Filters turn values into text within a hole. There are few of them, and a plan cannot define more: "
            "logic belongs in tools."
        ),
        cure="Correct the name of the filter.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  combine answer from parts { prompt: "{{ parts | numbered }}" }
  return answer
}
""",
    ),
    "E0107": Page(
        title="there is no such option",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve drafts from question samples 5
  vote answer from drafts { normalise: [strip, casfold] }
  return answer
}
""",
        why=(
            "Some settings take one of a few words. They are written without quotes, so that a misspelt one can "
            "be told from a text."
        ),
        cure="Write one of the options.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve drafts from question samples 5
  vote answer from drafts { normalise: [strip, casefold] }
  return answer
}
""",
    ),
    "E0111": Page(
        title="a field is read where there is no item",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ question }} {{ .text }}" }
  return answer
}
""",
        why=(
            "A field that begins with a dot belongs to the item at hand, as in `map(.text)` or `by .score`. "
            "Elsewhere there is no item."
        ),
        cure="Write the value in front of the dot.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ question }}" }
  return answer
}
""",
    ),
    "E0112": Page(
        title="a name hides another of this plan",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  solve answers for question in parts
  combine answer from answers
  return answer
}
""",
        why=(
            "A name of a fan-out or after `as` is seen within its node. If an input or node had the same name, "
            "the node could not read it any more, and a reader would not see why."
        ),
        cure="Choose another name.",
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
}
