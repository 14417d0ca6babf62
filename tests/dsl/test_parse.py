"""The parser: the tree of valid plans, all findings of broken ones in one run, and nothing else ever."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.render import render_all
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.errors import MAX_ERRORS
from msrun.dsl.syntax.limits import MAX_CHAIN, MAX_DEPTH
from msrun.dsl.syntax.parse import MAX_FINDINGS, Parsed, parse
from msrun.dsl.tree import (
    Binary,
    Call,
    Clause,
    Constant,
    EnumDecl,
    Expr,
    Get,
    ListExpr,
    Name,
    NamedType,
    Outcome,
    Pipe,
    RecordExpr,
    Ref,
    Setting,
    Statement,
    Text,
    TypeDecl,
    Unary,
)
from msrun.dsl.words import entries as catalogue
from tests.golden_files import check_golden
from tests.laws import LAW

TESTS = Path(__file__).parents[1]
PLANS = sorted((TESTS / "plans").glob("*.plan")) + sorted((TESTS / "plans/lib").glob("*.plan"))
BROKEN = sorted((TESTS / "golden/bad/syntax").glob("*.plan"))
GOOD_TEXTS = [path.read_text(encoding="utf-8") for path in PLANS]


def read(text: str) -> Parsed:
    return parse(Source("t.plan", text))


def found(text: str) -> list[tuple[str, int]]:
    parsed = read(text)
    return [(item.entry, item.places[0].source.position(item.places[0].span.start)[0]) for item in parsed.diagnostics]


def expr(text: str) -> Expr:
    parsed = read(f"plan p() {{ return {text} }}")
    assert parsed.diagnostics == ()
    statement = parsed.program.items[0]
    assert isinstance(statement, Statement)
    assert statement.block is not None
    outcome = statement.block.items[0]
    assert isinstance(outcome, Outcome)
    return outcome.value


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_acceptance_plan_parses(path: Path) -> None:
    parsed = parse(Source(path.name, path.read_text(encoding="utf-8")))
    assert parsed.diagnostics == ()
    assert parsed.program.items


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_plan_gives_its_findings(path: Path) -> None:
    source = Source(path.name, path.read_bytes().decode("utf-8"))
    check_golden(path.with_suffix(".txt"), render_all(parse(source).diagnostics) + "\n")


def test_golden_plans_are_all_broken() -> None:
    assert len(BROKEN) > 20
    assert all(parse(Source(path.name, path.read_bytes().decode("utf-8"))).diagnostics for path in BROKEN)


def test_the_syntax_mistakes_of_the_acceptance_plans_come_in_one_run() -> None:
    assert found((TESTS / "plans/bad/syntax.plan").read_text(encoding="utf-8")) == [
        ("E0002", 1),
        ("E0006/limit", 4),
        ("E0001/instead", 5),
        ("E0001/missing", 6),
        ("E0006", 9),
    ]
    assert found((TESTS / "plans/bad/names.plan").read_text(encoding="utf-8")) == [("E0012/record", 8)]


def test_the_program_keeps_what_did_parse() -> None:
    parsed = read((TESTS / "plans/bad/syntax.plan").read_text(encoding="utf-8"))
    assert [item.name and item.name.text for item in parsed.program.items if isinstance(item, Statement)] == [
        "small",
        "ask",
    ]
    plan = parsed.program.items[1]
    assert isinstance(plan, Statement)
    assert plan.block is not None
    solve = plan.block.items[1]
    assert isinstance(solve, Statement)
    assert solve.clauses == (Clause("for", Ref("parts"), Name("part")),)
    assert solve.setting("retry") == Setting(Name("retry"), Constant(2))
    decompose = plan.block.items[0]
    assert isinstance(decompose, Statement)
    assert decompose.clause("limit") == Clause("limit", Ref(""))


def test_one_statement_in_full() -> None:
    parsed = read('solve a(b: text = "c") -> text : list<T>[1..2]? = x for q in qs given q.needs as k limit 3 { r: 1 }')
    assert parsed.diagnostics == ()
    (item,) = parsed.program.items
    assert isinstance(item, Statement)
    assert item.kind == Name("solve")
    assert item.params is not None
    assert item.params[0].default == Text(("c",))
    assert item.value == Ref("x")
    assert item.clauses == (
        Clause("for", Ref("qs"), Name("q")),
        Clause("given", Get(Ref("q"), "needs"), Name("k")),
        Clause("limit", Constant(3)),
    )
    assert item.span == Span(0, len(parsed.program.source.text))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b * c", Binary("+", Ref("a"), Binary("*", Ref("b"), Ref("c")))),
        ("a - b - c", Binary("-", Binary("-", Ref("a"), Ref("b")), Ref("c"))),
        ("(a - b) - c", Binary("-", Binary("-", Ref("a"), Ref("b")), Ref("c"))),
        ("not a == b and c", Binary("and", Unary("not", Binary("==", Ref("a"), Ref("b"))), Ref("c"))),
        ("a and b or c", Binary("or", Binary("and", Ref("a"), Ref("b")), Ref("c"))),
        ("a | f == b", Binary("==", Pipe(Ref("a"), "f", None), Ref("b"))),
        ("a.b | f(x) | g", Pipe(Pipe(Get(Ref("a"), "b"), "f", expr("f(x)").args), "g", None)),  # type: ignore[union-attr]
        ("-a | f", Unary("-", Pipe(Ref("a"), "f", None))),
        ("a in b", Binary("in", Ref("a"), Ref("b"))),
        (".a.b", Get(Get(None, "a"), "b")),
        ("a.from.limit", Get(Get(Ref("a"), "from"), "limit")),
        ("[1, 2,]", ListExpr((Constant(1), Constant(2)))),
        ("true", Constant(value=True)),
        ("null", Constant(None)),
    ],
)  # fmt: skip
def test_expressions(text: str, tree: Expr) -> None:
    assert expr(text) == tree


def test_reserved_words_are_keys_labels_and_fields() -> None:
    assert isinstance(expr("{from: 1, by: 2, true: 3}"), RecordExpr)
    call = expr("f(type: 1, in: 2)")
    assert isinstance(call, Call)
    assert [arg.name for arg in call.args] == ["type", "in"]
    parsed = read(
        "enum E { from next true not in } type T { limit: int  case: text } model m = f() { type: 1  else: 2 }"
    )
    assert parsed.diagnostics == ()
    labels, fields, model = parsed.program.items
    assert isinstance(labels, EnumDecl)
    assert [label.name.text for label in labels.labels] == ["from", "next", "true", "not", "in"]
    assert isinstance(fields, TypeDecl)
    assert [field.name.text for field in fields.fields] == ["limit", "case"]
    assert isinstance(model, Statement)
    assert model.setting("else") == Setting(Name("else"), Constant(2))
    assert read("choose c on e { case next, from { return a } else { return b } }").diagnostics == ()


@pytest.mark.parametrize("word", ["from", "limit", "import", "type", "and", "not", "true"])
@pytest.mark.parametrize(
    "place", ["model {} = f()", "plan {}(q: text) {{ return q }}", "solve a for {} in b", "from b as {} limit 3"]
)
def test_a_reserved_word_is_no_name(word: str, place: str) -> None:
    text = place.format(word)
    assert [entry for entry, _line in found(text if not text.startswith("from") else "solve a " + text)] == ["E0004"]


def test_a_range_and_a_type_close_before_an_equals_sign() -> None:
    parsed = read("plan p(a: list<text>= [], b: float[-1..0.5] = 0) { return a }")
    assert parsed.diagnostics == ()
    (plan,) = parsed.program.items
    assert isinstance(plan, Statement)
    assert plan.params is not None
    kind = plan.params[1].type
    assert isinstance(kind, NamedType)
    assert kind.bounds is not None
    assert (kind.bounds.low, kind.bounds.high) == (-1, 0.5)


def test_where_indentation_misleads_the_braces_count() -> None:
    flat = "plan p(q: text) -> text {\nsolve a from q {\nretry: 2\n}\nreturn a\n"
    assert found(flat) == [("E0002", 1)]
    assert found("plan p(q: text) {\n      solve a from q {\n  retry: 2\n }\n   return a\n}\n") == []


def test_comments_stand_beside_the_tree() -> None:
    parsed = read("# one\nmodel a = f() # two\n")
    assert [comment.text for comment in parsed.program.comments] == ["# one", "# two"]


@pytest.mark.parametrize(
    "sign", ["(", "[", "{", "not ", "- ", "{a: ", "f(", "list<", "a.b", "x | ", "1 + ", "solve x { "]
)
@pytest.mark.parametrize("before", ["", "model m = ", "plan p(a: ", "plan p() { return "])
def test_deep_nesting_is_a_finding(before: str, sign: str) -> None:
    entries = [entry for entry, _line in found(before + sign * 20_000)]
    assert entries
    assert len(entries) <= MAX_FINDINGS + 1


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("(", ")"), ("f(", ")")])
def test_nesting_has_a_limit_and_says_only_that(opening: str, closing: str) -> None:
    inside = MAX_DEPTH - 1
    assert isinstance(expr(opening * inside + "x" + closing * inside), Expr)
    assert found(f"plan p() {{ return {opening * 20_000}x{closing * 20_000} }}") == [("E0001/deep", 1)]


def test_an_expression_has_a_longest_chain_and_says_only_that() -> None:
    assert expr(" + ".join(["x"] * (MAX_CHAIN + 1)))
    for text in (
        " + ".join(["x"] * 9_000),
        ".x" * 9_000,
        "x" + "(1)" * 9_000,
        "- " * 9_000 + "x",
        "f(" + "not " * 9_000 + "x)",
    ):
        assert found(f"plan p() {{ return {text} }}") == [("E0001/long", 1)]
    nested = "x"
    for _level in range(40):
        nested = f"({nested} + 1 + 1 + 1 + 1)"
    assert found(f"plan p() {{ return {nested} }}") == [("E0001/long", 1)]
    assert expr("[" + ", ".join(["a.b + c"] * 5_000) + "]")


def test_a_hole_has_the_same_limits() -> None:
    assert found(f'fragment f(a: text) = "{{{{ {"[" * 5_000}{"]" * 5_000} }}}}"') == [("E0001/deep", 1)]


def test_a_flood_of_mistakes_ends() -> None:
    assert found("model f = = g()\n" * 10_000)[-1] == ("E0001/many", MAX_ERRORS + 1)
    assert len(found(") ( ] = : , " * 40_000)) <= MAX_FINDINGS + 1
    assert found("}\n" * 100_000)[-1] == ("E0001/many", MAX_FINDINGS + 1)
    assert len(read("\x01 " * 50_000).diagnostics) == MAX_FINDINGS + 1


def spans_of(node: Any) -> Iterator[tuple[Span, Any]]:
    if dataclasses.is_dataclass(node) and not isinstance(node, type | Source):
        for field in dataclasses.fields(node):
            value = getattr(node, field.name)
            if isinstance(value, Span) and field.name == "span":
                yield value, node
            else:
                yield from spans_of(value)
    elif isinstance(node, tuple) and not isinstance(node, Span):
        for item in node:  # pyright: ignore[reportUnknownVariableType] - fields of every type come here
            yield from spans_of(item)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_spans_lie_within_the_file_and_names_stand_where_they_say(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for span, node in spans_of(parse(Source(path.name, text)).program):
        assert 0 <= span.start < span.end <= len(text)
        if isinstance(node, Name):
            assert text[span.start : span.end] == node.text
        if isinstance(node, Statement):
            assert text.startswith(node.kind.text, span.start)


def respaced(text: str, fill: str) -> str:
    """Put white space and comments where tokens part, outside of texts."""
    pieces = re.split(r'("""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*)', text)
    return "".join(piece if at % 2 else re.sub(r"[ \n]+", fill, piece) for at, piece in enumerate(pieces))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
@pytest.mark.parametrize("fill", ["\n", "  \n\t ", ' # a { comment "\n', "\u3000\n"])
def test_spaces_and_comments_change_nothing(path: Path, fill: str) -> None:
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if '"""' not in line]
    if len(lines) < len(text.split("\n")):
        text = re.sub(r'"""\n(?:.|\n)*?"""', '"block {{ x }}"', text)
    parsed = read(respaced(text, fill))
    assert parsed.diagnostics == ()
    assert parsed.program.items == read(text).program.items


def check(text: str) -> None:
    """Whatever the text, there are only findings, each with words and places inside of it."""
    parsed = read(text)
    for finding in parsed.diagnostics:
        assert finding.entry in catalogue()
        assert all(0 <= place.span.start <= place.span.end <= len(text) for place in finding.places)
        entry = catalogue()[finding.entry]
        slots = set(re.findall(r"\{([a-z_]+)\}", " ".join([entry.message, *entry.labels, entry.help])))
        assert slots <= {name for name, _value in finding.values}
        assert len(entry.labels) >= min(len(finding.places), 1) or finding.entry == "E0001/file_size"
    assert "\x1b" not in render_all(parsed.diagnostics)


SHARDS = [
    *"(){}[],:=|.?<>-+*/\"'#$%@;\\\n ", '"""', "{{", "}}", "..", "->", "for", "in", "from", "limit",
    "return", "case", "type", "x", "意图", "：",
    "9e999", "\x00", "\u202e", "raw", "not",
]  # fmt: skip


@LAW
@given(st.text(max_size=300))
def test_any_text_gives_only_findings(text: str) -> None:
    check(text)


@LAW
@given(st.lists(st.sampled_from(SHARDS), max_size=80).map(" ".join))
def test_any_tokens_give_only_findings(text: str) -> None:
    check(text)


@LAW
@given(st.sampled_from(GOOD_TEXTS), st.data())
def test_a_plan_cut_off_gives_only_findings(text: str, data: st.DataObject) -> None:
    check(text[: data.draw(st.integers(0, len(text)))])


@LAW
@given(st.sampled_from(GOOD_TEXTS), st.data())
def test_a_plan_with_random_changes_gives_only_findings(text: str, data: st.DataObject) -> None:
    for _change in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(["", *SHARDS])) + text[at + gone :]
    check(text)


def test_work_grows_with_the_text_and_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    from msrun.dsl.syntax import machine as parse_machine
    from msrun.dsl.syntax import repair as parse_repair

    steps = 0
    original = parse_machine.advance

    def counted(*args: Any) -> bool:
        nonlocal steps
        steps += 1
        return original(*args)

    monkeypatch.setattr(parse_machine, "advance", counted)
    monkeypatch.setattr(parse_repair, "advance", counted)
    good = "".join(text + "\n" for text in GOOD_TEXTS)
    read(good * 4)
    assert steps == 0, "a valid file is parsed without any trial"
    broken = "model m = = f()\n" + good
    read(broken)
    once = steps
    assert once
    steps = 0
    read(broken + good * 8)
    assert steps <= 2 * once, "a mistake costs what stands around it, not what the file holds"
