"""A stage for plans: scripted models, fake tools, every event kept; on asyncio, and on trio with a clock that jumps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from trio.testing import MockClock

from msrun.backends.port import Request
from msrun.backends.scripted import Answer, Scripted
from msrun.dsl.front import check_text
from msrun.dsl.plan import Plan, ToolSpec
from msrun.dsl.render import render_all
from msrun.runtime.engine import Outcome, execute
from msrun.runtime.events import Event
from msrun.runtime.journal import Journal, MemoryJournal

E = TypeVar("E")  # a kind of event

MODEL = 'model m = scripted("unused")\n'


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """Trio's clock jumps over every wait, so that times can be compared exactly there."""
    if request.param == "asyncio":
        return "asyncio"
    return "trio", {"clock": MockClock(autojump_threshold=0)}


def compiled(text: str) -> Plan:
    """Check a plan's text, which may use the model `m`, and return the plan."""
    checked = check_text("test.plan", MODEL + text)
    assert checked.module is not None, render_all(checked.diagnostics)
    return checked.module.plan()


@dataclass(slots=True)
class FakeTool:
    """A tool that is a function of its arguments and of the callback for items."""

    name: str
    function: Callable[..., Any]

    async def call(self, args: Mapping[str, Any], emit_item: Callable[[Any], None] | None = None) -> Any:
        return await self.function(args, emit_item)


@dataclass(slots=True)
class Played:
    """What a run gave, said and asked."""

    outcome: Outcome
    events: list[Event]
    model: Scripted

    @property
    def value(self) -> Any:
        assert self.outcome.status == "ok", self.outcome.failure
        return self.outcome.value

    @property
    def prompts(self) -> list[str]:
        return [request.messages[-1].content for request in self.model.requests]

    def all(self, kind: type[E]) -> list[E]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def at(self, kind: type[E], node: str, index: int | None = None) -> float:
        """Return when the first event of a node (or of a cell of it) happened."""
        for event in self.events:
            cell = getattr(event, "cell", getattr(event, "index", None))
            if isinstance(event, kind) and getattr(event, "node", None) == node and cell == index:
                return event.at_s
        raise AssertionError(f"{kind.__name__} of {node} never happened")


@dataclass(slots=True)
class Stage:
    """Plays plans. What is played last is kept in `events`, for runs that do not return."""

    events: list[Event] = field(default_factory=list[Event])

    def plan(self, text: str) -> Plan:
        return compiled(text)

    async def play(
        self,
        plan: str | Plan,
        replies: Sequence[Answer] | Callable[[Request], Answer] = (),
        *,
        nodes: Mapping[str, Sequence[Answer] | Callable[[Request], Answer]] | None = None,
        model: Scripted | None = None,
        tools: Mapping[str, Callable[..., Any]] | None = None,
        journal: Journal | None = None,
        delay_s: float | Callable[[Request], float] = 0.0,
        piece: int | None = None,
        piece_delay_s: float = 0.0,
        seed: int = 0,
        width: int = 64,
        run: str | None = None,
        **inputs: Any,
    ) -> Played:
        plan = compiled(plan) if isinstance(plan, str) else plan
        model = model or Scripted(replies, nodes=nodes or {}, delay_s=delay_s, piece=piece, piece_delay_s=piece_delay_s)
        self.events.clear()

        def open_tool(spec: ToolSpec) -> FakeTool:
            return FakeTool(spec.name, (tools or {})[spec.name])

        outcome = await execute(
            plan,
            inputs,
            backends=lambda _spec: model,
            tools=open_tool,
            journal=journal or MemoryJournal(),
            on_event=self.events.append,
            seed=seed,
            width=width,
            run=run,
        )
        return Played(outcome, list(self.events), model)


@pytest.fixture
def stage() -> Stage:
    return Stage()
