"""What the checker remembers of places: names read, parts of declarations, shapes; wherever a name may stand."""

from pathlib import Path

import pytest

from msrun.dsl.front import Study, study
from msrun.dsl.source import Source, Span
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


@pytest.fixture(scope="module")
def made() -> Study:
    return study(parse(Source("x.plan", PLAN)), base=Path(), beside={"lib.plan": LIB})


def spans(word: str, text: str = PLAN) -> list[Span]:
    found: list[Span] = []
    at = text.find(word)
    while at >= 0:
        found.append(Span(at, at + len(word)))
        at = text.find(word, at + 1)
    return found


def test_the_plan_is_clean(made: Study) -> None:
    assert [found.entry for found in made.checked.diagnostics] == []


@pytest.mark.parametrize(
    ("name", "reads"),
    [("small", 3), ("words", 3), ("question", 3), ("parts", 1), ("part", 1), ("known", 1), ("topic", 2), ("ask", 1)],
)
def test_every_read_of_a_name_is_remembered(made: Study, name: str, reads: int) -> None:
    uses = made.main.file.notes.uses
    assert sum(symbol.name == name and PLAN[slice(*span)] == name for span, symbol in uses.items()) == reads


def test_what_is_imported_knows_where_it_was_declared(made: Study) -> None:
    symbol = made.main.file.notes.uses[spans("lib.line")[0]]
    assert symbol.home is not None
    assert LIB[slice(*symbol.home.span)] == "line"
    assert made.main.file.notes.uses[spans("步骤")[0]].home is not None


def test_parts_of_declarations_are_remembered(made: Study) -> None:
    parts = {PLAN[slice(*span)]: tuple(part) for span, part in made.main.file.notes.parts.items()}
    assert parts == {
        "text": ("步骤", "text"),
        "sport": ("Topic", "sport"),
        "war": ("Topic", "war"),
        "query": ("web", "query"),
        "question": ("ask", "question"),
        "found": ("ask", "found"),
    }


def test_a_place_knows_its_names(made: Study) -> None:
    where = made.main.file.notes.wheres[spans("known | each")[0]._replace(end=spans("known | each")[0].start + 5)]
    assert {"known", "part", "topic", "words"} <= {name for name, _ in where.scope.all()}
