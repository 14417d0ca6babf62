"""Random worlds: plans, a model with random latencies and faults, and what a plan gives when it is done one by one."""

import json
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib import import_module
from random import Random
from typing import Any

import anyio
import pytest
from trio import run as run_trio
from trio.testing import MockClock

from msrun.backends.port import BackendFault, Emit, FaultKind, Reply, Request, Usage
from msrun.dsl.front import check_text
from msrun.dsl.plan import Node, Plan, ToolSpec
from msrun.dsl.render import render_all
from msrun.runtime.engine import Outcome, execute
from msrun.runtime.events import Event
from msrun.runtime.journal import CallKey, Done, Intent, MemoryJournal
from msrun.runtime.tools import Tool
from tests.simulation.reference import by_path, written

MAX_INSIDE = 2
"""Graphs inside each other in a random plan."""

HEAD = """
model m = scripted("unused")
type Step { id: key  ask: text  needs: list<ref<Step>> }
"""


def number(*parts: object) -> int:
    """Return a number that looks random and follows from the parts."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=6).digest(), "big")


def chance(*parts: object) -> float:
    """Return a number from 0 to 1 that follows from the parts."""
    return number(*parts) / 2**48


# --- plans -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Writer:
    """Writes a random plan: every node reads earlier names, the lines are shuffled."""

    random: Random
    lines: list[str] = field(default_factory=list[str])
    values: list[str] = field(default_factory=lambda: ["q"])  # what a prompt may show, as JSON
    lists: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # name and what its items are
    marks: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # cells of one text, and over what

    texts: set[str] = field(default_factory=lambda: {"q"})  # values that are texts, or null
    inside: int = 0  # how deep it stands in other graphs
    name: str = ""  # what the names of its nodes begin with
    plans: list[str] = field(default_factory=list[str])  # that it runs

    def plan(self, *, nested: bool = False) -> str:
        body = self.body(self.random.randint(2, 5) if nested else self.random.randint(3, 11), nested=nested)
        own = f"plan p(q: text) -> text {{\n{body}\n  return all | json\n}}"
        return "\n".join([HEAD, *self.plans, own])

    def body(self, count: int, *, nested: bool) -> str:
        """Write so many nodes, and one more that reads all of them."""
        for at in range(count):
            kinds = ["solve", "solve", "decompose", "samples", "let"] + ["cells"] * (4 if self.lists else 0)
            kinds += ["rank"] * len(self.marks)
            if nested and self.inside < MAX_INSIDE:
                kinds += ["run", "choose", "repeat", "search"] * 2
            getattr(self, "_" + self.random.choice(kinds))(f"{self.name}n{at}")
        names = [name for name in self.values if name.startswith(f"{self.name}n")]
        parts = ", ".join(self._text(name) for name in names)
        self.lines.append(f"  let {self.name}all = [{parts}]")
        self.random.shuffle(self.lines)
        return "\n".join(self.lines)

    def _reads(self, most: int = 3) -> str:
        names = self.random.sample(self.values, self.random.randint(1, min(most, len(self.values))))
        return " ".join(f"{{{{ {name} | json }}}}" for name in names)

    def _text(self, name: str) -> str:
        """Return a value as a text; one that is stays as it is: JSON of JSON of JSON would double its backslashes."""
        return f'{name} | default("-")' if name in self.texts else f"{name} | default(null) | json"

    def _policy(self) -> str:
        words = ["retry: 2"]
        if self.random.random() < 0.25:
            words.append(f"parallel: {self.random.randint(1, 3)}")
        if self.random.random() < 0.3:
            words.append("on_error: skip")
        return "  ".join(words)

    def _solve(self, name: str) -> None:
        when = " when q != q" if self.random.random() < 0.1 else ""
        self.lines.append(f'  solve {name} from q{when} {{ prompt: "{self._reads()}"  {self._policy()} }}')
        self.values.append(name)
        self.texts.add(name)

    def _decompose(self, name: str) -> None:
        stream = "stream: false" if self.random.random() < 0.2 else ""
        self.lines.append(f'  decompose {name}: Step from q {{ prompt: "{self._reads(2)}"  repair: 1  {stream} }}')
        self.lists.append((name, "step"))
        self.values.append(name)

    def _samples(self, name: str) -> None:
        draws = self.random.randint(1, 4)
        self.lines.append(f'  solve {name} from q samples {draws} {{ prompt: "{self._reads()}"  retry: 2 }}')
        self.lists.append((name, "text"))
        self.values.append(name)

    def _let(self, name: str) -> None:
        if self.lists and self.random.random() < 0.5:
            votable = self.random.choice(self.lists)[0]
            self.lines.append(f"  let {name} = {votable} | default([]) | count")
        else:
            self.lines.append(f"  let {name} = {self._text(self.random.choice(self.values))}")
            self.texts.add(name)
        self.values.append(name)

    def _cells(self, name: str) -> None:
        source, item = self.random.choice(self.lists)
        given, show = self.random.choice(
            [("", "")] * 2
            + [(" given earlier as known", " {{ known | json }}")]
            + ([(" given x.needs as known", " {{ known | json }}")] * 2 if item == "step" else [])
        )
        samples = f" samples {self.random.randint(1, 3)}" if self.random.random() < 0.2 else ""
        when = ""
        if item == "step" and self.random.random() < 0.3:
            when = ' when x.id != "s1"'
        reads = f" {self._reads(1)}" if self.random.random() < 0.3 else ""
        header = f"  solve {name} for x in {source}{given}{samples}{when}"
        self.lines.append(f'{header} {{ prompt: "{{{{ x | json }}}}{show}{reads}"  {self._policy()} }}')
        self.lists.append((name, "cell"))
        self.values.append(name)
        if not samples:
            self.marks.append((name, source))

    def _rank(self, name: str) -> None:
        marks, source = self.random.choice(self.marks)
        ranked = f"{source} by {marks}" if self.random.random() < 0.7 else marks
        keep = self.random.choice(["", " keep 1", " keep 2"])
        order = self.random.choice(["", " { order: lowest }"])
        self.lines.append(f"  rank {name} from {ranked}{keep}{order}")
        self.values.append(name)

    # --- graphs inside -----------------------------------------------------------------------------------------------

    def _graph(self, name: str, *more: str, own: bool = False) -> tuple[str, "Writer"]:
        """Write a graph inside a node. It sees the values around it and `more`; a plan of its `own` sees only `q`."""
        values, lists = (["q"], []) if own else ([*self.values, *more], list(self.lists))
        writer = Writer(
            self.random,
            values=values,
            lists=lists,
            texts={"q"} if own else {*self.texts, *more},
            inside=self.inside + 1,
            name=f"{name}_",
            plans=self.plans,
        )
        return writer.body(self.random.randint(1, 3), nested=True), writer

    def _group(self, name: str) -> tuple[str, str, str, str]:
        """Return a text that a group may read, its `for`, its `when` and its settings."""
        settings = "on_error: skip" if self.random.random() < 0.4 else ""
        over, read = "", self._text(self.random.choice(self.values))
        if self.lists and self.random.random() < 0.5:
            binder = f"{name}_x"
            over, read = f" for {binder} in {self.random.choice(self.lists)[0]}", f"{binder} | json"
            settings += f" parallel: {self.random.randint(1, 3)}" if self.random.random() < 0.3 else ""
        when = " when q != q" if self.random.random() < 0.1 else ""
        return read, over, when, settings

    def _add(self, name: str, over: str, line: str) -> None:
        self.lines.append(line)
        self.values.append(name)
        if over:
            self.lists.append((name, "cell"))
        elif not line.lstrip().startswith("search"):
            self.texts.add(name)

    def _run(self, name: str) -> None:
        graph, _ = self._graph(name, own=True)
        self.plans.append(f'plan {name}_p(q: text) -> text {{\n{graph}\n  return {name}_all | join(" ")\n}}')
        read, over, when, settings = self._group(name)
        self._add(name, over, f"  run {name} from {name}_p(q: {read}){over}{when} {{ {settings} }}")

    def _choose(self, name: str) -> None:
        (one, _), (other, _) = self._graph(f"{name}_a"), self._graph(f"{name}_b")
        read, over, when, settings = self._group(name)
        test = self.random.choice([f'({read}) != "null"', f'({read}) | contains("1")', 'q == "why"'])
        arms = f'case {test} {{\n{one}\n  return {name}_a_all | join(" ") }}\n'
        arms += f'  else {{\n{other}\n  return {name}_b_all | join(" ") }}'
        self._add(name, over, f"  choose {name}: text{over}{when} {{ {settings}\n{arms} }}")

    def _repeat(self, name: str) -> None:
        graph, inside = self._graph(name, name)
        judged = self.random.choice([value for value in inside.values if value.startswith(f"{name}_n")])
        until = f'(({inside._text(judged)}) + {name}) | contains("{self.random.randint(0, 9)}")'
        read, over, when, settings = self._group(name)
        header = f"  repeat {name}: text from {read}{over}{when} limit {self.random.randint(1, 3)}"
        ends = f'  until {until}\n  next {name}_all | join(" ")'
        self._add(name, over, f"{header} {{ {settings}\n{graph}\n{ends} }}")

    def _search(self, name: str) -> None:
        random = self.random
        read, over, when, settings = self._group(name)
        header = f"  search {name}: text from {read} as {name}_path{over}{when} limit {random.randint(1, 25)}"
        strategy = random.choice(["beam", "best_first", "depth_first"])
        settings += f" strategy: {strategy}  width: {random.randint(1, 3)}  depth: {random.randint(1, 4)}"
        settings += f' stop: {name}_s | contains("7")' if random.random() < 0.5 else ""
        skip = "on_error: skip" if random.random() < 0.3 else ""
        prompt = f"{{{{ {name}_path | json }}}} {self._reads(1)}"
        expand = f'expand {name}_s samples {random.randint(1, 3)} {{ prompt: "{prompt}"  {skip} }}'
        score = f'score {name}_v: float {{ prompt: "{{{{ {name}_s }}}}" }}' if random.random() < 0.6 else ""
        self._add(name, over, f"{header} {{ {settings}\n    {expand}\n    {score}\n  }}")


# --- the model -------------------------------------------------------------------------------------------------------

TRANSIENT: tuple[FaultKind, ...] = ("connect", "timeout", "rate_limit", "upstream", "truncated", "malformed")


@dataclass(slots=True)
class World:
    """A model whose answers follow from what it is asked; when they come, and after how many faults, from a seed.

    `refusing`: some calls of nodes that do not skip errors are refused, so that the run has to fail.
    """

    seed: int
    plan: Plan
    refusing: bool = False
    open: int = 0
    most: int = 0
    calls: int = 0
    nodes: dict[str, tuple[Node, bool]] = field(init=False)
    _tries: Counter[tuple[object, ...]] = field(default_factory=Counter[tuple[object, ...]])

    def __post_init__(self) -> None:
        self.nodes = by_path(self.plan)

    def answer(self, label: str, prompt: str, seed: int) -> str | None:
        """Return what a call gives in the end, None where it is refused."""
        node, inside = self.nodes[written(label)]
        may = self.refusing or inside or node.policy.on_error == "skip"
        if may and chance(self.seed, "refuse", label, prompt, seed) < 0.15:
            return None
        if node.kind == "score":
            return f"{number(prompt) % 100 / 100}"
        return f"{label}/{number(prompt) % 1000}/{seed % 100}"

    def steps(self, prompt: str) -> list[dict[str, Any]]:
        """Return the items of a decomposition; what they need may come later in the list."""
        random = Random(number(prompt))
        ids = [f"s{at}" for at in range(random.randint(0, 6))]
        random.shuffle(ids)
        needs = {id_: random.sample(ids[:at], random.randint(0, min(at, 2))) for at, id_ in enumerate(ids)}
        random.shuffle(ids)
        return [{"id": id_, "ask": f"{number(prompt, id_) % 100}", "needs": needs[id_]} for id_ in ids]

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        """See Backend."""
        key = (request.node, request.messages[0].content, request.seed)
        self._tries[key] += 1
        random = Random(number(self.seed, key, self._tries[key]))
        self.open += 1
        self.calls += 1
        self.most = max(self.most, self.open)
        try:
            await anyio.sleep(random.choice([0.0, 0.1, 1.0, 1.0, random.paretovariate(1.2)]))
            faults = number(self.seed, "faults", key) % 8
            broken = self._tries[key] <= (faults if faults <= 2 else 0)
            if self.nodes[written(request.node)][0].kind == "decompose":
                return await self._decompose(request, emit, random, broken=broken)
            if broken:
                raise BackendFault(random.choice(TRANSIENT), "try again")
            text = self.answer(*key)
            if text is None:
                raise BackendFault("refused", "will not")
            return Reply(text=text, usage=Usage(completion_tokens=1))
        finally:
            self.open -= 1

    async def aclose(self) -> None:
        """See Backend."""

    async def _decompose(self, request: Request, emit: Emit | None, random: Random, *, broken: bool) -> Reply:
        items = self.steps(request.messages[0].content)
        wrong = len(request.messages) == 1 and chance(self.seed, "wrong", request.seed) < 0.3
        if wrong or broken:
            items = _garbled(items, random, wrong=wrong)
        text = json.dumps(items)
        pieces = _cut(text, random)
        for piece in pieces[: random.randrange(len(pieces)) if broken else None]:
            await anyio.sleep(random.choice([0.0, 0.0, 0.2]))
            if emit is not None:
                emit(piece)
        if broken:
            raise BackendFault("truncated", "the stream broke")
        return Reply(text=text, usage=Usage(completion_tokens=1))


def _garbled(items: list[dict[str, Any]], random: Random, *, wrong: bool) -> list[dict[str, Any]]:
    """Return other items that begin like these; `wrong` ones name what does not exist."""
    kept = random.randint(0, len(items))
    changed = [{**item, "ask": item["ask"] + "?"} for item in items[kept:]]
    more: list[dict[str, Any]] = [{"id": "extra", "ask": "more", "needs": []}] if random.random() < 0.5 else []
    end: list[dict[str, Any]] = [{"id": "last", "ask": "wrong", "needs": ["nowhere"]}] if wrong else []
    return items[:kept] + changed + more + end


def _cut(text: str, random: Random) -> list[str]:
    places = sorted(random.sample(range(len(text) + 1), min(len(text), random.randint(1, 12))))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


# --- runs ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class SlowJournal(MemoryJournal):
    """A journal whose commits take a random time."""

    random: Random = field(default_factory=lambda: Random(0))

    async def intend(self, intent: Intent) -> Done | None:
        """See Journal."""
        await anyio.sleep(self.random.choice([0.0, 0.0, 0.01]))
        return await MemoryJournal.intend(self, intent)

    async def dispatch(self, key: CallKey) -> None:
        """See Journal."""
        await anyio.sleep(self.random.choice([0.0, 0.0, 0.01]))

    async def done(self, done: Done) -> None:
        """See Journal."""
        await anyio.sleep(self.random.choice([0.0, 0.01, 0.1]))
        await MemoryJournal.done(self, done)


@dataclass(slots=True)
class Simulated:
    """A run of a world. `outcome` is None where it was cancelled."""

    text: str
    plan: Plan
    world: World
    journal: MemoryJournal
    width: int
    outcome: Outcome | None
    events: list[Event]


@dataclass(slots=True)
class Simulator:
    """Runs the world of a seed on a clock that jumps; ten simulated days are for ever."""

    def run(
        self,
        seed: int,
        *,
        refusing: bool = False,
        cancel_after_s: float = 1e6,
        journal: MemoryJournal | None = None,
        nested: bool = False,
    ) -> Simulated:
        random = Random(seed)
        text = Writer(random).plan(nested=nested)
        checked = check_text("world.plan", text)
        assert checked.module is not None, render_all(checked.diagnostics)
        plan = checked.module.plan("p")
        world, events = World(seed, plan, refusing), list[Event]()
        books = journal or SlowJournal(random=Random(seed))
        width = random.choice([1, 2, 5, 64])

        async def main() -> Outcome | None:
            with anyio.fail_after(864_000), anyio.move_on_after(cancel_after_s):
                return await execute(
                    plan,
                    {"q": "why"},
                    backends=lambda _spec: world,
                    tools=_no_tool,
                    journal=books,
                    on_event=events.append,
                    seed=seed,
                    width=width,
                    run=f"run {seed}",
                )
            return None

        _tame_trio(seed)
        outcome = run_trio(main, clock=MockClock(autojump_threshold=0))
        return Simulated(text, plan, world, books, width, outcome, events)


def _tame_trio(seed: int) -> None:
    """Trio shuffles tasks that are ready together, and orders equal deadlines by address: make both follow the seed."""
    internals: Any = import_module("trio._core._run")
    internals._ALLOW_DETERMINISTIC_SCHEDULING = True
    internals._r.seed(seed)


def _no_tool(spec: ToolSpec) -> Tool:
    raise KeyError(spec.name)


@pytest.fixture(scope="session")
def simulator() -> Simulator:
    return Simulator()
