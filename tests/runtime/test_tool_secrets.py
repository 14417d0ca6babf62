"""Secrets that tools are called with: the tool gets them, and nothing that is kept or told has them."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from msrun.backends.port import BackendFault
from msrun.dsl.front import check_text
from msrun.dsl.plan import Invoke, ToolSpec
from msrun.runtime.engine import Outcome, execute
from msrun.runtime.journal import MemoryJournal
from msrun.runtime.views.wire import to_json

pytestmark = pytest.mark.anyio

SECRET = "s3cr3t-value-1234567890"
PLAN = """
tool fetch(url: text, key: secret) -> text = python("web:fetch")
plan p(url: text) -> text {
  call page from fetch(url: url, key: secret("WEB_KEY"))
  return page
}
"""


class Fetch:
    """A tool that repeats what it was given."""

    name = "fetch"

    def __init__(self, *, fails: bool = False) -> None:
        self.got: list[Mapping[str, Any]] = []
        self.fails = fails

    async def call(self, args: Mapping[str, Any], emit_item: Callable[[Any], None] | None = None) -> Any:
        self.got.append(args)
        if self.fails:
            raise BackendFault("tool", f"the key {args['key']} is wrong")
        return f"page of {args['url']} for {args['key']}"


async def play(tool: Fetch, value: str | None = SECRET) -> tuple[Outcome, str]:
    checked = check_text("x.plan", PLAN)
    assert checked.module is not None
    journal, events = MemoryJournal(), list[str]()

    def open_tool(_spec: ToolSpec) -> Fetch:
        return tool

    outcome = await execute(
        checked.module.plan(),
        {"url": "u"},
        backends=lambda _spec: pytest.fail("no model is called"),
        tools=open_tool,
        journal=journal,
        on_event=lambda event: events.append(to_json(event)),
        secret=lambda name: value if name == "WEB_KEY" else None,
    )
    return outcome, "\n".join([*events, repr(journal), repr(outcome)])


def test_a_secret_is_kept_by_its_name_alone() -> None:
    checked = check_text("x.plan", PLAN)
    assert checked.module is not None
    action = checked.module.plan().node("page").action
    assert isinstance(action, Invoke)
    assert action.secrets == (("key", "WEB_KEY"),)
    assert [name for name, _ in action.args] == ["url"]


async def test_the_tool_gets_the_secret_and_nothing_else_has_it() -> None:
    tool = Fetch()
    outcome, told = await play(tool)
    assert tool.got == [{"url": "u", "key": SECRET}]
    assert outcome.value == "page of u for [secret]"
    assert SECRET not in told


async def test_what_a_tool_says_where_it_fails_has_no_secret() -> None:
    outcome, told = await play(Fetch(fails=True))
    assert outcome.failure is not None
    assert "the key [secret] is wrong" in outcome.failure.message
    assert SECRET not in told


async def test_a_secret_that_is_not_set_ends_the_run() -> None:
    tool = Fetch()
    outcome, _ = await play(tool, None)
    assert outcome.failure is not None
    assert outcome.failure.fault == "auth"
    assert "`WEB_KEY` is not set" in outcome.failure.message
    assert tool.got == []
