"""Pages of the findings about sessions and knowledge bases."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0311": Page(
        title="a session is used outside of one",
        bad="""\
model small = ollama("qwen3:8b")
type State { item: text? }

plan chat(message: text) -> text {
  extract found: State from message
  update state = found
  solve answer from message
  return answer
}
""",
        why=(
            "`update` keeps a value until the next turn of a conversation, and `session` is what was kept. A plan has "
            "one only where its header says which: `within NAME`."
        ),
        cure="Declare a session with a slot, and put the plan within it.",
        good="""\
model small = ollama("qwen3:8b")
type State { item: text? }
session support { state: State }

plan chat(message: text) -> text within support {
  extract found: State from message
  update state = session.state | merge(found)
  solve answer from message
  return answer
}
""",
    ),
    "E0312": Page(
        title="two nodes update one slot",
        bad="""\
type State { item: text? }
session support { state: State }

plan chat(message: text) -> text within support {
  update state = {item: message}
  update state = session.state | merge({item: "lamp"})
  return message
}
""",
        why=(
            "The order of the text means nothing, so of two updates in one turn neither would be the last. The slots "
            "are read as they were when the turn began, and change when it ends."
        ),
        cure="Update each slot once; of the arms of a `choose` each may update it, for only one runs.",
        good="""\
type State { item: text? }
session support { state: State }

plan chat(message: text) -> text within support {
  update state = session.state | merge({item: message})
  return message
}
""",
    ),
}
