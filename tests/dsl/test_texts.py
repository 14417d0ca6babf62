"""`file("prompts/x.md")`: read when the plan is checked, holes and all, from nowhere but the plan's folder."""

from pathlib import Path

import pytest

from msrun.dsl.front import check_file, check_text
from msrun.dsl.plan import Ask
from msrun.dsl.tree import Get, Hole, Pipe, Ref, Text

PLAN = """
model small = ollama("m")
type Step { ask: text }
fragment line(item: text) = file("prompts/line.txt")
plan ask(question: text, steps: list<Step>) -> text {
  solve a from question { system: file("prompts/system.md")  prompt: file("prompts/ask.md") }
  return "{{ a }} {{ line(a) }}"
}
"""
TEXTS = {
    "prompts/system.md": "Be \\n brief: {a} {{ steps | map(.ask) | numbered }}\n",
    "prompts/ask.md": "# Ask\r\n\r\n{{ question }}\r\n",
    "prompts/line.txt": "- {{ item }}",
}


def action(plan: str = PLAN, **texts: str) -> Ask:
    checked = check_text("x.plan", plan, beside={**TEXTS, **texts})
    assert checked.module is not None, [(each.entry, each.values) for each in checked.diagnostics]
    found = checked.module.plan().node("a").action
    assert isinstance(found, Ask)
    return found


def test_holes_are_read_and_everything_else_stays_as_it_is() -> None:
    assert action().prompt == Text(("# Ask\n\n", Hole(Ref("question"))))
    system = action().system
    assert system is not None
    assert system.parts[0] == "Be \\n brief: {a} "
    hole = system.parts[1]
    assert isinstance(hole, Hole)
    assert isinstance(hole.expr, Pipe)


def test_names_that_only_a_file_reads_are_read() -> None:
    checked = check_text("x.plan", PLAN, beside=TEXTS)
    assert checked.module is not None
    assert checked.module.plan().node("a").reads == ("question", "steps")
    assert not checked.diagnostics


def test_fragments_and_graphs_inside_nodes_have_texts_in_files_too() -> None:
    plan = """
    model small = ollama("m")
    plan ask(q: text) -> text {
      choose a: text {
        case q == "x" { solve b from q { prompt: file("b.md") } return b }
        else { return q }
      }
      return a
    }"""
    assert check_text("x.plan", plan, beside={"b.md": "{{ q }}"}).diagnostics == ()
    (finding,) = check_text("x.plan", plan, beside={"b.md": "one\n{{ q }} {{ z }}"}).diagnostics
    source, span = finding.places[0]
    assert (source.name, source.position(span.start), source.text[span.start : span.end]) == ("b.md", (2, 12), "z")


def test_two_files_with_labels_keep_their_places_apart() -> None:
    plan = """
    model small = ollama("m")
    enum Topic { sport  other }
    plan ask(q: text, t: Topic) -> text {
      solve a from q { system: file("one.md")  prompt: file("two.md") }
      return a
    }"""
    text = "{{ t.label }} {{ q }}"
    found = check_text("x.plan", plan, beside={"one.md": text, "two.md": text})
    assert found.module is not None
    made = found.module.plan().node("a").action
    assert isinstance(made, Ask)
    assert made.prompt == made.system == Text((Hole(Ref("t")), " ", Hole(Ref("q"))))


def test_an_invisible_sign_in_a_file_is_found() -> None:
    texts = {**TEXTS, "prompts/ask.md": "a\u202eb {{ question }}"}
    assert [each.entry for each in check_text("x.plan", PLAN, beside=texts).diagnostics] == ["E0015"]


@pytest.mark.parametrize(
    "written", ["../x.md", "/etc/hosts.md", "a/../../x.md", "prompts/.env.md", ".x/a.md", "x.py", "x"]
)
def test_paths_that_are_refused(tmp_path: Path, written: str) -> None:
    plan = tmp_path / "in" / "x.plan"
    plan.parent.mkdir()
    (tmp_path / "x.md").write_text("secret", encoding="utf-8")
    text = 'model m = ollama("m")\nplan p(q: text) -> text { solve a from q { prompt: file("%s") } return a }'
    plan.write_text(text % written, encoding="utf-8")
    assert [each.entry for each in check_file(plan).diagnostics] == ["E0508/text_path"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    plan = tmp_path / "in" / "x.plan"
    plan.parent.mkdir()
    (plan.parent / "x.md").symlink_to(tmp_path / "secret.md")
    plan.write_text(
        'model m = ollama("m")\nplan p(q: text) -> text { solve a from q { prompt: file("x.md") } return a }',
        encoding="utf-8",
    )
    assert [each.entry for each in check_file(plan).diagnostics] == ["E0508/text_broken"]


def test_a_text_alone_has_no_folder_to_read_from() -> None:
    plan = 'model m = ollama("m")\nplan p(q: text) -> text { solve a from q { prompt: file("x.md") } return a }'
    assert [each.entry for each in check_text("x.plan", plan).diagnostics] == ["E0508/text"]


def test_a_field_of_an_item_is_read_from_a_file() -> None:
    plan = PLAN.replace("solve a from question", "solve a for step in steps").replace(
        "{{ a }} {{ line(a) }}", "{{ a }}"
    )
    plan = plan.replace('  return "{{ a }}"', '  return "{{ a | bullets }} {{ line(question) }}"')
    made = action(plan, **{"prompts/ask.md": "{{ step.ask }}"})
    assert made.prompt == Text((Hole(Get(Ref("step"), "ask")),))
