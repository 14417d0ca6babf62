"""Pages of the findings about profiles."""

from msrun.dsl.pages.page import Page

_GOOD = """\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}

profile prod {
  model small = ollama("qwen3:14b")
}
"""

PAGES: dict[str, Page] = {
    "E0803": Page(
        title="a profile replaces what is not there",
        bad=_GOOD.replace('small = ollama("qwen3:14b")', 'smal = ollama("qwen3:14b")'),
        why=(
            "A profile gives models and params of the file other values; it adds none. A misspelt name would leave "
            "the plan running with the values that were to be replaced."
        ),
        cure="Write the name of a model or param of this file.",
        good=_GOOD,
    ),
}
