"""Pages of the findings about flow, and of the warnings."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0301": Page(
        title="nodes wait for each other in a circle",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve first from [question, second]
  solve second from first
  return second
}
""",
        why=(
            "A node starts when everything it reads is there. In a circle each waits for the next one, and none "
            "ever starts."
        ),
        cure="Let one of them read something else.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve first from question
  solve second from first
  return second
}
""",
    ),
    "E0302": Page(
        title="the plan gives nothing back",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
}
""",
        why=(
            "The value of a plan, and of an arm of `choose`, is what stands after `return`; without it everything "
            "would run and nothing would come out."
        ),
        cure="End the plan, or the arm, with `return`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "E0303": Page(
        title="a part of the plan is never reached",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
  return question
}
""",
        why=(
            "A plan returns once, and an arm below `else`, or below another arm with the same label, is never "
            "taken. What stands there looks as if it did something."
        ),
        cure="Remove what is never reached, or move it up.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "E0304": Page(
        title="nothing says where it ends",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve first from question
  repeat draft from first {
    score mark from draft
    until mark >= 0.9
    solve better from draft { prompt: "Improve this:\\n{{ draft }}" }
    next better
  }
  return draft
}
""",
        why=(
            "Every loop has a bound that is written down: `search`, `repeat` and a plan that runs itself, directly or "
            "through another, need `limit`. A plan that could run for ever could cost for ever."
        ),
        cure="Write `limit` and a number: rounds of a `repeat`, calls of a `search`, how often a `run` is entered.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve first from question
  repeat draft from first limit 3 {
    score mark from draft
    until mark >= 0.9
    solve better from draft { prompt: "Improve this:\\n{{ draft }}" }
    next better
  }
  return draft
}
""",
    ),
    "E0305": Page(
        title="a fragment or tool is named and not called",
        bad="""\
model small = ollama("qwen3:8b")

fragment line(item: text) = "- {{ item }}"

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ question }} {{ line }}" }
  return answer
}
""",
        why="A fragment is a text with parameters, and a tool is a function: neither is a value by itself.",
        cure=(
            "Call the fragment, or apply it to every item with `each`. A tool is called by a node: `call pages "
            "from web(query: question)`."
        ),
        good="""\
model small = ollama("qwen3:8b")

fragment line(item: text) = "- {{ item }}"

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ line(question) }}" }
  return answer
}
""",
    ),
    "E0308": Page(
        title="a secret would reach a prompt",
        bad="""\
param token: secret

model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ question }} {{ token }}" }
  return answer
}
""",
        why=(
            "What stands in a prompt goes to the model's server, to journals, to caches and to drawings. A secret"
            " may go to one place only: a setting of a model or a tool."
        ),
        cure='Remove it from the text, and give it to the model: `key: secret("NAME")`.',
        good="""\
model small = openai("gpt-5") { key: secret("OPENAI_API_KEY") }

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ question }}" }
  return answer
}
""",
    ),
    "E0310": Page(
        title="`given` without a fan-out",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question given earlier as known
  return answer
}
""",
        why=(
            "`given earlier` lets each item of a fan-out see the cells before it. Without `for` there are no "
            "items and nothing is earlier."
        ),
        cure="Add `for`, or leave out `given`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  decompose parts from question limit 4
  solve answers for part in parts given earlier as known
  combine answer from answers
  return answer
}
""",
    ),
    "W0401": Page(
        title="nothing reads this node",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  solve extra from question
  return answer
}
""",
        why="The node would run, and cost, and nobody would read what it gives.",
        cure="Remove it or read it. If it is meant, write above it: `# allow W0401: reason`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "W0402": Page(
        title="nothing uses this declaration",
        bad="""\
fragment line(item: text) = "- {{ item }}"

model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
        why=(
            "A model, type, fragment or tool that nothing uses is mostly the rest of a change, or its name is "
            "misspelt where it was to be used."
        ),
        cure="Remove it or use it. If it is meant, write above it: `# allow W0402: reason`.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "W0403": Page(
        title="an input is never read",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text, style: text) -> text {
  solve answer from question
  return answer
}
""",
        why="Whoever runs the plan has to give this input, and it changes nothing.",
        cure="Remove it or read it.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text, style: text) -> text {
  solve answer from question { prompt: "{{ question }} ({{ style }})" }
  return answer
}
""",
    ),
    "W0404": Page(
        title="the prompt does not use what stands after `from`",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question as q { prompt: "Say something nice." }
  return answer
}
""",
        why=(
            "`from` gives a node its input. A prompt of its own replaces the one that would print it, so the "
            "model never sees the input; the node only waits for it."
        ),
        cure="Put a hole into the prompt.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question as q { prompt: "Say something nice about {{ q }}." }
  return answer
}
""",
    ),
}
