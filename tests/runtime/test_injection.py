"""Values from outside, in every place where they meet a prompt: none is read as template, none reaches an attribute."""

from typing import TYPE_CHECKING

import pytest

from msrun.backends.port import Request
from msrun.backends.scripted import Answer
from msrun.dsl.front import check_text
from msrun.dsl.tree import Get, Index, Pipe, Ref
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.plain import EvaluationError
from tests.payloads import DUNDERS, PAYLOADS

if TYPE_CHECKING:
    from tests.runtime.conftest import Stage

PLAN = """
fragment line(item: text, value: text) = "<{{ item }}|{{ value }}>"

type Note { said: text }

plan p(items: list<text>, y: text) -> text {
  solve echoes for item in items { prompt: "[{{ item }}]"  system: "({{ item }})" }
  solve notes: Note for item in items { prompt: "{{ item }}" }
  combine all from echoes {
    prompt: "{{ echoes | each(line, "") }}/{{ echoes | map(.value) | join("") }}/{{ notes | map(.said) | join("") }}"
  }
  return all
}
"""


def echo(request: Request) -> Answer:
    """Reply with what was asked: models say what documents told them to."""
    if request.schema is not None:
        return {"said": request.messages[-1].content}
    return request.messages[-1].content.removeprefix("[").removesuffix("]")


@pytest.mark.anyio
async def test_payloads_pass_through_a_run_as_they_are(stage: "Stage") -> None:
    assert len(set(PAYLOADS)) >= 200
    items = sorted(set(PAYLOADS))
    played = await stage.play(PLAN, echo, items=items, y="leaked")
    asked = {request.node: request for request in played.model.requests}
    for at, item in enumerate(items):
        request = asked[f"echoes[{at}]"]
        assert [message.content for message in request.messages] == [f"({item})", f"[{item}]"]
    whole = "".join(items)
    lines = "".join(f"<{item}|{item}>" for item in items)
    assert asked["all"].messages[-1].content == f"{lines}/{whole}/{whole}"


HOLES = ["q.{}", "q[0].{}", "q | map(.{})", "(q | json).{}", "r.{}", "r.inner.{}", '["a"].{}', "3.{}", "earlier.{}"]
NAMES = [name for name in DUNDERS if name.isidentifier()]


@pytest.mark.parametrize("hole", HOLES)
@pytest.mark.parametrize("name", NAMES)
def test_a_plan_that_asks_for_an_attribute_is_refused(hole: str, name: str) -> None:
    text = f"""
    model m = scripted("x")
    type R {{ inner: text }}
    plan p(q: text, r: R) -> text {{
      solve a {{ prompt: "{{{{ {hole.format(name)} }}}}" }}
      return a
    }}
    """
    assert check_text("x.plan", text).module is None


@pytest.mark.parametrize("value", ["a", 3, 2.5, True, None, ["a"], {"a": 1}, b"a", object, print, (1,)])
@pytest.mark.parametrize("name", [*NAMES, "format", "keys", "append", "real", "imag", "__dict__", "__len__", "mro"])
def test_no_expression_reaches_an_attribute_of_a_value(value: object, name: str) -> None:
    for expr in (Get(Ref("x"), name), Pipe(Ref("x"), name, ()), Index(Ref("x"), Ref("name"))):
        with pytest.raises(EvaluationError):
            compile_expr(expr, {})({"x": value, "name": name})
