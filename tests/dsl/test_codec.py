"""Plans as JSON: there and back, one spelling, and hostile JSON ends in a CodecError."""

import dataclasses
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msrun.dsl import plan as plans
from msrun.dsl import shapes, tree
from msrun.dsl.codec import MAX_LEVELS, CodecError, canonical, content_hash, decode, encode, read
from msrun.dsl.front import check_text
from msrun.dsl.plan import Input, Module, Node, NodeId, Plan, Policy
from msrun.dsl.shapes import TEXT, ListOf, Named, Range
from msrun.dsl.source import Span
from msrun.dsl.tree import Constant, Get, Hole, ListExpr, Ref, Text
from msrun.dsl.values.cells import Cell

PLAN_TEXT = """
model small = ollama("qwen3:8b") { temperature: 0.5 }

type Step {
  id:    key              "short id"
  ask:   text[..200]      "one question"
  needs: list<ref<Step>>  "ids"
}

fragment fact(item: Step, value: text) = "- {{ item.ask }} => {{ value }}"

plan multi(question: text) -> text {
  decompose steps: Step from question limit 6 { prompt: "Split: {{ question }}" }
  solve facts: text[..80] for step in steps given step.needs as known {
    prompt: "{{ known | each(fact) }} {{ step.ask }}"
    retry: 2
    on_error: skip
  }
  combine answer from facts { prompt: "{{ facts | each(fact) }} {{ question }}" }
  return answer
}
"""


def module() -> Module:
    checked = check_text("multi.plan", PLAN_TEXT)
    assert checked.module is not None, checked.diagnostics
    return checked.module


def test_a_checked_file_goes_there_and_back() -> None:
    before = module()
    told = json.dumps(encode(before))
    assert read(told) == before
    assert read(json.dumps(encode(before.plan()))) == before.plan()
    assert "multi.plan" not in told
    assert "span" not in told


def few(each: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(each, max_size=2).map(tuple)


def named(each: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return few(st.tuples(TEXTS, each))


TEXTS = st.text(max_size=4)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SHAPES: st.SearchStrategy[Any] = st.recursive(
    st.builds(shapes.Scalar, st.sampled_from(["text", "key"]), st.none() | st.builds(Range, NUMBERS, st.none()))
    | st.builds(shapes.Just, TEXTS)
    | st.builds(Named, TEXTS)
    | st.builds(shapes.RefTo, TEXTS)
    | st.builds(shapes.Opaque, TEXTS),
    lambda inner: (
        st.builds(ListOf, inner)
        | st.builds(shapes.MapOf, inner)
        | st.builds(shapes.Maybe, inner)
        | st.builds(shapes.CellOf, inner, inner)
        | st.builds(shapes.UnionOf, few(inner))
    ),
    max_leaves=4,
)
EXPRS: st.SearchStrategy[Any] = st.recursive(
    st.builds(Constant, TEXTS | NUMBERS | st.booleans() | st.none())
    | st.builds(Ref, TEXTS)
    | st.builds(Get, st.none(), TEXTS),
    lambda inner: st.one_of(
        st.builds(Get, inner, TEXTS),
        st.builds(tree.Index, inner, inner),
        st.builds(tree.Binary, st.sampled_from(["or", "==", "+", "in"]), inner, inner),
        st.builds(tree.Unary, st.sampled_from(["not", "-"]), inner),
        st.builds(Text, few(TEXTS | st.builds(Hole, inner)), st.booleans()),
        st.builds(ListExpr, few(inner)),
        st.builds(tree.RecordExpr, few(st.builds(tree.Entry, TEXTS, inner))),
        st.builds(tree.Pipe, inner, TEXTS, st.none() | few(st.builds(tree.Argument, st.none() | TEXTS, inner))),
        st.builds(tree.Call, inner, few(st.builds(tree.Argument, st.none() | TEXTS, inner))),
    ),
    max_leaves=5,
)
SETTINGS: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | TEXTS
    | st.builds(plans.SecretRef, TEXTS)
    | st.builds(plans.Name, TEXTS)
    | st.builds(plans.Rule, EXPRS),
    lambda inner: (
        few(inner) | st.builds(plans.ValueMap, named(inner)) | st.builds(plans.Made, TEXTS, few(inner), named(inner))
    ),
    max_leaves=4,
)
ACTIONS = st.one_of(
    st.builds(plans.Ask, model=TEXTS, prompt=st.builds(Text, few(TEXTS)), settings=named(SETTINGS)),
    st.builds(plans.Invoke, tool=TEXTS, args=named(EXPRS), stream_items=st.booleans()),
    st.builds(plans.Compute, value=EXPRS),
    st.builds(plans.Tally, source=EXPRS, by=st.none() | EXPRS, quorum=st.floats(0, 1)),
    st.builds(plans.Stage, value=st.builds(plans.Made, TEXTS), settings=named(SETTINGS)),
)
NODES = st.builds(
    Node,
    id=TEXTS,
    kind=TEXTS,
    action=ACTIONS,
    shape=SHAPES,
    value_shape=SHAPES,
    reads=few(TEXTS),
    over=st.none() | st.builds(plans.Over, TEXTS, EXPRS),
    given=st.none() | st.builds(plans.Given, st.none() | TEXTS, st.none() | EXPRS),
    when=st.none() | EXPRS,
    policy=st.builds(Policy, retry=st.integers(0, 3), timeout_s=st.floats(0, 9) | st.integers(0, 9)),
)
INPUTS = st.builds(Input, name=TEXTS, shape=SHAPES, required=st.booleans(), default=SETTINGS)
FIELDS = st.builds(shapes.RecordField, TEXTS, SHAPES, TEXTS, st.none() | TEXTS)
TYPES = st.builds(shapes.RecordDef, TEXTS, few(FIELDS)) | st.builds(shapes.EnumDef, TEXTS, named(TEXTS))
PLANS = st.builds(
    Plan,
    name=TEXTS,
    inputs=few(INPUTS),
    params=st.just(()),
    result=SHAPES,
    nodes=few(NODES),
    returns=EXPRS,
    types=few(TYPES),
    file=TEXTS,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(PLANS)
def test_decode_undoes_encode(plan: Plan) -> None:
    told = encode(plan)
    again = decode(json.loads(json.dumps(told)))
    assert again == plan
    assert encode(again) == told
    assert content_hash(again) == content_hash(plan)


def a_plan(**changes: Any) -> Plan:
    node = Node(
        id=NodeId("a"), kind="let", action=plans.Compute(value=Constant(1)), shape=TEXT, value_shape=TEXT, reads=("q",)
    )
    return dataclasses.replace(
        Plan(name="p", inputs=(), params=(), result=TEXT, nodes=(node,), returns=Ref("a"), file="x.plan"), **changes
    )


def test_the_hash_is_what_the_plan_says() -> None:
    assert content_hash(a_plan()) == "3c687f6615fe86509a8b1728b87841bc698fd1cf2c3c1061bea618d666d57c00"
    assert content_hash(a_plan(file="elsewhere.plan", returns=Ref("a", Span(3, 4)))) == content_hash(a_plan())
    changed = [a_plan(name="q"), a_plan(returns=Ref("b")), a_plan(result=ListOf(TEXT)), a_plan(nodes=())]
    assert len({content_hash(plan) for plan in [a_plan(), *changed]}) == 5


def test_the_hash_is_the_same_in_every_process() -> None:
    code = (
        "import sys; from msrun.dsl.codec import content_hash; from msrun.dsl.front import check_text\n"
        "print(content_hash(check_text('other.plan', sys.stdin.read()).module))"
    )
    command = [sys.executable, "-c", code]
    told = {
        subprocess.run(
            command, input=PLAN_TEXT, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {content_hash(module())}


def test_canonical_has_one_spelling() -> None:
    assert canonical({"b": [1, 1.0, None, True], "a": "é\n"}) == '{"a":"é\\n","b":[1,1.0,null,true]}'.encode()
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    assert canonical([Cell("i", {"v": 1}, 0, "ok")]) == b'[{"v":1}]'
    assert canonical("\ud800") == b'"\xed\xa0\x80"'
    for foreign in (float("nan"), {1: 2}, {1}, (1,), b"x", object()):
        with pytest.raises(CodecError):
            canonical(foreign)


GOOD = encode(a_plan())
NODE = GOOD["nodes"][0]
A = {"$": "Ref", "name": "a"}
BAD: list[tuple[Any, str]] = [
    ({"$": "Popen", "args": ["true"]}, "no known type"),
    ({"$": "os.system"}, "no known type"),
    ({"$": ["Plan"]}, "no known type"),
    ({}, "no known type"),
    ({"$": "Plan"}, "Plan lacks its field `name`"),
    ({**GOOD, "extra": 1}, "Plan has no field `extra`"),
    ({**GOOD, "file": "x"}, "Plan has no field `file`"),
    ({**GOOD, "name": 3}, "Plan.name is of the wrong type"),
    ({**GOOD, "nodes": [3]}, "Plan.nodes is of the wrong type"),
    ({**GOOD, "nodes": NODE}, "Plan.nodes is of the wrong type"),
    ({**GOOD, "returns": {"$": "Hole", "expr": A}}, "Plan.returns is of the wrong type"),
    ({**GOOD, "nodes": [{**NODE, "kind": None}]}, "Node.kind is of the wrong type"),
    ({**NODE, "action": {"$": "Policy"}}, "Node.action is of the wrong type"),
    ({**NODE, "span": [0, 1]}, "Node has no field `span`"),
    ({"$": "Compute", "value": A, "kind": "ask"}, "Compute has no field `kind`"),
    ({"$": "Policy", "retry": True}, "Policy.retry is of the wrong type"),
    ({"$": "Policy", "retry": 1.5}, "Policy.retry is of the wrong type"),
    ({"$": "Policy", "on_error": "explode"}, "Policy.on_error is of the wrong type"),
    ({"$": "Binary", "op": "**", "left": A, "right": A}, "Binary.op"),
    ({"$": "EnumDef", "id": "x", "labels": [["a", "b", "c"]]}, "EnumDef.labels is of the wrong type"),
    ({"$": "Input", "name": "x", "shape": GOOD["result"], "default": A}, "Input.default"),
    ({"$": "Scalar", "name": "__class__"}, "Scalar.name is of the wrong type"),
    (object(), "the data is no JSON"),
]


@pytest.mark.parametrize(("data", "message"), BAD)
def test_hostile_json_is_named(data: Any, message: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode(data)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "[", '{"$": "Plan", "$": "Plan"}', "NaN", "[" * 100_000])
def test_text_that_is_no_json_is_named(text: str) -> None:
    with pytest.raises(CodecError, match="cannot be read"):
        read(text)


def test_depth_ends_in_a_named_error() -> None:
    deep: Any = Constant(1)
    for _ in range(5000):
        deep = ListExpr((deep,))
    with pytest.raises(CodecError, match="nested too deeply"):
        encode(deep)
    data: Any = {"$": "Ref", "name": "a"}
    for _ in range(5000):
        data = {"$": "ListExpr", "items": [data]}
    with pytest.raises(CodecError, match="nested too deeply"):
        decode(data)
    chain: Any = Constant(1)
    for _ in range(MAX_LEVELS - 60):
        chain = tree.Binary("+", chain, Constant(1))
    assert decode(encode(chain)) == chain


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_json_gives_a_plan_or_a_named_error(data: st.DataObject) -> None:
    scalars = st.none() | st.booleans() | st.integers() | st.sampled_from(["Plan", "Ref", "text", "a", "+"])
    keys = st.sampled_from(["$", "name", "shape", "items", "item", "expr", "left", "right", "op", "parts", "value"])
    hostile = st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=10
    )
    value = data.draw(hostile | hostile.map(lambda part: {**GOOD, "nodes": [{**NODE, "action": part}]}))
    try:
        found = decode(value)
    except CodecError:
        return
    assert decode(encode(found)) == found


def test_foreign_objects_have_no_json() -> None:
    for foreign in (object(), [1], {"a": 1}, Span, Cell(1, 1, 0, "ok")):
        with pytest.raises(CodecError):
            encode(foreign)
