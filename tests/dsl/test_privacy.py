"""Personal data in a plan: what is followed, what cannot hold any, and what lets it leave."""

import pytest

from msrun.dsl.front import check_text
from msrun.dsl.plan import ModelSpec, Name, Plan, ToolSpec
from msrun.dsl.privacy.flow import leaks
from msrun.dsl.privacy.trust import trust_of
from msrun.dsl.shapes import TEXT

HEAD = """
model far = openai("gpt-5") { key: secret("K") }
model near = ollama("m")
enum Mood { calm  angry }
type Person { name: pii<text>  age: int  mails: list<pii<text>>  mood: Mood }
type Note { text: text  about: Person? }
fragment name(item: Person) = "{{ item.name }}"
fragment age(item: Person) = "{{ item.age }}"
fragment found(item: Person, value: text) = "{{ item.name }}: {{ value }}"
fragment told(value: text) = "{{ value }}"
fragment outer(text: text) = "<{{ told(text) }}>"
tool here(x: text) -> text = python("a:b")
tool there(x: text) -> text = python("a:b") { trust: external }
tool book(x: text) -> list<Person> = python("a:b")
"""
INPUTS = "m: pii<text>, p: Person, ps: list<Person>, maybe: pii<text>?, note: Note, q: text"


AGES = 'solve a for x in ps using near { prompt: "{{ x.age }}" }'
"""A node whose cells stand for persons and whose values do not tell of them."""


def found(body: str, head: str = HEAD, more: str = "") -> list[str]:
    """Return where the plan would send something outside, as the findings point at it."""
    text = f"{head}\nplan t({INPUTS}) -> json {{\n{body}\n return q\n}}\n{more}"
    diagnostics = check_text("x.plan", text).diagnostics
    errors = [each for each in diagnostics if each.severity == "error"]
    assert {each.code for each in errors} <= {"E0309"}, [(e.entry, e.values) for e in errors]
    return [text[each.places[0].span.start : each.places[0].span.end] for each in errors]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("solve a from m using far", ["m"]),
        ("solve a from [q, m] using far", ["m"]),
        ('solve a from q using far { system: "{{ m }}"  prompt: "{{ q }}" }', ["m"]),
        ("solve a from m using near\nsolve b from a using far", ["a"]),
        ("decompose a from m using near\nsolve b for x in a using far", ["b"]),
        ("solve a from m using near samples 3\nvote b from a\nsolve c from b using far", ["b"]),
        ("solve a from m using near samples 3\nrank b from a keep 2\nsolve c from b using far", ["b"]),
        ("let a = m\nsolve b from a using far", ["a"]),
        ('let a = "{{ q }} {{ m }}"\nsolve b from a using far', ["a"]),
        ("let a = [q, m]\nsolve b from a using far", ["a"]),
        ('let a = m + "!"\nsolve b from a using far', ["a"]),
        ('solve a using far { prompt: "{{ maybe | default(q) }}" }', ["maybe | default(q)"]),
        ('solve a using far { prompt: "{{ q | default(m) }}" }', ["q | default(m)"]),
        ('solve a using far { prompt: "{{ m | upper }}" }', ["m | upper"]),
        ('solve a using far { prompt: "{{ outer(m) }}" }', ["outer(m)"]),
        ('solve a from m as x using far { prompt: "{{ x }}" }', ["x"]),
        ("call a from here(x: m)\nsolve b from a using far", ["a"]),
        ("call a from there(x: m)", ["m"]),
        ("call a from book(x: q)\nsolve b from a using far", ["a"]),
        ("solve a: int from m using near\nsolve b from a using far", ["a"]),
    ],
)
def test_what_is_made_of_personal_data_is_followed(body: str, where: list[str]) -> None:
    assert found(body) == where


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ('solve a using far { prompt: "{{ p.age }} {{ p.mood }}" }', []),
        ('solve a using far { prompt: "{{ p.name }}" }', ["p.name"]),
        ('solve a using far { prompt: "{{ p }}" }', ["p"]),
        ('solve a using far { prompt: "{{ p.mails[0] }}" }', ["p.mails[0]"]),
        ('solve a using far { prompt: "{{ ps | map(.age) | json }}" }', []),
        ('solve a using far { prompt: "{{ ps | map(.name) | json }}" }', ["ps | map(.name) | json"]),
        ('solve a using far { prompt: "{{ ps | each(age) }}" }', []),
        ('solve a using far { prompt: "{{ ps | each(name) }}" }', ["ps | each(name)"]),
        ('solve a using far { prompt: "{{ ps | count }} {{ m | contains("x") }}" }', []),
        ('solve a using far { prompt: "{{ note.text }}" }', []),
        ('solve a using far { prompt: "{{ note }}" }', ["note"]),
        ('solve a for x in ps using far { prompt: "{{ x.age }}" }', []),
        ('solve a for x in ps using far { prompt: "{{ x.name }}" }', ["x.name"]),
        (
            f'{AGES}\nsolve b using far {{ prompt: "{{{{ a | each(told) }}}}" }}',
            [],
        ),
        (
            f'{AGES}\nsolve b using far {{ prompt: "{{{{ a | each(found) }}}}" }}',
            ["a | each(found)"],
        ),
        (
            f'{AGES}\nsolve b using far {{ prompt: "{{{{ a | map(.item) | json }}}}" }}',
            ["a | map(.item) | json"],
        ),
        ('solve a for x in ps given earlier as k using far { prompt: "{{ x.age }} {{ k | each(told) }}" }', []),
        ('solve a for x in ps given earlier as k using far { prompt: "{{ k | each(found) }}" }', ["k | each(found)"]),
        ("classify a: Mood from m using near\nsolve b from a using far", []),
        ("solve a: bool from m using near\nsolve b from a using far", []),
    ],
)
def test_fields_and_items_are_told_apart(body: str, where: list[str]) -> None:
    assert found(body) == where


@pytest.mark.parametrize(
    "body",
    [
        "guard a from m { redact: [phone] }\nsolve b from a using far",
        'let a = declassify(m, reason: "asked for")\nsolve b from a using far',
        'solve a from q using far { prompt: "{{ declassify(p.name, reason: "asked for") }} {{ q }}" }',
        'let a = declassify(p, reason: "asked for")\nsolve b using far { prompt: "{{ a.name }}" }',
        "solve a from m using near",
        "call a from here(x: m)",
        'solve a from q using far when m != ""',
    ],
)
def test_what_may_leave(body: str) -> None:
    assert found(body) == []


def test_a_guard_that_only_denies_lets_personal_data_through() -> None:
    guard = 'guard a from m { deny: moderation("en-default")  on_deny: "no" }\nsolve b from a using far'
    assert found(guard) == ["a"]


def test_what_a_guard_says_instead_is_followed_too() -> None:
    guard = 'guard a from q { redact: [phone]  deny: moderation("en-default")  on_deny: "{{ m }}" }'
    assert found(f"{guard}\nsolve b from a using far") == ["a"]


def test_a_fallback_is_followed_too() -> None:
    body = "solve a from q using near { on_error: fallback  fallback: m }\nsolve b from a using far"
    assert found(body) == ["a"]


def test_graphs_inside_nodes_are_walked() -> None:
    choose = """choose a: text {
      case q == "x" { solve b from m using near return b }
      else { return q }
    }
    solve c from a using far"""
    assert found(choose) == ["a"]
    inside = 'choose a: text { case q == "x" { solve b from m using far return b } else { return q } }'
    assert found(inside) == ["m"]
    loop = """repeat a: text from q limit 3 {
      until a == "x"
      solve b from [a, m] using near
      solve c from a using far
      next b
    }"""
    assert found(loop) == ["a"]


def test_plans_that_are_run_are_walked_with_what_they_are_given() -> None:
    ask = "plan ask(x: text) -> text { solve y from x using far return y }"
    assert found("run a from ask(x: m)", more=ask) == ["m"]
    assert found("run a from ask(x: q)", more=ask) == []
    own = "plan ask(x: text) -> text { solve y from x using near return y }"
    assert found("run a from ask(x: m)\nsolve b from a using far", more=own) == ["a"]
    kept = "plan ask(x: pii<text>) -> text { solve y from x using near return y }"
    assert found("run a from ask(x: q)\nsolve b from a using far", more=kept) == ["a"]


def test_a_plan_that_runs_itself_ends() -> None:
    more = (
        "plan again(x: text, n: int) -> text { run y from again(x: x, n: n) limit 3 when n > 0 return y | default(x) }"
    )
    assert found("run a from again(x: m, n: 3)\nsolve b from a using far", more=more) == ["a"]


def test_the_way_is_shown_from_where_the_data_come_in() -> None:
    body = "solve a from m using near\nlet b = a\nsolve c from b using far\nreturn c"
    text = f"{HEAD}plan t({INPUTS}) -> json {{\n{body}\n}}"
    (finding,) = (
        check_text("x.plan", text).diagnostics[:1]
        if False
        else [each for each in check_text("x.plan", text).diagnostics if each.code == "E0309"]
    )
    assert [text[p.span.start : p.span.end] for p in finding.places] == ["b", "m", "a", "b"]


def plan(model: str = "near") -> Plan:
    text = f"{HEAD}plan t(m: pii<text>) -> text {{ solve a from m using {model} return a }}"
    module = check_text("x.plan", text).module
    assert module is not None
    return module.plan()


def test_a_lowered_plan_can_be_asked_again() -> None:
    assert leaks(plan()) == ()


@pytest.mark.parametrize(
    ("backend", "settings", "trust"),
    [
        ("openai", (), "external"),
        ("openai", (("base_url", "http://127.0.0.1:8080/v1"),), "local"),
        ("openai", (("base_url", "http://localhost/v1"),), "local"),
        ("openai", (("trust", Name("internal")),), "internal"),
        ("ollama", (), "local"),
        ("ollama", (("base_url", "http://10.0.0.5/v1"),), "external"),
        ("ollama", (("base_url", "http://10.0.0.5/v1"), ("trust", Name("local"))), "local"),
        ("transformers", (), "local"),
        ("trained", (), "local"),
        ("acme", (), "external"),
    ],
)
def test_how_far_a_model_is_trusted(backend: str, settings: tuple[tuple[str, str], ...], trust: str) -> None:
    assert trust_of(ModelSpec(name="x", backend=backend, args=("m",), settings=settings)) == trust


def test_how_far_a_tool_is_trusted() -> None:
    tool = ToolSpec(name="x", provider="python", target=("a:b",), params=(), result=TEXT)
    assert trust_of(tool) == "local"
    assert trust_of(ToolSpec(name="x", provider="mcp", target=("a", "b"), params=(), result=TEXT)) == "external"


SESSION = """
type State { item: text?  city: text? }
session chat { state: State }
"""


@pytest.mark.parametrize(
    ("kept", "shown", "where"),
    [
        ("update state = {item: q}", "{{ session.state.item | default(q) }}", []),
        ("update state = {item: m}", "{{ session.state.item | default(q) }}", ["session.state.item | default(q)"]),
        (
            'choose c: text { case q == "x" { update state = {item: m} return q } else { return q } }',
            "{{ session.state.item | default(q) }} {{ c }}",
            ["session.state.item | default(q)"],
        ),
        ("let c = q", "{{ session.history | dialogue }} {{ c }}", ["session.history | dialogue"]),
    ],
)
def test_what_a_session_keeps_comes_back_in_the_next_turn(kept: str, shown: str, where: list[str]) -> None:
    body = f'{kept}\nsolve a using far {{ prompt: "{shown}" }}\nreturn a'
    text = f"{HEAD}{SESSION}plan t(m: pii<text>, q: text) -> text within chat {{\n{body}\n}}"
    errors = [each for each in check_text("x.plan", text).diagnostics if each.severity == "error"]
    assert {each.code for each in errors} <= {"E0309"}, [(e.entry, e.values) for e in errors]
    assert [text[each.places[0].span.start : each.places[0].span.end] for each in errors] == where
