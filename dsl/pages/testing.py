"""Pages of the findings about tests in the file."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {
    "E0805": Page(
        title="a mock stands in for no model",
        bad="""\
model small = scripted("a")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}

test answers {
  mock smal = replies("x")
  run out from ask(question: "why?")
  expect out == "x"
}
""",
        why=(
            "A mock gives the replies of one model of the file, so that a test costs nothing. One for a model that is "
            "not there would never be asked."
        ),
        cure="Write the name of a model; in `replies(node: …)`, the name of a node that asks it.",
        good="""\
model small = scripted("a")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}

test answers {
  mock small = replies("x")
  run out from ask(question: "why?")
  expect out == "x"
}
""",
    ),
    "E0806": Page(
        title="a mock has too few replies",
        bad="""\
model small = scripted("a")

plan ask(question: text) -> text {
  solve drafts from question samples 3
  vote answer from drafts
  return answer
}

test answers {
  mock small = replies("x", "y")
  run out from ask(question: "why?")
  expect out == "x"
}
""",
        why="Each call of the model takes the next reply. Where the calls can be counted, so can the replies.",
        cure="Add replies, in the order of the calls.",
        good="""\
model small = scripted("a")

plan ask(question: text) -> text {
  solve drafts from question samples 3
  vote answer from drafts
  return answer
}

test answers {
  mock small = replies("x", "y", "x")
  run out from ask(question: "why?")
  expect out == "x"
}
""",
    ),
    "W0406": Page(
        title="a test expects nothing",
        bad="""\
model small = scripted("a")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}

test answers {
  mock small = replies("x")
  run out from ask(question: "why?")
}
""",
        why="Without `expect` the test passes whatever comes out; it fails only where the run itself fails.",
        cure="Say what must hold.",
        good="""\
model small = scripted("a")

plan ask(question: text) -> text {
  solve answer from question
  return answer
}

test answers {
  mock small = replies("x")
  run out from ask(question: "why?")
  expect out == "x"
}
""",
    ),
    "W0407": Page(
        title="no run of this test asks the mocked model",
        bad="""\
model small = scripted("a")
model large = scripted("b")

plan ask(question: text) -> text {
  solve answer from question using small
  return answer
}

plan polish(draft: text) -> text {
  solve better from draft using large
  return better
}

test answers {
  mock small = replies("x")
  mock large = replies("y")
  run out from ask(question: "why?")
  expect out == "x"
}
""",
        why="The replies would never be read: the mock says something about the test that is not so.",
        cure="Remove the mock, or run the plan that asks the model.",
        good="""\
model small = scripted("a")
model large = scripted("b")

plan ask(question: text) -> text {
  solve answer from question using small
  return answer
}

plan polish(draft: text) -> text {
  solve better from draft using large
  return better
}

test answers {
  mock small = replies("x")
  run out from ask(question: "why?")
  expect out == "x"
}
""",
    ),
}
