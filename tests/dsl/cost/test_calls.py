"""The law of the estimate: whatever plan is run, whatever its model replies, the calls made lie within the bounds."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import anyio
import pytest

from msrun.backends.port import BackendFault, Request
from msrun.backends.scripted import Scripted
from msrun.dsl.cost.estimate import estimate
from msrun.dsl.cost.share import Cost
from msrun.dsl.front import check_text
from msrun.dsl.plan import Plan
from msrun.dsl.render import render_all
from msrun.runtime.engine import Outcome, execute
from msrun.runtime.journal import MemoryJournal

SEEDS = 150


class Writer:
    """Writes a random plan: what is made so far, as names of texts and of lists of texts."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0
        self.nests = False  # only the outer plan runs another one

    def name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def policy(self) -> str:
        retry, repair = self.random.randint(0, 2), self.random.randint(0, 1)
        skip = "  on_error: skip" if self.random.random() < 0.15 else ""
        return f"retry: {retry}  repair: {repair}{skip}"

    def body(self, texts: list[str], lists: list[str], size: int, depth: int) -> tuple[list[str], str]:
        """Return lines of nodes, and the name of a text among what they make."""
        texts, lists, lines = list(texts), list(lists), list[str]()
        for _ in range(size):
            kinds = [
                "solve",
                "decompose",
                "samples",
                "typed",
                *(["for", "given"] if lists else []),
                *(["nested"] if lists and self.nests else []),
            ]
            kinds += ["choose", "repeat", "search"] if depth else []
            kind = self.random.choice(kinds)
            name, text = self.name(), self.random.choice(texts)
            skips = ""
            match kind:
                case "solve":
                    made = f'solve {name} from {text} {{ prompt: "{{{{ {text} }}}}"  {self.policy()} }}'
                    texts += [] if "skip" in made else [name]
                case "typed":
                    made = f'solve {name}: int from {text} {{ prompt: "{{{{ {text} }}}}"  retry: 1 }}'
                case "decompose":
                    low, high = self.random.randint(0, 2), self.random.randint(2, 4)
                    made = (
                        f'decompose {name} from {text} limit {high} {{ prompt: "{{{{ {text} }}}}"  {self.policy()} }}'
                        if self.random.random() < 0.5
                        else f'solve {name}: list<text>[{low}..{high}] from {text} {{ prompt: "{{{{ {text} }}}}" }}'
                    )
                    lists += [] if "skip" in made else [name]
                case "samples":
                    made = (
                        f'solve {name} from {text} samples {self.random.randint(1, 3)} {{ prompt: "{{{{ {text} }}}}" }}'
                    )
                    lists.append(name)
                case "for" | "given":
                    source = self.random.choice(lists)
                    given = " given earlier as seen" if kind == "given" else ""
                    skips = self.policy()
                    made = f'solve {name} for x in {source}{given} {{ prompt: "{{{{ x }}}}"  {skips} }}'
                    lists.append(name)
                case "nested":
                    source = self.random.choice(lists)
                    made = f"run {name} from part(q: x) for x in {source}"
                case "choose":
                    one, first = self.body(texts, lists, self.random.randint(1, 2), depth - 1)
                    two, second = self.body(texts, lists, self.random.randint(1, 2), depth - 1)
                    made = "\n".join(
                        [
                            f'choose {name}: text {{ case {text} == "yes" {{',
                            *one,
                            f"return {first} }} else {{",
                            *two,
                            f"return {second} }} }}",
                        ]
                    )
                    texts.append(name)
                case "repeat":
                    inner, last = self.body([name], [], self.random.randint(1, 2), depth - 1)
                    judge = self.name()
                    made = "\n".join(
                        [
                            f"repeat {name}: text from {text} limit {self.random.randint(1, 3)} {{",
                            f'score {judge} {{ prompt: "{{{{ {name} }}}}" }}',
                            f"until {judge} >= 0.5",
                            *inner,
                            f"next {last} }}",
                        ]
                    )
                    texts.append(name)
                case _:
                    step, so_far = self.name(), self.name()
                    made = (
                        f"search {name} from {text} as {so_far} limit {self.random.randint(2, 9)} {{ strategy: beam\n"
                        f'width: 2\ndepth: 2\nexpand {step}: text samples 2 {{ prompt: "{{{{ {so_far} }}}}" }}\n'
                        f'score {step}v {{ prompt: "{{{{ {step} }}}}" }} }}'
                    )
            lines.append(made)
        return lines, self.random.choice(texts)


def written(seed: int) -> Plan:
    random = Random(seed)
    writer = Writer(random)
    part, last = writer.body(["q"], [], 2, 1)
    writer.nests = True
    lines, answer = writer.body(["q"], [], random.randint(2, 5), 2)
    text = "\n".join(
        [
            'model m = scripted("a")',
            "plan part(q: text) -> text {",
            *part,
            f"return {last} }}",
            "plan whole(q: text) -> text {",
            *lines,
            f"return {answer} }}",
        ]
    )
    checked = check_text("x.plan", text)
    assert checked.module is not None, text + render_all(checked.diagnostics)
    return checked.module.plan("whole")


def replies(random: Random, trouble: float) -> Callable[[Request], Any]:
    """Answer what the schema asks for, now and then with a fault or with something else."""

    def reply(request: Request) -> Any:
        if random.random() < trouble:
            return BackendFault("upstream", "away")
        if random.random() < trouble / 2 and request.schema is not None:
            return "no JSON"
        wanted = json.dumps(request.schema or {})
        if '"array"' in wanted:
            low = int(request.schema.get("minItems", 0)) if request.schema else 0
            high = int(request.schema.get("maxItems", 4)) if request.schema else 4
            return [random.choice(["yes", "no"]) for _ in range(random.randint(low, high))]
        if '"number"' in wanted:
            return random.choice([0.1, 0.9])
        return 3 if '"integer"' in wanted else random.choice(["yes", "no"])

    return reply


def run(plan: Plan, seed: int, trouble: float) -> Outcome:
    model = Scripted(replies(Random(seed), trouble), piece=3)

    async def go() -> Outcome:
        return await execute(
            plan,
            {"q": "why"},
            backends=lambda _spec: model,
            tools=lambda spec: pytest.fail(spec.name),
            journal=MemoryJournal(),
            seed=seed,
        )

    import trio.testing

    return anyio.run(go, backend="trio", backend_options={"clock": trio.testing.MockClock(autojump_threshold=0)})


def within(cost: Cost, outcome: Outcome, most: float) -> bool:
    low = cost.total.calls.low if outcome.status == "ok" else 0
    return low <= outcome.calls <= most


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_calls_of_a_run_lie_within_the_bounds(seed: int) -> None:
    plan = written(seed)
    cost = estimate(plan)
    calm = run(plan, seed, 0.0)
    assert calm.status == "ok", calm.failure
    assert within(cost, calm, cost.total.calls.usual), (cost.total.calls, calm.calls)
    rough = run(plan, seed, 0.25)
    assert within(cost, rough, cost.total.calls.high), (cost.total.calls, rough.calls)
