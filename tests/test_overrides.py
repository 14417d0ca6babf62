from collections.abc import Mapping
from pathlib import Path

import pytest

from msrun.api import load
from msrun.dsl.front import check_text
from msrun.dsl.nested import plan_nodes
from msrun.dsl.plan import Ask, Input, ModelSpec, Module, Name, Node, NodeId, Plan, Settings, Value, ValueMap
from msrun.dsl.shapes import INT, TEXT, ListOf
from msrun.dsl.tree import Constant, Text
from msrun.errors import NotAllowed, OverrideInvalid
from msrun.overrides import literal, set_values, split, swap_models
from msrun.preflight import refuse_ungranted, used_models, used_tools

HEAT = "0 is the likeliest reply, 1 the model's own spread"
SMALL = ModelSpec(name="small", backend="ollama", args=("a",), settings=(("temperature", 0.7), ("url", "x")))
STRONG = ModelSpec(name="strong", backend="openai", args=("b",), named=(("max_tokens", 10),))


def node(name: str, model: str, settings: Settings = ()) -> Node:
    action = Ask(model=model, prompt=Text(("?",)), settings=settings)
    return Node(id=NodeId(name), kind="solve", action=action, shape=TEXT, value_shape=TEXT, reads=())


PLAN = Plan(
    name="ask",
    inputs=(),
    params=(
        Input(name="style", shape=TEXT, required=False, default="plain"),
        Input(name="rounds", shape=INT, required=False, default=1),
        Input(name="words", shape=ListOf(TEXT), required=False, default=()),
    ),
    result=TEXT,
    nodes=(node("facts", "small"), node("answer", "small", (("top_p", 0.5),))),
    returns=Constant(None),
    models=(SMALL,),
)
MODULE = Module(file="x.plan", plans=(PLAN,), models=(SMALL, STRONG))


def test_a_models_setting_is_replaced_or_added() -> None:
    plan = set_values(PLAN, {"small.temperature": "0.2", "small.max_tokens": "1k"})
    assert plan.models[0].settings == (("temperature", 0.2), ("url", "x"), ("max_tokens", 1000))


def test_a_named_argument_is_replaced_where_it_stands() -> None:
    plan = set_values(swap_models(MODULE, PLAN, {"small": "strong"}), {"strong.max_tokens": "20"})
    assert plan.models[0].named == (("max_tokens", 20),)
    assert plan.models[0].settings == ()


def test_an_option_is_a_name() -> None:
    assert dict(set_values(PLAN, {"small.trust": "local"}).models[0].settings)["trust"] == Name("local")


def test_a_nodes_setting_is_replaced_in_that_node_only() -> None:
    plan = set_values(PLAN, {"answer.top_p": "90%"})
    settings = [action.settings for action in (n.action for n in plan.nodes) if isinstance(action, Ask)]
    assert settings == [(), (("top_p", 0.9),)]


@pytest.mark.parametrize(
    ("name", "given", "default"),
    [
        ("style", "formal", "formal"),
        ("style", "7", "7"),
        ("rounds", "3", 3),
        ("rounds", 4, 4),
        ("words", '["a", "b"]', ("a", "b")),
        ("words", ["c"], ("c",)),
    ],
)
def test_a_param_gets_a_value_of_its_type(name: str, given: object, default: Value) -> None:
    plan = set_values(PLAN, {name: given})
    assert {param.name: param.default for param in plan.params}[name] == default


@pytest.mark.parametrize(
    ("values", "message", "help_line"),
    [
        ({"smal.temperature": "1"}, "there is no model or node `smal`", "did you mean `small`?"),
        ({"small.temprature": "1"}, "there is no setting `temprature`", "did you mean `temperature`?"),
        ({"stile": "x"}, "there is no param `stile`", "did you mean `style`?"),
        ({"small.temperature": "hot"}, "`small.temperature` takes a number from 0 to 2, got 'hot'", HEAT),
        ({"small.temperature": "3"}, "`small.temperature` takes a number from 0 to 2, got 3", HEAT),
        ({"small.url": "7"}, "`small.url` cannot be 7", "change it in the file"),
        ({"rounds": "many"}, "`rounds`: expected a whole number, got 'many'", ""),
        ({"words": "[1]"}, "`words`: [0]: expected a text, got 1", ""),
    ],
)
def test_unknown_names_and_wrong_types_are_errors(values: Mapping[str, str], message: str, help_line: str) -> None:
    with pytest.raises(OverrideInvalid) as caught:
        set_values(PLAN, values)
    assert (caught.value.message, caught.value.help) == (message, help_line)


def test_a_model_is_swapped_everywhere_it_is_used() -> None:
    plan = swap_models(MODULE, PLAN, {"small": "strong"})
    assert [n.action.model for n in plan.nodes if isinstance(n.action, Ask)] == ["strong", "strong"]
    assert plan.models == (STRONG,)
    assert PLAN.models == (SMALL,)


def test_a_swap_names_models_of_the_file() -> None:
    with pytest.raises(OverrideInvalid, match="there is no model `string`") as caught:
        swap_models(MODULE, PLAN, {"small": "string"})
    assert caught.value.help == "did you mean `strong`?"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.2", 0.2),
        ("3", 3),
        ("-1", -1),
        ("20ms", 0.02),
        ("2min", 120.0),
        ("80%", 0.8),
        ("$0.10", 0.1),
        ("60k", 60000),
        ("1.5M", 1_500_000.0),
        ("true", True),
        ("null", None),
        ('["a", {"b": 1}]', ("a", ValueMap((("b", 1),)))),
        ("3 cats", "3 cats"),
        ("[", "["),
    ],
)
def test_settings_are_read_as_the_language_reads_them(text: str, value: Value) -> None:
    read = literal(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("pair", ["style", "=x", "  =x"])
def test_a_pair_needs_a_name_and_a_sign(pair: str) -> None:
    with pytest.raises(OverrideInvalid, match="--set takes NAME=VALUE"):
        split(pair, "--set")


def test_a_value_may_hold_signs() -> None:
    assert split("style = a=b", "--set") == ("style", " a=b")


NESTED = """
import check, checker from "fact.plan"
model small = scripted("a")
model strong = scripted("b")
defaults { model: small }
tool web(query: text) -> text = python("tools:web")
plan ask(question: text) -> text {
  repeat draft from question limit 2 {
    run verdict from check(claim: draft)
    until verdict == "good"
    choose better: text {
      case question == "" {
        call page from web(query: draft)
        return page
      }
      else {
        solve improved from draft using strong
        return improved
      }
    }
    next better
  }
  return draft
}
"""
FACT = """
param top: int = 3
model checker = scripted("c")
plan check(claim: text) -> text {
  solve told from claim { prompt: "{{ claim }} {{ top }}" }
  return told
}
"""


def nested() -> Module:
    module = check_text("x.plan", NESTED, beside={"fact.plan": FACT}).module
    assert module is not None
    return module


def asked(plan: Plan) -> dict[str, Ask]:
    return {str(each.id): each.action for each in plan_nodes(plan) if isinstance(each.action, Ask)}


def test_what_stands_inside_of_nodes_and_in_plans_that_are_run_is_changed_too() -> None:
    module = nested()
    plan = swap_models(module, module.plan(), {"checker": "small", "strong": "small"})
    assert {name: action.model for name, action in asked(plan).items()} == {"told": "small", "improved": "small"}
    assert [[model.name for model in each.models] for each in (plan, *plan.plans)] == [["small"], ["small"]]
    set_ = set_values(module.plan(), {"improved.temperature": "0.5", "checker.delay": "2s", "top": "5"})
    assert asked(set_)["improved"].settings == (("temperature", 0.5),)
    models = [model for each in (set_, *set_.plans) for model in each.models if model.name == "checker"]
    assert [dict(model.settings or model.named)["delay"] for model in models] == [2.0, 2.0]
    assert [param.default for each in (set_, *set_.plans) for param in each.params] == [5, 5]
    told = set_values(module.plan(), {"told.temperature": "0.5"})
    assert asked(told)["told"].settings == (("temperature", 0.5),)


def test_models_and_tools_inside_of_nodes_are_in_use() -> None:
    plan = nested().plan()
    assert {model.name for model in used_models(plan)} == {"strong", "checker"}
    assert [tool.name for tool in used_tools(plan)] == ["web"]
    with pytest.raises(NotAllowed, match="web"):
        refuse_ungranted(plan, ())
    refuse_ungranted(plan, ("tool:web",))


PRIVATE = """
model near = ollama("a")
model far = openai("b") { key: secret("K") }
plan ask(message: pii<text>) -> text { solve answer from message using near return answer }
"""


@pytest.mark.parametrize(
    ("models", "settings"),
    [({"near": "far"}, {}), ({}, {"near.trust": "external"}), ({}, {"near.base_url": "https://api.example.org/v1"})],
)
def test_no_override_sends_personal_data_outside(
    tmp_path: Path, models: dict[str, str], settings: dict[str, str]
) -> None:
    (tmp_path / "x.plan").write_text(PRIVATE, encoding="utf-8")
    with pytest.raises(OverrideInvalid, match=r"`answer` would send personal data to `(near|far)`, which is outside"):
        load(tmp_path / "x.plan", models=models, settings=settings)
    load(tmp_path / "x.plan", models=models, settings={**settings, f"{'far' if models else 'near'}.trust": "internal"})
