"""Pages of the findings about names that look alike, defaults twice, and draws that are all the same."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0113": Page(
        title="a name has letters of several alphabets",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve \u0430nswer from question
  return \u0430nswer
}
""",
        why=(
            "Latin, Cyrillic and Greek have letters that look the same. A name that mixes them cannot be typed again by"
            " who reads it, and may be meant to deceive: two names that look alike would be two nodes. Names in one"
            " alphabet, and in Chinese or any other script beside it, are fine."
        ),
        cure="Write the name in one alphabet; `msrun check --fix` does it where all its letters have a Latin twin.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
    "E0314": Page(
        title="many samples at temperature 0",
        bad="""\
model small = ollama("qwen3:8b") { temperature: 0 }

plan ask(question: text) -> text {
  solve drafts from question samples 5
  vote best from drafts
  return best
}
""",
        why=(
            "At temperature 0 a model gives its likeliest reply, so that five draws are one reply, paid for five "
            "times, and a vote over them says nothing."
        ),
        cure="Give the node a temperature, or take one draw.",
        good="""\
model small = ollama("qwen3:8b") { temperature: 0 }

plan ask(question: text) -> text {
  solve drafts from question samples 5 { temperature: 0.8 }
  vote best from drafts
  return best
}
""",
    ),
    "E0804": Page(
        title="two defaults",
        bad="""\
model small = ollama("qwen3:8b")
defaults { retry: 1 }
defaults { timeout: 20s }

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
        why="What holds for every node of a file stands in one place, where a reader looks for it.",
        cure="Put all settings into the first one.",
        good="""\
model small = ollama("qwen3:8b")
defaults { retry: 1  timeout: 20s }

plan ask(question: text) -> text {
  solve answer from question
  return answer
}
""",
    ),
}
