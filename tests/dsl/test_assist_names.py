"""Names by place: what each means, where it is declared and read, across files, in holes, fragments and tests."""

import pytest

from msrun.dsl.assist.hover import hover
from msrun.dsl.assist.index import Index, index
from msrun.dsl.assist.rename import Refusal, check_name, renamable
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.values.filters import FILTERS
from tests.lsp.texts import LIB, PLAN, studied

TEXTS = {"x.plan": PLAN, "lib.plan": LIB}


@pytest.fixture(scope="module")
def made() -> Index:
    return index(studied())


def places(made: Index, mark: str) -> list[str]:
    """Where the declaration of the name at a mark is named: the name with the word before it, file by file."""
    mention = made.at(PLAN.index(mark))
    assert mention is not None
    return [_before(file, span.start) + TEXTS[file][slice(*span)] for file, span in made.of(mention.target)]


def _before(file: str, at: int) -> str:
    return TEXTS[file][max(0, at - 3) : at].rpartition("\n")[2]


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("small =", ["el small", "el small", "ng small", "ck small"]),
        ("words:", ["am words", ")  words", "it words", "{{ words"]),
        ("part in", ["or part", "{{ part"]),
        ("known when", ["as known", "{{ known"]),
        ("query: text", ["eb(query", "eb(query"]),
        ("sport or", [" { sport", "== sport"]),
        ("war }", ['s" war', "ic.war"]),
        ("out from", ["un out", "ct out"]),
        ("lib\n", ["as lib", "ch(lib"]),
        ("found for", ["ve found", "om found", '", found']),
        ("line from", ["nt line", "骤, line", "ib.line"]),
        ("text }}", [">  text", "em.text", "rt.text"]),
        ("question: text) -> text {", ["sk(question", "y: question", "om question", "om question", "sk(question"]),
        ("ask(question: text", ["an ask", "om ask"]),
    ],
)
def test_a_name_is_found_wherever_it_stands(made: Index, mark: str, expected: list[str]) -> None:
    assert places(made, mark) == expected


def test_names_in_statements_that_cannot_be_checked_are_found() -> None:
    text = PLAN.replace("solve found", "slovenly found")
    made = index(studied(text))
    mention = made.at(text.index("part.text"))
    assert mention is not None
    assert [text[slice(*span)] for _, span in made.of(mention.target)] == ["part", "part"]


def test_a_torn_file_still_knows_its_names() -> None:
    text = PLAN.replace("limit words using small", "limit (words using small")
    made = index(studied(text))
    mention = made.at(text.index("answer from"))
    assert mention is not None
    assert len(list(made.of(mention.target))) == 2


@pytest.mark.parametrize(
    ("mark", "inside", "said"),
    [
        ("步骤, line", 0, '"required"'),
        ("Topic from", 0, "enum Topic"),
        ("topic ==", 0, "topic: Topic"),
        ("found\n  return", 0, "found: list<cell<text>>"),
        ("sport or", 0, "games"),
        ("part.text", 0, "part: 步骤"),
        ("part.text", 6, "步骤.text: text"),
        ("web(query: question)", 0, "tool web(query: text) -> list<text>"),
        ("solve found", 2, "ask a model for one result"),
        ("given earlier", 1, "what each item waits for"),
        ("join(", 1, "the items as one text"),
        ('scripted("x")', 2, "replies from a script"),
        ('python("search', 2, "a function"),
        ("words }}", 0, "param words: int = 8"),
        ("question: text) -> text {", 0, "an input of `ask`"),
    ],
)
def test_hover_says_what_stands_there(made: Index, mark: str, inside: int, said: str) -> None:
    found = hover(made, PLAN.index(mark) + inside)
    assert found is not None
    assert said in found.text


def test_hover_shows_the_comment_above_and_the_help_of_a_setting() -> None:
    text = "# The small one.\n# Cheap.\nmodel small = scripted() { temperature: 0.2 }\n"
    made = index(studied(text))
    named = hover(made, text.index("small ="))
    assert named is not None
    assert "The small one.\nCheap." in named.text
    setting = hover(made, text.index("temperature"))
    assert setting is not None
    assert "a number from 0 to 2" in setting.text


def test_everything_has_help() -> None:
    assert all(entry.help for entry in FILTERS.values())
    assert all(spec.help or spec.later for spec in KINDS.values())


@pytest.mark.parametrize("name", ["a b", "", "for", "text", "1x"])
def test_words_that_are_no_names_are_refused(made: Index, name: str) -> None:
    mention = renamable(made, PLAN.index("answer from"))
    assert not isinstance(mention, Refusal)
    assert check_name(made, mention.target, name) is not None


def test_a_field_may_be_a_reserved_word(made: Index) -> None:
    mention = renamable(made, PLAN.index("sport or"))
    assert not isinstance(mention, Refusal)
    assert check_name(made, mention.target, "for") is None


@pytest.mark.parametrize("mark", ["solve found", "join(", "}} {{", "earlier as"])
def test_words_of_the_language_cannot_be_renamed(made: Index, mark: str) -> None:
    assert isinstance(renamable(made, PLAN.index(mark)), Refusal)


NESTED = """\
enum Topic { sport war }
model small = scripted("x")
plan other(question: text) -> text {
  solve answer from question
  return answer
}
plan ask(question: text) -> text {
  classify topic: Topic from question
  choose reply: text on topic {
    case sport {
      solve inner from question
      return inner
    }
    case Topic.war {
      run inner from other(question: question)
      return inner
    }
  }
  repeat draft from reply limit 3 {
    score mark from draft
    until mark > 0.5
    solve better from draft { prompt: "{{ draft }} {{ mark }}" }
    next better
  }
  search path from draft as so_far limit 9 {
    expand step: text { prompt: "{{ so_far | join }} {{ draft }}" }
    score value { prompt: "{{ step }}" }
  }
  return path | join
}
limits ask { calls: 9 }
"""


@pytest.mark.parametrize(
    ("mark", "count"),
    [
        ("sport war", 2),
        ("war }", 2),
        ("inner from question", 2),
        ("inner from other", 2),
        ("draft from reply", 6),
        ("mark from draft", 3),
        ("better from", 2),
        ("so_far limit", 2),
        ("step: text", 2),
        ("path from", 2),
        ("other(question: text", 2),
        ("question: text) -> text {\n  solve", 3),
        ("ask(", 2),
        ("topic:", 2),
    ],
)
def test_graphs_inside_nodes_have_names_of_their_own(mark: str, count: int) -> None:
    study = studied(NESTED)
    assert [each.entry for each in study.checked.diagnostics] == []
    made = index(study)
    mention = made.at(NESTED.index(mark))
    assert mention is not None
    assert len({span for _, span in made.of(mention.target)}) == count
