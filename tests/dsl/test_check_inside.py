"""Nodes with graphs inside: what they become in the plan, what their parts see, and which types they have."""

import pytest

from msrun.dsl.codec import decode, encode
from msrun.dsl.cure import cure
from msrun.dsl.front import check_text
from msrun.dsl.nested import every_node, expressions, plan_nodes, with_nodes
from msrun.dsl.plan import Ask, Choose, Module, Node, Plan, Repeat, Search, Subplan
from msrun.dsl.shapes import FLOAT, INT, TEXT, ListOf, Maybe, Named, spell
from msrun.dsl.tree import Constant, Ref

HEAD = """
model small = scripted("a")
model big = scripted("b")
defaults { model: small }
enum Topic { sport  other }
type Step { text: text  done: bool }
"""


def module(text: str, head: str = HEAD, beside: dict[str, str] | None = None) -> Module:
    checked = check_text("x.plan", head + text, beside=beside or {})
    assert checked.module is not None, [finding.entry for finding in checked.diagnostics]
    assert {finding.entry for finding in checked.diagnostics} <= {"W0402"}  # of the head, each test uses a part
    assert decode(encode(checked.module)) == checked.module
    return checked.module


def node(plan: Plan, name: str) -> Node:
    return {str(each.id): each for each in plan.nodes}[name]


def found(text: str, head: str = HEAD) -> list[str]:
    return [finding.entry for finding in check_text("x.plan", head + text).diagnostics]


def plan_of(body: str, params: str = "question: text", result: str = "") -> str:
    return f"plan ask({params}){result} {{\n{body}\n}}\n"


# --- choose ----------------------------------------------------------------------------------------------------------


def test_an_arm_is_a_graph_of_its_own_that_sees_the_names_around_it() -> None:
    body = """
      classify topic: Topic from question
      choose reply on topic {
        case sport {
          solve draft from question using big
          solve answer from draft
          expect answer != topic
          return answer
        }
        case other { return question }
      }
      return reply
    """
    ask = module(plan_of(body)).plan()
    reply = node(ask, "reply")
    assert isinstance(reply.action, Choose)
    assert reply.action.on == Ref("topic")
    sport, other = reply.action.branches
    assert (sport.label, sport.tests, other.label) == ("sport", (Constant("sport"),), "other")
    assert [(each.id, each.reads) for each in sport.body.nodes] == [("draft", ("question",)), ("answer", ("draft",))]
    assert (sport.body.returns, sport.body.expects[0].reads) == (Ref("answer"), ("answer", "topic"))
    assert (other.body.nodes, other.body.returns) == ((), Ref("question"))
    assert reply.reads == ("topic", "question")
    assert (reply.shape, reply.value_shape, ask.result) == (TEXT, TEXT, TEXT)
    assert {model.name for model in ask.models} == {"small", "big"}


def test_conditions_make_arms_whose_condition_is_known_inside() -> None:
    body = """
      choose reply: text {
        case maybe != null { return maybe }
        case question == "a" and question != "b" { return question }
        else { return "none" }
      }
      return reply
    """
    reply = node(module(plan_of(body, "question: text, maybe: text?")).plan(), "reply")
    assert isinstance(reply.action, Choose)
    assert reply.action.on is None
    assert [(arm.label, len(arm.tests)) for arm in reply.action.branches] == [("case1", 1), ("case2", 1), ("else", 0)]
    assert reply.reads == ("maybe", "question")


@pytest.mark.parametrize(
    ("params", "on", "arms", "labels"),
    [
        ("x: bool", "x", "case true { return 1 } case false { return 2 }", ["true", "false"]),
        ('x: "a" | "b c"', "x", 'case "a" { return 1 } case "b c" { return 2 }', ["a", "case2"]),
        ("x: int", "x", "case 1, -2 { return 1 } else { return 2 }", ["case1", "else"]),
        ("x: text", "x", 'case "yes", "no" { return 1 } else { return 2 }', ["yes", "else"]),
        ("x: Topic?", "x", "case sport { return 1 } case null { return 2 } case Topic.other { return 3 }", None),
        ("x: json", "x", 'case "a" { return 1 } case 2, true { return 2 } else { return 3 }', ["a", "case2", "else"]),
        ("x: list<Topic>", "x | first", "case sport { return 1 } else { return 2 }", ["sport", "else"]),
    ],
)
def test_what_a_choice_may_be_made_by(params: str, on: str, arms: str, labels: list[str] | None) -> None:
    ask = module(plan_of(f"choose n on {on} {{ {arms} }} return n", params)).plan()
    action = node(ask, "n").action
    assert isinstance(action, Choose)
    assert [arm.label for arm in action.branches] == (labels or ["sport", "case2", "other"])
    assert ask.result == INT


@pytest.mark.parametrize(
    ("arms", "shape"),
    [
        ("case urgent { return 1 } else { return 0.5 }", FLOAT),
        ("case urgent { return maybe } else { return question }", Maybe(TEXT)),
        ("case urgent { return null } else { return question }", Maybe(TEXT)),
        ("case urgent { return topic } else { return question }", TEXT),
        ("case urgent { return topic } else { return sport }", Named("Topic")),
    ],
)
def test_arms_agree_on_a_type(arms: str, shape: object) -> None:
    params = 'question: text = "", urgent: bool = true, maybe: text?, topic: Topic = sport'
    checked = check_text("x.plan", HEAD + plan_of(f"choose n {{ {arms} }} return n", params))
    assert checked.module is not None, [finding.entry for finding in checked.diagnostics]
    assert checked.module.plan().result == shape


def test_a_choice_of_every_item_is_a_list_of_cells() -> None:
    body = """
      choose kind: text on item.done for item in steps when item.text != "" {
        case true { return "done" }
        case false {
          solve why from item.text
          return why
        }
      }
      combine answer from kind
      return answer
    """
    kind = node(module(plan_of(body, "steps: list<Step>")).plan(), "kind")
    assert spell(kind.value_shape) == "list<cell<text>>"
    assert kind.over is not None
    assert kind.reads == ("steps",)


def test_a_literal_label_without_quotes_is_quoted_by_the_fix() -> None:
    text = HEAD + plan_of(
        'choose n on x { case calm { return 1 } case "angry" { return 2 } } return n', 'x: "calm" | "angry"'
    )
    assert "E0202/label" in [finding.entry for finding in check_text("x.plan", text).diagnostics]
    mended = cure("x.plan", text)
    assert 'case "calm" {' in mended.text
    assert mended.checked.ok


# --- repeat ----------------------------------------------------------------------------------------------------------


def test_the_name_of_a_loop_is_the_value_so_far_inside() -> None:
    body = """
      repeat draft from question limit 3 using big {
        score mark from draft using small
        until mark >= 0.9
        solve better from draft { prompt: "{{ draft }} {{ mark }}" }
        expect better != ""
        next better
      }
      return draft
    """
    ask = module(plan_of(body)).plan()
    draft = node(ask, "draft")
    assert isinstance(draft.action, Repeat)
    assert (draft.action.start, draft.action.following) == (Ref("question"), Ref("better"))
    assert (draft.reads, draft.limit, draft.shape) == (("question",), Constant(3), TEXT)
    mark, better = draft.action.nodes
    assert (mark.reads, better.reads) == (("draft",), ("draft", "mark"))
    assert [each.action.model for each in (mark, better) if isinstance(each.action, Ask)] == ["small", "big"]
    assert len(draft.action.expects) == 1


def test_a_loop_over_items_starts_from_each() -> None:
    body = """
      repeat better: text from part for part in parts given earlier as known limit 2 {
        until better == question
        solve next_one from [better, known | bullets]
        next next_one
      }
      combine answer from better
      return answer
    """
    better = node(module(plan_of(body, "question: text, parts: list<text>")).plan(), "better")
    assert better.reads == ("parts", "question")
    assert spell(better.value_shape) == "list<cell<text>>"


# --- search ----------------------------------------------------------------------------------------------------------


def test_a_search_gives_a_list_of_steps() -> None:
    body = """
      search path: Step from question as steps limit 60 using big {
        strategy: best_first
        width: 4
        depth: 5
        expand step samples 3
        score value using small
        stop: step.done or (steps | map(.done) | any)
      }
      combine answer from path
      return answer
    """
    ask = module(plan_of(body)).plan()
    path = node(ask, "path")
    action = path.action
    assert isinstance(action, Search)
    assert (action.strategy, action.width, action.depth, action.so_far) == ("best_first", 4, 5, "steps")
    assert (action.expand.id, action.expand.shape, action.expand.value_shape) == ("step", Named("Step"), Named("Step"))
    assert action.expand.samples == Constant(3)
    assert action.score is not None
    assert (path.shape, path.alias, path.reads) == (ListOf(Named("Step")), None, ("question",))
    assert [each.action.model for each in every_node([path]) if isinstance(each.action, Ask)] == ["big", "small"]


def test_default_prompts_of_a_search_show_where_it_started_and_the_path_so_far() -> None:
    ask = module(plan_of("search path from question limit 9 { expand step  score value }\nreturn path")).plan()
    action = node(ask, "path").action
    assert isinstance(action, Search)
    assert action.score is not None
    shown = [each.action.prompt for each in (action.expand, action.score) if isinstance(each.action, Ask)]
    names = [[name for name in ("question", "so_far", "step") if f"'{name}'" in repr(text)] for text in shown]
    assert names == [["question", "so_far"], ["question", "so_far", "step"]]
    assert [each.reads for each in (action.expand, action.score)] == [tuple(each) for each in names]
    assert (action.so_far, action.width, action.depth, action.strategy, action.stop) == ("so_far", 1, 10, "beam", None)


# --- run -------------------------------------------------------------------------------------------------------------

LIB = """
param top: int = 3
model checker = scripted("c")
type Verdict { ok: bool  why: text }
fragment line(item: text) = "- {{ item }}"
tool web(query: text) -> list<text> = python("tools:web")
plan check(claim: text, strict: bool = false) -> Verdict {
  call pages from web(query: claim)
  solve verdict: Verdict from pages { prompt: "{{ pages | each(line) }} {{ strict }} {{ top }}" }
  return verdict
}
"""


def test_a_plan_of_another_file_is_there_with_all_that_it_names() -> None:
    body = """
      run verdict from fact.check(question, strict: true)
      run again from fact.check(claim: verdict.why) when not verdict.ok { on_error: skip }
      combine answer from [verdict, again | default("")]
      return answer
    """
    text = 'import "fact.plan" as fact\n' + HEAD + plan_of(body)
    ask = module(text, "", {"fact.plan": LIB}).plan()
    verdict = node(ask, "verdict")
    assert isinstance(verdict.action, Subplan)
    assert verdict.action.plan == "check"
    assert verdict.action.args == (("claim", Ref("question")), ("strict", Constant(True)))
    assert verdict.shape == Named("Verdict")
    assert node(ask, "again").policy.on_error == "skip"
    (check,) = ask.plans
    assert (check.name, check.plans, [each.name for each in check.models]) == ("check", (), ["checker"])
    assert {model.name for model in ask.models} == {"small", "checker"}
    assert [tool.name for tool in ask.tools] == ["web"]
    assert "line" in {fragment.name for fragment in ask.fragments}
    assert {type_.id for type_ in ask.types} == {"Verdict"}
    assert "top" in {param.name for param in ask.params}


def test_plans_of_one_name_get_ids_of_their_own() -> None:
    other = 'model small = scripted("x")\nplan ask(question: text) -> text {\n  solve a from question\n  return a\n}\n'
    text = 'import "other.plan" as o\n' + HEAD + plan_of("run there from o.ask(question: question)\nreturn there")
    ask = module(text, "", {"other.plan": other}).plan()
    assert [(plan.name, [model.name for model in plan.models]) for plan in ask.plans] == [
        ("other.ask", ["other.small"])
    ]
    assert ask.name == "ask"


def test_plans_that_run_each_other_are_there_once() -> None:
    text = """
    plan even(n: int) -> text {
      choose r: text on n {
        case 0 { return "yes" }
        else {
          run inner from odd(n: n - 1) limit 10
          return inner
        }
      }
      return r
    }
    plan odd(n: int) -> text {
      run r from even(n: n) when n > 0 limit 10
      return r | default("no")
    }
    """
    even, odd = module(text).plans
    assert ([plan.name for plan in even.plans], [plan.name for plan in odd.plans]) == (["odd"], ["even"])


def test_what_a_plan_gives_is_known_before_those_that_run_it_are_checked() -> None:
    text = plan_of("run n from late()\nlet more = n + 1\nreturn more", "") + "plan late() { return 3 }\n"
    assert module(text).plan("ask").result == INT


def test_a_node_may_have_the_name_of_the_plan_that_it_runs() -> None:
    text = plan_of("run late from late()\nreturn late", "") + "plan late() { return 3 }\n"
    assert node(module(text).plan("ask"), "late").reads == ()


def test_a_profile_replaces_the_model_of_a_plan_that_is_run() -> None:
    text = (
        'import check, checker from "fact.plan"\n'
        + plan_of("run verdict from check(claim: question)\nreturn verdict.why")
        + 'profile cheap { model checker = scripted("d") }\n'
    )
    made = module(text, "", {"fact.plan": LIB})
    (cheap,) = made.profiles
    assert [model.args for model in cheap.plans[0].plans[0].models] == [("d",)]
    assert [model.args for model in made.plan().plans[0].models] == [("c",)]
    assert [model.args for model in cheap.plans[0].models] == [("d",)]


def test_a_limit_that_bounds_nothing_is_removed_by_the_fix() -> None:
    text = HEAD + plan_of("run n from late() limit 3\nreturn n", "") + "plan late() { return 3 }\n"
    assert [entry for entry in found(text, "") if entry[0] == "E"] == ["E0104/bound"]
    assert cure("x.plan", text).checked.ok


def test_a_test_runs_a_plan_of_another_file() -> None:
    text = (
        'import check, checker from "fact.plan"\n'
        'test it {\n  mock checker = replies({ok: true, why: "x"})\n'
        '  run out from check(claim: "a")\n  expect out.ok\n}\n'
    )
    made = module(text, "", {"fact.plan": LIB})
    assert [step.plan for step in made.tests[0].runs] == ["check"]
    assert [plan.name for plan in made.others] == ["check"]
    assert [model.name for model in made.tested("check").models] == [mock.model for mock in made.tests[0].mocks]
    with pytest.raises(KeyError):
        made.tested("nothing")


# --- what is around --------------------------------------------------------------------------------------------------


def test_choices_and_loops_nest_and_read_what_is_around_them() -> None:
    body = """
      solve first from question
      repeat draft from first limit 3 {
        choose judged: bool on draft {
          case "" { return false }
          else {
            repeat inner from draft limit 2 {
              until inner == question
              next draft
            }
            return inner == draft
          }
        }
        until judged
        next "x"
      }
      return draft
    """
    ask = module(plan_of(body)).plan()
    draft = node(ask, "draft")
    assert draft.reads == ("first", "question")
    assert [str(each.id) for each in every_node(ask.nodes)] == ["first", "draft", "judged", "inner"]
    assert [str(each.id) for each in plan_nodes(ask)] == ["first", "draft", "judged", "inner"]
    assert {str(each.id): each.reads for each in every_node(ask.nodes)}["inner"] == ("draft", "question")
    read = {part.name for each in every_node(ask.nodes) for part in expressions(each) if isinstance(part, Ref)}
    assert {"first", "draft", "judged"} <= read
    renamed = with_nodes(ask, lambda each: each)
    assert renamed == ask


def test_arms_may_use_the_same_names() -> None:
    arms = " ".join(f"case {word} {{ solve r from question return r }}" for word in ("sport", "other"))
    module(plan_of(f"choose reply on topic {{ {arms} }} return reply", "question: text, topic: Topic"))


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        ("choose a { else { solve b from c return b } } solve c from a return c", ["E0301"]),
        ("choose a { else { return zzz } } return a", ["E0101/alone"]),
        ("choose a { else { solve b from question return b } } return b", ["E0101/alone"]),
        ("repeat a from a limit 2 { until a == question next question } return a", []),
    ],
)
def test_what_is_inside_is_seen_only_there(body: str, entries: list[str]) -> None:
    assert [entry for entry in found(plan_of(body)) if entry[0] == "E"][: len(entries)] == entries


def test_a_name_in_a_clause_of_a_model_is_no_read() -> None:
    body = 'repeat small from question limit 2 { until small == "" solve b from small using big next b }\nreturn small'
    assert node(module(plan_of(body)).plan(), "small").reads == ("question",)


def test_a_model_that_only_an_imported_plan_asks_is_mocked_by_its_name() -> None:
    text = (
        'import "fact.plan" as fact\n'
        'test it {\n  mock checker = replies({ok: true, why: "x"})\n'
        '  run out from fact.check(claim: "a")\n  expect out.ok and calls(checker) == 1\n}\n'
    )
    made = module(text, "", {"fact.plan": LIB})
    assert [mock.model for mock in made.tests[0].mocks] == [made.tested("check").models[0].name]
    twice = 'import "other.plan" as other\n' + text
    found = check_text("x.plan", twice, beside={"fact.plan": LIB, "other.plan": LIB}).diagnostics
    assert "E0805" in {finding.code for finding in found}  # it is open which of the two is meant
