"""What the checker remembers of places: names read, parts of declarations, shapes; wherever a name may stand."""

import pytest

from msrun.dsl.front import Study
from msrun.dsl.source import Span
from tests.lsp.texts import LIB, PLAN, studied


@pytest.fixture(scope="module")
def made() -> Study:
    return studied()


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
    [("small", 3), ("words", 3), ("question", 4), ("parts", 2), ("part", 2), ("known", 2), ("topic", 3), ("ask", 1)],
)
def test_reads_are_remembered_and_what_a_plan_declares(made: Study, name: str, reads: int) -> None:
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
