"""Imports: what a name of another file stands for, that two files may use one name, and that each is parsed once."""

from pathlib import Path

import pytest

from msrun.dsl.check.read import names_in
from msrun.dsl.codec import decode, encode
from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.front import Checked, check_file, check_text
from msrun.dsl.plan import Ask, Compute, Invoke, Plan
from msrun.dsl.shapes import EnumDef, ListOf, Named, RecordDef
from msrun.dsl.syntax.parse import Parsed, parse_bytes
from msrun.dsl.tree import Text
from msrun.dsl.values.template import compile_text

FACT = """
param tone: text = "dry" { help: "how it sounds" }
model checker = scripted("yes")
enum Source { press "newspapers"  science }
type Step { note: text }
type Verdict { ok: bool  steps: list<Step> = [] }
tool web(query: text, top: int = 5) -> list<text> = python("tools:web")
fragment bullet(item: text) = "* {{ item }}"
fragment line(item: text) = "{{ bullet(item: item) }} ({{ tone }})"
plan check(claim: text) -> Verdict {
  solve verdict: Verdict from claim using checker
  return verdict
}
"""

ASK = """
import "lib/fact.plan" as fact
import web from "lib/fact.plan"
model small = scripted("a")
type Step { text: text }
plan ask(question: text) -> fact.Verdict {
  decompose steps: Step from question using small
  call pages from web(query: question)
  call more from fact.web(query: question, top: 2)
  classify source: fact.Source from question using fact.checker
  solve notes for step in steps when source == fact.Source.press using small {
    prompt: "{{ step.text }} {{ pages | each(fact.line) }} {{ fact.line(item: question) }} {{ more }} {{ fact.tone }}"
  }
  solve verdict: fact.Verdict from notes using small
  return verdict
}
"""


def check(text: str, **beside: str) -> Checked:
    """Check a text with others beside it: `lib__fact` is `lib/fact.plan`."""
    texts = {f"{name.replace('__', '/')}.plan": body for name, body in beside.items()}
    return check_text("ask.plan", text, beside=texts)


def plan(checked: Checked) -> Plan:
    assert checked.module is not None, [(f.entry, f.values) for f in checked.diagnostics]
    return checked.module.plan()


def entries(found: tuple[Diagnostic, ...]) -> list[tuple[str, str | None]]:
    return [(finding.entry, dict(finding.values).get("name")) for finding in found]


def test_every_kind_of_name_comes_by_an_alias_and_the_plan_stands_alone() -> None:
    checked = check(ASK, lib__fact=FACT)
    assert checked.diagnostics == ()
    made = plan(checked)
    assert {model.name for model in made.models} == {"small", "checker"}
    assert [tool.name for tool in made.tools] == ["web"]
    assert [fragment.name for fragment in made.fragments if "(" not in fragment.name] == ["bullet", "line"]
    assert [param.name for param in made.params] == ["tone"]
    assert made.result == Named("Verdict")
    assert decode(encode(checked.module)) == checked.module


def test_two_files_may_declare_one_name() -> None:
    made = plan(check(ASK, lib__fact=FACT))
    types = {definition.id: definition for definition in made.types}
    assert isinstance(types["Step"], RecordDef)
    assert isinstance(types["fact.Step"], RecordDef)
    assert [field.name for field in types["Step"].fields] == ["text"]
    assert [field.name for field in types["fact.Step"].fields] == ["note"]
    verdict = types["Verdict"]
    assert isinstance(verdict, RecordDef)
    assert [field.shape for field in verdict.fields][1] == ListOf(Named("fact.Step"))


def test_names_that_two_imported_files_share_are_told_apart() -> None:
    one = 'param style: text = "one"\nfragment show(x: text) = "{{ x }} {{ style }}"\n'
    two = 'param style: text = "two"\nfragment show(x: text) = "{{ x }} {{ style }}"\n'
    made = plan(
        check(
            'import show from "one.plan"\nimport "sub/one.plan" as other\nmodel m = scripted("a")\n'
            "plan ask(style: text) -> text {\n"
            '  let shown = "{{ show(x: style) }}, {{ other.show(x: style) }}, {{ other.style }}"\n'
            "  return shown\n}\n",
            one=one,
            sub__one=two,
        ),
    )
    assert sorted(fragment.name for fragment in made.fragments) == ["one.show", "one_2.show"]
    values = {param.name: param.default for param in made.params}
    assert sorted(values.values(), key=str) == ["one", "two"]
    action = made.node("shown").action
    assert isinstance(action, Compute)
    assert isinstance(action.value, Text)
    tell = compile_text(action.value, {fragment.name: fragment for fragment in made.fragments})
    assert tell({"style": "S", **values}) == "S one, S two, two"


def test_calls_tools_and_models_go_by_their_ids() -> None:
    made = plan(check(ASK, lib__fact=FACT))
    more, source, notes = (made.node(name) for name in ("more", "source", "notes"))
    assert isinstance(more.action, Invoke)
    assert more.action.tool == "web"
    assert isinstance(source.action, Ask)
    assert source.action.model == "checker"
    assert isinstance(notes.action, Ask)
    assert set(names_in(notes.action.prompt)) >= {"line", "tone"}
    assert "fact" not in names_in(notes.action.prompt, notes.when)


def test_an_enums_labels_are_known_by_the_import() -> None:
    text = (
        'import Source from "fact.plan"\nmodel m = scripted("press")\nplan ask(question: text) -> bool {\n'
        "  classify source: Source from question\n  return source == press\n}\n"
    )
    made = plan(check(text, fact=FACT))
    assert made.types == (EnumDef("Source", (("press", "newspapers"), ("science", ""))),)


def test_an_imported_model_alone_is_the_default() -> None:
    text = 'import checker from "fact.plan"\nplan ask(question: text) { solve answer from question  return answer }\n'
    assert [model.name for model in plan(check(text, fact=FACT)).models] == ["checker"]


def test_what_is_imported_is_not_exported_again() -> None:
    found = check('import web from "mid.plan"\n', mid='import web from "fact.plan"\n', fact=FACT).diagnostics
    assert entries(found) == [("E0110/alone", "web")]


def test_findings_of_imported_files_come_in_the_same_run_under_their_names() -> None:
    checked = check('import Bad from "lib/bad.plan"\ntype Mine { a: Bad  b: txt }\n', lib__bad="type Bad { a: txt }\n")
    assert not checked.ok
    assert [(f.entry, f.places[0].source.name) for f in checked.diagnostics] == [
        ("E0201", "ask.plan"),
        ("E0201", "lib/bad.plan"),
    ]


def test_an_error_in_an_imported_file_leaves_no_plan() -> None:
    checked = check(ASK, lib__fact=FACT.replace("ok: bool", "ok: bol"))
    assert checked.module is None
    assert entries(checked.diagnostics) == [("E0201", "bol")]


def test_the_unused_of_an_imported_file_is_for_others_and_its_plans_are_checked() -> None:
    lonely = FACT.replace("solve verdict", "solve never from claim using checker\n  solve verdict")
    assert entries(check('import web from "fact.plan"\n', fact=lonely).diagnostics) == [("W0401", "never")]


def test_each_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def count(name: str, data: bytes) -> Parsed:
        parsed.append(name)
        return parse_bytes(name, data)

    monkeypatch.setattr("msrun.dsl.check.linked.parse_bytes", count)
    left, right = 'import A from "base.plan"\ntype L { a: A }\n', 'import A from "./base.plan"\ntype R { a: A }\n'
    text = 'import L from "left.plan"\nimport R from "right.plan"\ntype Both { l: L  r: R }\n'
    checked = check(text, left=left, right=right, base="type A { x: text }\n")
    assert checked.diagnostics == ()
    assert sorted(parsed) == ["base.plan", "left.plan", "right.plan"]


def test_a_circle_is_named_and_a_file_may_not_import_itself() -> None:
    found = check(
        'import A from "a.plan"\ntype Mine { a: A }\n',
        a='import B from "b.plan"\ntype A { b: B }\n',
        b='import A from "a.plan"\ntype B { a: A? }\n',
    ).diagnostics
    assert [(f.entry, dict(f.values)["path"]) for f in found] == [("E0109", "a.plan → b.plan → a.plan")]
    found = check('import x from "ask.plan"\n').diagnostics
    assert [(f.entry, dict(f.values)["path"]) for f in found] == [("E0109", "ask.plan → ask.plan")]


def test_a_long_chain_of_imports_does_not_recurse() -> None:
    chain = {f"f{n}": f'import T{n + 1} from "f{n + 1}.plan"\ntype T{n} {{ a: T{n + 1} }}\n' for n in range(1500)}
    checked = check('import T0 from "f0.plan"\ntype Mine { a: T0 }\n', **chain, f1500="type T1500 { a: text }\n")
    assert checked.diagnostics == ()


def test_paths_start_from_the_importing_file_and_stay_under_a_declared_root(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.plan").write_text('import B from "b.plan"\ntype A { b: B }\n')
    (tmp_path / "lib" / "b.plan").write_text("type B { x: text }\n")
    (tmp_path / "app" / "ask.plan").write_text('import A from "../lib/a.plan"\ntype Mine { a: A }\n')
    assert entries(check_file(tmp_path / "app" / "ask.plan").diagnostics) == [("E0108/outside", "../lib/a.plan")]
    assert check_file(tmp_path / "app" / "ask.plan", root=tmp_path).diagnostics == ()


def test_an_imported_file_that_is_no_utf8_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "latin.plan").write_bytes(b"type Latin { a: text } # \xfc\n")
    (tmp_path / "ask.plan").write_text('import Latin from "latin.plan"\ntype Mine { a: Latin }\n')
    (finding,) = check_file(tmp_path / "ask.plan").diagnostics
    assert (finding.code, finding.places[0].source.name) == ("E0017", str(tmp_path / "latin.plan"))
