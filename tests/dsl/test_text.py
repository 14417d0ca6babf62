"""Text literals: escapes, margins and holes, and the findings of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import parse
from msrun.dsl.syntax.text import MAX_TEXT
from msrun.dsl.tree import Expr, Hole, Ref, Statement, Text

Q = '"""'


def read(literal: str) -> tuple[Text, tuple[Diagnostic, ...]]:
    parsed = parse(Source("t", f"fragment f(a: text) = {literal}\n"))
    statement = parsed.program.items[0]
    assert isinstance(statement, Statement)
    assert isinstance(statement.value, Text)
    return statement.value, parsed.diagnostics


def parts(literal: str) -> tuple[str | Expr, ...]:
    text, findings = read(literal)
    assert findings == ()
    return tuple(part.expr if isinstance(part, Hole) else part for part in text.parts)


def entries(literal: str) -> list[str]:
    return [finding.entry for finding in read(literal)[1]]


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ('""', ""),
        ('"abc"', "abc"),
        (r'"a\n\t\"\\\u{1F600}b"', 'a\n\t"\\😀b'),
        ('"{ a } }} {"', "{ a } }} {"),
        (r'raw"a\n{{ b }}"', r"a\n{{ b }}"),
        (f"{Q}\n  one\n    two\n\n  three\n  {Q}", "one\n  two\n\nthree"),
        (f"{Q}\n  {Q}", ""),
        (f"{Q}\r\n  one\r\n  two\r\n  {Q}", "one\ntwo"),
        (f'{Q}\n  a\\n "quoted" {{"b": 1}}\n  {Q}', 'a\\n "quoted" {"b": 1}'),
        (f"{Q}  \n  one  \n  {Q}", "one  "),
        (f"{Q}\n\tone\n\t\ttwo\n\t{Q}", "one\n\ttwo"),
        (f"{Q}\n  one\n \n  two\n  {Q}", "one\n\ntwo"),
        (f"raw{Q}\n  {{{{ a }}}}\n  {Q}", "{{ a }}"),
    ],
)
def test_the_value_of_a_text(literal: str, value: str) -> None:
    assert parts(literal) == (value,)


def test_holes_stand_between_characters_and_know_their_place() -> None:
    text, findings = read('"x {{ a }}y{{b}}"')
    assert findings == ()
    assert text == Text(("x ", Hole(Ref("a")), "y", Hole(Ref("b"))))
    hole = text.parts[1]
    assert isinstance(hole, Hole)
    start = len("fragment f(a: text) = ")
    assert hole.span == (start + 3, start + 10)
    assert hole.expr.span == (start + 6, start + 7)


def test_a_hole_may_hold_quotes_braces_and_line_breaks() -> None:
    assert parts('"{{ a | join(", ") }}."') == parts(f'{Q}\n  {{{{ a\n| join(", ") }}}}.\n  {Q}')
    assert len(parts('"{{ f({a: {b: 1}}) }}."')) == 2
    assert parts('"{{ "{{" }}"') == (Text(("{{",)),)


def test_a_margin_is_taken_from_each_line_around_holes() -> None:
    assert parts(f"{Q}\n    {{{{ a }}}}\n      b {{{{ c }}}}\n    d\n    {Q}") == (Ref("a"), "\n  b ", Ref("c"), "\nd")


@pytest.mark.parametrize(
    ("literal", "found"),
    [
        ('"a', ["E0003"]),
        (f"{Q}\n  a", ["E0003/block"]),
        ('"{{ a"', ["E0010"]),
        ('"{{ a }"', ["E0010"]),
        (f"{Q}\n  {{{{ a\n  {{{{ b\n  {Q}", ["E0010", "E0010"]),
        ('"{{}} {{  }}"', ["E0011", "E0011"]),
        ('"{{ a b }}"', ["E0012"]),
        ('"{{ a | }}"', ["E0012"]),
        ('"{{"a": 1}}"', ["E0012/record"]),
        ('"{{ a: 1 }}"', ["E0012/record"]),
        (f"{Q}\n  a{Q}", ["E0013"]),
        (f"{Q}a\n  {Q}", ["E0013/open"]),
        (f"{Q}a{Q}", ["E0013/line"]),
        (f"{Q}\n a\n  {Q}", ["E0014"]),
        (f"{Q}\n\ta\n    {Q}", ["E0014/mixed"]),
        (r'"\q"', ["E0001/escape"]),
        (r'"\u{110000}"', ["E0001/escape"]),
        (r'"\u{D800}"', ["E0001/escape"]),
        (f'"{"x" * MAX_TEXT}"', ["E0001/text_size"]),
    ],
)
def test_what_is_wrong_with_a_text(literal: str, found: list[str]) -> None:
    assert entries(literal) == found


def test_a_record_in_a_hole_is_shown_with_single_braces() -> None:
    (finding,) = read('"{{"a": 1}}"')[1]
    assert dict(finding.values)["single"] == '{"a": 1}'


def test_an_open_text_does_not_hide_the_next_mistake() -> None:
    parsed = parse(Source("t", 'model a = b("x)\nmodel c = d("y) { e: }\nmodel f = g()\n'))
    assert [finding.entry for finding in parsed.diagnostics] == ["E0003", "E0003"]
    assert len(parsed.program.items) == 3


def test_an_open_block_ends_where_the_code_goes_on() -> None:
    source = f"plan p(q: text) {{\n  solve a from q {{\n    prompt: {Q}\n      x\n    retry: }}\n  return a\n}}\n"
    found = [finding.entry for finding in parse(Source("t", source)).diagnostics]
    assert found == ["E0003/block", "E0006"]


@given(st.text(st.characters(exclude_characters='\r"', exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=60))
def test_a_raw_text_is_what_is_written(value: str) -> None:
    assert parts(f'raw"{value}"') == (value,)


@given(
    st.lists(st.text("ab {}\\'", max_size=8).map(lambda line: "x" + line.replace("{{", "")), min_size=1),
    st.integers(0, 6),
)
def test_a_block_is_its_lines_wherever_its_margin_stands(lines: list[str], margin: int) -> None:
    blanks = " " * margin
    literal = "\n".join([Q, *(blanks + line for line in lines), blanks + Q])
    assert parts(literal) == ("\n".join(lines),)
