"""The table of kinds: every entry is complete, its example parses, and its defaults are those of the plan."""

import pytest

from msrun.dsl.front import check_text
from msrun.dsl.kinds.common import POLICY, REPAIR
from msrun.dsl.kinds.model import BACKENDS
from msrun.dsl.kinds.spec import KindSpec, SettingSpec
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.lower.slot import DURATIONS
from msrun.dsl.plan import Policy
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import parse
from msrun.dsl.tree import Constant, Setting, Statement

RUNNING = [spec for spec in KINDS.values() if not spec.later]
SCOPE = """
    model plan fragment let decompose solve combine vote tool call param defaults classify extract score
    test mock profile limits session update knowledge retrieve run choose repeat search expand
    pick rank guard
"""
OPENING = {"plan": "plan p()", "test": "test t", "search": "search s"}
STAGES = "corpus dataset tokenizer train evaluate batch"


def test_the_kinds_that_run() -> None:
    assert {spec.name for spec in RUNNING} == {*SCOPE.split(), *STAGES.split()}


def test_every_kind_of_the_language_is_known() -> None:
    language = """
        decompose solve combine classify extract score vote rank pick search expand retrieve call run guard choose
        repeat update let model plan fragment tool param profile defaults session knowledge limits test mock
        corpus tokenizer dataset train evaluate batch tune
    """
    assert set(KINDS) == set(language.split())


@pytest.mark.parametrize("spec", RUNNING, ids=lambda spec: spec.name)
def test_an_entry_is_complete_and_its_example_parses_as_its_kind(spec: KindSpec) -> None:
    names = [setting.name for setting in spec.settings]
    assert len(names) == len(set(names))
    assert spec.help
    assert all(setting.help for setting in spec.settings)
    example = spec.example.replace("…", "")
    text = example if spec.at == "file" else f"{OPENING[spec.at]} {{ {example} }}"
    parsed = parse(Source("x.plan", text))
    assert parsed.diagnostics == ()
    statement = parsed.program.items[0]
    assert isinstance(statement, Statement)
    if spec.at != "file":
        assert statement.block is not None
        inner = statement.block.items[0]
        assert isinstance(inner, Statement)
        statement = inner
    assert statement.kind.text == spec.name
    assert {clause.word for clause in statement.clauses} <= spec.clauses


def default(setting: SettingSpec) -> object:
    """The value of a default as the language writes it."""
    parsed = parse(Source("x.plan", f"x y {{ k: {setting.default} }}"))
    item = parsed.program.items[0]
    assert isinstance(item, Statement)
    assert item.block is not None
    written = item.block.items[0]
    assert isinstance(written, Setting)
    if isinstance(written.value, Constant):
        assert written.value.unit in ("", *DURATIONS)
        return written.value.value
    return setting.default


def test_the_defaults_in_the_table_are_those_of_the_plan() -> None:
    fields = {"timeout": "timeout_s"}
    for setting in (*POLICY, REPAIR):
        if setting.default:
            assert default(setting) == getattr(Policy(), fields.get(setting.name, setting.name))


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_a_setting_comes_once_in_the_table_of_a_backend(backend: str) -> None:
    names = [setting.name for setting in BACKENDS[backend][1]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", sorted(spec.name for spec in KINDS.values() if spec.later and spec.at == "plan"))
def test_a_kind_of_a_later_version_is_said_once_at_its_word(kind: str) -> None:
    text = f'model m = ollama("m")\nplan p(q: text) -> text {{\n  {kind} x from q limit 3\n  return x\n}}\n'
    (finding,) = check_text("x.plan", text).diagnostics
    assert finding.entry == "E0103/later"
    span = finding.places[0].span
    assert text[span.start : span.end] == kind
