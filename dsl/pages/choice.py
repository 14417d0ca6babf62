"""Pages of the findings about choosing among items."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0218": Page(
        title="items cannot be compared by this",
        bad="""\
model small = ollama("qwen3:8b")

type Draft { text: text  notes: list<text> }

plan ask(question: text) -> text {
  solve drafts: Draft from question samples 5
  pick best from drafts by .notes
  return best.text
}
""",
        why=(
            "`pick` and `rank` put items in order by a number or a text: a field of the item, or a list that has one "
            "mark for every item. `vote` counts what prints as text."
        ),
        cure="Compare by a number, or let a model mark every item.",
        good="""\
model small = ollama("qwen3:8b")

type Draft { text: text  notes: list<text> }

plan ask(question: text) -> text {
  solve drafts: Draft from question samples 5
  score marks for draft in drafts { prompt: "Mark from 0 to 1: {{ draft.text }}" }
  pick best from drafts by marks
  return best.text
}
""",
    ),
}
