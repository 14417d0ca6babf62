"""What a node waits for, what it follows item by item, and how urgent it is."""

from typing import TYPE_CHECKING

from msrun.dsl.plan import Ask
from msrun.runtime.recipe import rank, recipes

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

PLAN = """
plan p(q: text, xs: list<text>) -> text {
  decompose parts from q
  decompose whole from q { stream: false }
  solve a for part in parts { prompt: "{{ part }}" }
  solve b for y in a { prompt: "{{ y }} {{ parts | count }}" }
  solve c for y in b { prompt: "{{ y }} {{ b | count }}" }
  solve d for w in whole { prompt: "{{ w }}" }
  solve draws from q samples 3 { prompt: "{{ q }}" }
  solve given from q samples 3 { prompt: "{{ q }}"  on_error: skip }
  solve e for draw in draws when a | contains("x") { prompt: "{{ draw }}" }
  solve f for g in given { prompt: "{{ g }}" }
  let all = [c | json, d | json, e | json, f | json]
  return all | json
}
"""


def test_lists_that_come_bit_by_bit_are_followed_unless_the_node_needs_them_whole(stage: "Stage") -> None:
    made = recipes(stage.plan(PLAN.replace("solve given", "solve taken").replace("in given", "in taken")).nodes, {}, {})
    assert {id_: (recipe.follows, set(recipe.waits)) for id_, recipe in made.items() if recipe.node.over} == {
        "a": ("parts", set()),
        "b": ("a", {"parts"}),
        "c": (None, {"b"}),
        "d": (None, {"whole"}),
        "e": ("draws", {"a"}),
        "f": (None, {"taken"}),
    }


def test_urgency_counts_the_calls_up_to_the_end(stage: "Stage") -> None:
    made = recipes(stage.plan(PLAN.replace("solve given", "solve taken").replace("in given", "in taken")).nodes, {}, {})
    calls = {id_: int(isinstance(recipe.node.action, Ask)) for id_, recipe in made.items()}
    assert rank(made, calls) == 4
    urgency = {id_: recipe.urgency for id_, recipe in made.items()}
    assert urgency == {
        "parts": 4, "whole": 2, "a": 3, "b": 2, "c": 1, "d": 1, "draws": 2, "taken": 2, "e": 1, "f": 1, "all": 0
    }  # fmt: skip
