"""Budgets: what a call may need is set aside before it is sent, given back where it failed, settled by its cost.

One account for every bound: of the run, its plan, a model, a node. A call needs room in all of them. Where there is
room only once other calls have been settled, it waits for them; where there will be none, the run ends.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, TypeAlias

from anyio import Event

from msrun.backends.port import Request, Usage
from msrun.backends.price import Price, estimated_tokens, price_of
from msrun.dsl.plan import Bounds, Limit, ModelSpec, Node, Plan, Subplan, bodies
from msrun.runtime.outcome import NodeFault

if TYPE_CHECKING:
    from msrun.runtime.progress import Progress

UNSAID_TOKENS = 1_000
"""The reply that is set aside where no `max_tokens` says how long it may be."""

Rank: TypeAlias = tuple[int, int, int]

DUST_USD = 1e-12
"""What rounding may leave of a sum of prices."""

SAFETY = 2
"""A prompt is set aside as twice its estimate of four bytes a token: texts of digits, or of scripts that a tokenizer
hardly knows, take more tokens than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one call may take at most, as far as that is known before it is sent."""

    tokens: int = 0
    cost_usd: float = 0.0


@dataclass(slots=True, eq=False)
class Account:
    """What one bound has left. `title` says whose it is, `written` what stands in the file."""

    title: str
    written: str
    bounds: Bounds
    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    held: int = 0
    held_tokens: int = 0
    held_usd: float = 0.0

    def refusal(self, need: Need) -> str | None:
        """Say why a call can never be made any more, None where it can be, now or later."""
        bounds = self.bounds
        if bounds.calls is not None and self.calls >= bounds.calls:
            return f"{self.title} has made the {bounds.calls} call{'s' * (bounds.calls != 1)} it may make"
        if bounds.tokens is not None and self.tokens + need.tokens > bounds.tokens:
            return (
                f"{self.title} may use {bounds.tokens} tokens and has used {self.tokens}; "
                f"the next call may need {need.tokens}"
            )
        if bounds.budget_usd is not None and self.cost_usd + need.cost_usd > bounds.budget_usd + DUST_USD:
            return (
                f"{self.title} may spend {dollars(bounds.budget_usd)} and has spent {dollars(self.cost_usd)}; "
                f"the next call may cost {dollars(need.cost_usd)}"
            )
        return None

    def fits(self, need: Need) -> bool:
        """Whether there is room beside what is set aside for calls on their way."""
        bounds = self.bounds
        return (bounds.tokens is None or self.tokens + self.held_tokens + need.tokens <= bounds.tokens) and (
            bounds.budget_usd is None or self.cost_usd + self.held_usd + need.cost_usd <= bounds.budget_usd + DUST_USD
        )

    def take(self, need: Need) -> None:
        """Count a call that is about to be sent."""
        self.calls += 1
        self.held += 1
        self.held_tokens += need.tokens
        self.held_usd += need.cost_usd

    def settle(self, need: Need, usage: Usage) -> None:
        """Put what a call took in the place of what was set aside for it."""
        self.held -= 1
        self.held_tokens -= need.tokens
        self.held_usd = self.held_usd - need.cost_usd if self.held else 0.0  # so that no rounding is left over
        self.tokens += usage.prompt_tokens + usage.completion_tokens
        self.cost_usd += usage.cost_usd


@dataclass(slots=True, eq=False)
class Hold:
    """What is set aside for one call on its way, until it is settled."""

    budget: "Budget"
    accounts: tuple[Account, ...]
    need: Need

    def settle(self, usage: Usage, *, sent: bool) -> None:
        """The call has ended and cost this: nothing where it failed, though it counts as a call once it was sent."""
        for account in self.accounts:
            account.settle(self.need, usage)
            account.calls -= not sent
        self.budget.wake()


@dataclass(slots=True, eq=False)
class Budget:
    """The accounts of one run. Everything happens on the event loop's thread, between two awaits."""

    run: tuple[Account, ...] = ()
    models: dict[str, Account] = field(default_factory=dict[str, Account])
    plans: Mapping[str, Limit] = field(default_factory=dict[str, Limit])  # of plans that nodes run
    places: dict[tuple[str, str], Account] = field(default_factory=dict[tuple[str, str], Account])
    unbounded: bool = True
    waiting: list[tuple[Rank, int, Event]] = field(default_factory=list[tuple[Rank, int, Event]])
    waited: int = 0

    def accounts(self, progress: "Progress", target: str) -> tuple[Account, ...]:
        """Return the accounts that a call of a node to this model or tool is booked on."""
        return () if self.unbounded else tuple(self._accounts(progress, target))

    def hold(self, accounts: tuple[Account, ...], need: Need) -> Hold | None:
        """Set aside what a call needs; None where other calls have to end first. NodeFault where that helps nothing."""
        for account in accounts:
            refusal = account.refusal(need)
            if refusal is not None:
                raise NodeFault("budget", f"{refusal} ({account.written})", help=_help(account.written), final=True)
        if not all(account.fits(need) for account in accounts):
            return None
        for account in accounts:
            account.take(need)
        self.wake()  # there may be room for one more
        return Hold(self, accounts, need)

    def book(self, progress: "Progress", target: str, usage: Usage) -> None:
        """Count a call that this run had made before it was broken off and went on."""
        for account in self.accounts(progress, target):
            account.take(Need())
            account.settle(Need(), usage)

    async def queue(self, rank: Rank) -> None:
        """Wait until there may be room; calls of a smaller rank go first, so that the same ones are made every time."""
        self.waited += 1
        entry = (rank, self.waited, Event())
        heappush(self.waiting, entry)
        try:
            await entry[2].wait()
        except BaseException:
            if entry in self.waiting:
                self.waiting.remove(entry)
                heapify(self.waiting)
            else:
                self.wake()  # it was this one's turn
            raise

    def wake(self) -> None:
        """Let the first of the calls that wait for room look again."""
        if self.waiting:
            heappop(self.waiting)[2].set()

    def _accounts(self, progress: "Progress", target: str) -> Iterator[Account]:
        yield from self.run
        if target in self.models:
            yield self.models[target]
        inside: Progress | None = progress
        while inside is not None:
            node = inside.recipe.node
            if node.policy.budget_usd is not None:
                yield self._place(inside.path, _of_node(node))
            visit = inside.frame.visit
            inside = None if visit is None else visit.progress
            entered = None if inside is None else inside.recipe.node.action
            if visit is not None and isinstance(entered, Subplan) and entered.plan in self.plans:
                yield self._place(visit.path, self.plans[entered.plan])

    def _place(self, path: str, limit: Limit) -> Account:
        """Return the account of a node, or of one run of a plan, at its place in the run."""
        return self.places.setdefault((path, limit.name), _account(limit))


def budget(plan: Plan) -> Budget:
    """Open the accounts of a run of the plan."""
    plans = {each.name: limit for each in (*plan.plans, plan) for limit in each.limits if limit.of == "plan"}
    return Budget(
        run=tuple(_account(limit) for limit in plan.limits if limit.of != "model"),
        models={limit.name: _account(limit) for limit in plan.limits if limit.of == "model"},
        plans=plans,
        unbounded=not plan.limits and not plans and not any(_budgeted(each.nodes) for each in (*plan.plans, plan)),
    )


def _budgeted(nodes: Iterable[Node]) -> bool:
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node.policy.budget_usd is not None:
            return True
        waiting += [inner for _, inside, _ in bodies(node.action) for inner in inside]
    return False


def timeout_of(plan: Plan) -> tuple[float, str] | None:
    """Return the seconds that a run of the plan may take and what stands in the file about it, None without bound."""
    known = [(limit.bounds.timeout_s, _written(limit)) for limit in plan.limits if limit.of != "model"]
    return min(((seconds, written) for seconds, written in known if seconds is not None), default=None)


def out_of_time(timeout_s: float, written: str) -> NodeFault:
    """Make the fault of a run that took too long."""
    return NodeFault(
        "budget", f"the run did not end within {timeout_s:g} s ({written})", help=_help(written), final=True
    )


def need_of(spec: ModelSpec, request: Request) -> Need:
    """Return what a call to a model may take: its prompt at most, and the longest reply."""
    prompt = SAFETY * Price().estimate(request, "").prompt_tokens
    if request.schema is not None:
        prompt += SAFETY * estimated_tokens(str(request.schema))
    said = {**dict(spec.settings), **dict(request.settings)}.get("max_tokens")
    reply = said if isinstance(said, int) else UNSAID_TOKENS
    usage = price_of(spec).usage(prompt, reply)
    return Need(tokens=prompt + reply, cost_usd=usage.cost_usd)


def dollars(amount_usd: float) -> str:
    """Write money so that small sums are not rounded away: `$0.10`, `$0.00042`."""
    if amount_usd == 0 or amount_usd >= 0.01:
        return f"${amount_usd:.2f}" if round(amount_usd, 2) == amount_usd else f"${amount_usd:.4g}"
    return f"${amount_usd:.6f}".rstrip("0")


def _of_node(node: Node) -> Limit:
    return Limit(of="node", name=node.id, bounds=Bounds(budget_usd=node.policy.budget_usd))


def _account(limit: Limit) -> Account:
    title = "the run" if limit.of == "run" else f"{limit.of} `{limit.name}`"
    return Account(title, _written(limit), limit.bounds)


def _written(limit: Limit) -> str:
    match limit.of:
        case "node":
            return f"`budget` of `{limit.name}`"
        case "plan":
            return f"the limits of plan `{limit.name}`"
        case _:
            return f"`limits {limit.name}`"


def _help(written: str) -> str:
    return f"raise it in {written}; `msrun check FILE --cost` says what the plan needs"
