"""Pages of the findings about what a node gives where its calls fail."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0313": Page(
        title="nothing says what is taken instead",
        bad="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { on_error: fallback }
  return answer
}
""",
        why=(
            "Where a call fails, a guard denies a text or a classifier is not sure, a plan may go on with another "
            "value. It has to say which, and a value that is written must have an occasion."
        ),
        cure="Write the value, or let the failure end the run.",
        good="""\
model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { on_error: fallback  fallback: "I do not know." }
  return answer
}
""",
    ),
}
