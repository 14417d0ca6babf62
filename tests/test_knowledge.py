"""`retrieve` through the front door: what a plan finds, what prompts get, what is said before anything is paid."""

import asyncio
from pathlib import Path

import pytest

import msrun
from msrun.backends.knowledge.port import Passage
from msrun.backends.port import BackendFault
from msrun.backends.scripted import Scripted
from msrun.dsl.front import check_file, check_text
from msrun.dsl.graph import vertices
from msrun.dsl.plan import Retrieve
from msrun.errors import PlanInvalid, RunFailed
from msrun.runtime.events import CallFinished, CallStarted, Event
from msrun.testing import run_tests

PLAN = """
model small = ollama("not-there")
knowledge rules = folder("docs/*.md") { chunk: 80 }

plan ask(question: text, more: list<text> = []) -> text {
  retrieve found from rules { query: question  top: 2  min_score: 0.05 }
  retrieve each_of for q in more from rules { query: q  top: 1 }
  solve answer from found {
    prompt: "{{ found | map(.text) | numbered }}|{{ each_of | map(.value) | json }}|{{ question }}"
  }
  return answer
}

test it_is_found {
  mock small = replies("seven days")
  run r from ask(question: "When may goods be returned?")
  expect r == "seven days"
  expect sent_to(small) | contains("within seven days")
}
"""
DOCS = {"returns": "Goods may be returned within seven days.", "post": "Parcels leave within two days. {{ question }}"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    for name, text in DOCS.items():
        (tmp_path / "docs" / f"{name}.md").write_text(text, encoding="utf-8")
    (tmp_path / "ask.plan").write_text(PLAN, encoding="utf-8")
    return tmp_path / "ask.plan"


def test_a_prompt_gets_what_was_found(file: Path) -> None:
    small = Scripted(["yes"])
    msrun.load(file, backends={"small": small}).run(question="returned goods", more=["parcels"])
    prompt = small.requests[0].messages[-1].content
    found, each_of, question = prompt.split("|")
    assert found == "1. Goods may be returned within seven days."
    assert '"source":"docs/post.md"' in each_of
    assert question == "returned goods"


def test_a_document_is_a_value_and_never_a_template(file: Path) -> None:
    small = Scripted(["yes"])
    msrun.load(file, backends={"small": small}).run(question="parcels leave")
    assert "two days. {{ question }}" in small.requests[0].messages[-1].content


def test_a_search_is_a_call_in_events_and_journal(file: Path, tmp_path: Path) -> None:
    plan = msrun.load(file, backends={"small": Scripted(["yes"])}, journal=tmp_path / "journal.db")

    async def main() -> list[Event]:
        return [event async for event in plan.events(question="goods")]

    events = asyncio.run(main())
    (started,) = [event for event in events if isinstance(event, CallStarted) and event.node == "found"]
    assert started.target == "rules"
    assert [event.cached for event in events if isinstance(event, CallFinished) and event.node == "found"] == [False]


def test_a_knowledge_base_of_one_s_own_takes_the_place_of_the_plan_s(file: Path) -> None:
    class Own:
        key = "own"

        async def search(self, query: str, *, top: int, min_score: float) -> list[Passage]:
            if query == "fail":
                raise BackendFault("connect", "the index is away")
            return [Passage(f"{query} {top} {min_score}", "own", 0.5)]

    small = Scripted(["yes"])
    plan = msrun.load(file, backends={"small": small}, knowledge={"rules": Own()})
    plan.run(question="goods")
    assert small.requests[0].messages[-1].content.startswith("1. goods 2 0.05|")
    with pytest.raises(RunFailed, match="the index is away") as failed:
        plan.run(question="fail")
    assert failed.value.node == "found"


def test_files_that_are_gone_are_said_before_anything_is_paid(file: Path) -> None:
    small = Scripted(["yes"])
    plan = msrun.load(file, backends={"small": small})
    for each in (file.parent / "docs").iterdir():
        each.unlink()
    with pytest.raises(RunFailed, match="knowledge base `rules`: no file matches") as failed:
        plan.run(question="goods")
    assert (failed.value.fault, small.requests) == ("missing", [])
    with pytest.raises(PlanInvalid):
        msrun.load(file)


def test_tests_search_by_words_whatever_the_encoder(file: Path) -> None:
    text = PLAN.replace("chunk: 80", 'chunk: 80  embed: sentence("nobody/nothing")  index: hnsw')
    file.write_text(text, encoding="utf-8")
    checked = check_file(file)
    assert checked.module is not None
    (verdict,) = run_tests(checked.module, root=file.parent)
    assert not verdict.failures


def test_the_vertex_of_a_search_names_its_knowledge_base(file: Path) -> None:
    checked = check_file(file)
    assert checked.module is not None
    plan = checked.module.plan()
    (vertex,) = [vertex for vertex in vertices(plan) if vertex.id == "found"]
    assert (vertex.kind, vertex.family, vertex.model, vertex.shape) == ("retrieve", "tool", "rules", "list<Passage>")
    action = plan.node("found").action
    assert isinstance(action, Retrieve)
    assert (action.top, action.min_score) == (2, 0.05)
    assert [spec.files for spec in plan.knowledge] == ["docs/*.md"]


def test_an_imported_plan_searches_the_files_beside_it(file: Path) -> None:
    (file.parent / "lib").mkdir()
    for name in ("docs", "ask.plan"):
        (file.parent / name).rename(file.parent / "lib" / name)
    main = file.parent / "main.plan"
    main.write_text(
        'import ask from "lib/ask.plan"\n'
        "plan main(q: text) -> text {\n  run answer from ask(question: q)\n  return answer\n}\n",
        encoding="utf-8",
    )
    small = Scripted(["yes"])
    assert msrun.load(main, backends={"small": small}).run(q="returned goods").value == "yes"
    assert "within seven days" in small.requests[0].messages[-1].content


def test_the_file_s_own_passage_is_not_the_language_s() -> None:
    text = """
        type Passage { mine: text }
        knowledge rules = folder("docs/*.md")
        tool rank_them(passages: list<Passage>) -> text = python("x:y")
        plan ask(question: text) -> text {
          retrieve found from rules { query: question }
          call ranked from rank_them(passages: found)
          return ranked
        }
    """
    found = check_text("x.plan", text, beside={"docs/a.md": "x"}).diagnostics
    assert [finding.entry for finding in found] == ["E0204"]
    assert check_text("x.plan", text.replace("type Passage { mine: text }", ""), beside={"docs/a.md": "x"}).ok
