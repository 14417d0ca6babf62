"""A plan with every kind of name in every place where one may stand, and the file it imports; both are clean."""

from pathlib import Path

from msrun.dsl.front import Study, study
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import parse

LIB = """\
type 步骤 { id: key  needs: list<ref<步骤>>  text: text }
fragment line(item: 步骤) = "- {{ item.text }}"
"""
PLAN = """\
import 步骤, line from "lib.plan"
import "lib.plan" as lib
enum Topic { sport "games" war }
model small = scripted("x")
param words: int = 8
tool web(query: text) -> list<text> = python("search:web")
profile prod { model small = scripted("y")  words: 9 }

plan ask(question: text) -> text {
  call pages from web(query: question)
  decompose parts: 步骤 from question limit words using small
  classify topic: Topic from question
  solve found for part in parts given earlier as known when topic == sport or topic == Topic.war {
    prompt: \"\"\"
      {{ part.text }} {{ known | each(lib.line) }} {{ pages | join(", ") }} {{ words }}
      \"\"\"
  }
  combine answer from found
  return answer
}

test it {
  mock small = replies("a", "b", "c", found: ["b"])
  run out from ask(question: "?")
  expect out == "a"
}
"""


def studied(text: str = PLAN) -> Study:
    return study(parse(Source("x.plan", text)), base=Path(), beside={"lib.plan": LIB})
