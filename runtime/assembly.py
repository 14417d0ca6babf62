"""A plan made ready to run: a network for its graph, for every graph inside its nodes, for every plan that it runs.

All of it is made before the first call, so that a model or tool that is not there costs nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError
from typing import Any, assert_never

from msrun.dsl.plan import (
    Ask,
    Body,
    Check,
    Choose,
    Compute,
    FragmentSpec,
    Invoke,
    Node,
    Plan,
    Rank,
    Repeat,
    Retrieve,
    Screen,
    Search,
    Stage,
    Subplan,
    Tally,
    Update,
)
from msrun.dsl.shapes import TypeDef
from msrun.dsl.tree import Constant, Expr
from msrun.dsl.values.evaluate import compile_expr
from msrun.runtime.actions import Opened, pure
from msrun.runtime.ask import asker, with_logprobs
from msrun.runtime.choose import Arm, Chooser
from msrun.runtime.confidence import Judge
from msrun.runtime.invoke import invoker
from msrun.runtime.mentions import mentions
from msrun.runtime.network import Network, circular, network
from msrun.runtime.outcome import NodeFault
from msrun.runtime.recipe import Read, Recipe, rank
from msrun.runtime.repeat import Repeater
from msrun.runtime.retrieve import retriever
from msrun.runtime.search import Searcher
from msrun.runtime.subplan import Runnable, Runner
from msrun.runtime.update import updater

MAX_NESTING = 32
"""Graphs that stand inside each other in the text of one plan."""


@dataclass(slots=True, eq=False)
class Assembly:
    """The plans of one run, each made ready once, by name. `given` are the values of params that the run was given."""

    plan: Plan
    opened: Opened
    given: Mapping[str, Any]
    plans: dict[str, Runnable] = field(default_factory=dict[str, Runnable])

    def own(self) -> Network:
        """Return the network of the run's own plan. Raises NodeFault where something in it cannot run."""
        return self.runnable(self.plan.name).network

    def runnable(self, name: str) -> Runnable:
        """Return a plan ready to run; one that is being made is returned as it is by then."""
        if name in self.plans:
            return self.plans[name]
        plan = next((plan for plan in self.opened.plans if plan.name == name), None)
        if plan is None:
            raise NodeFault("plan", f"there is no plan `{name}` that could be run")
        fragments = {each.name: each for each in (*self.plan.fragments, *plan.fragments)}
        bounds = (limit.bounds.timeout_s for limit in plan.limits if limit.of == "plan")
        made = self.plans[name] = Runnable(
            name=name,
            network=Network(recipes={}),
            inputs=plan.inputs,
            params=plan.params,
            given=self.given,
            returns=compile_expr(plan.returns, fragments),
            timeout_s=min((each for each in bounds if each is not None), default=None),
        )
        types = {each.id: each for each in (*self.plan.types, *plan.types)}
        made.network = Graphs(self, fragments, types).make(plan.nodes, {}, expects=plan.expects)
        return made


@dataclass(slots=True, eq=False)
class Graphs:
    """Makes the networks of one plan: its own and those inside its nodes."""

    assembly: Assembly
    fragments: Mapping[str, FragmentSpec]
    types: Mapping[str, TypeDef]
    level: int = 0

    def make(
        self,
        nodes: Sequence[Node],
        around: Mapping[str, Node],
        *,
        expects: Sequence[Check] = (),
        ending: Sequence[Expr] = (),
    ) -> Network:
        """Make the network of a graph whose nodes may read those `around` it. `ending`: what is read at its end."""
        if self.level > MAX_NESTING:
            raise NodeFault("plan", f"graphs stand more than {MAX_NESTING} deep inside each other")
        self.level += 1
        made = network(
            nodes,
            around=around,
            fragments=self.fragments,
            types=self.types,
            expects=expects,
            ending=sorted(mentions(*ending)),
        )
        seen = {**around, **{str(node.id): node for node in nodes}}
        calls = {id_: self._equip(recipe, seen) for id_, recipe in made.recipes.items()}
        try:
            made.length = rank(made.recipes, calls)
        except CycleError as error:
            raise circular(error) from error
        self.level -= 1
        return made

    def read(self, expr: Expr) -> Read:
        """Compile an expression."""
        return compile_expr(expr, self.fragments)

    def _equip(self, recipe: Recipe, seen: Mapping[str, Node]) -> int:
        """Say how a node works; returns how many calls stand one after the other in it."""
        node, opened = recipe.node, self.assembly.opened
        match node.action:
            case Ask() as action:
                if action.sure is not None:
                    recipe.draws, recipe.judge = action.sure.draws, Judge(action.sure)
                wanted = recipe.weighed or (action.sure is not None and action.sure.draws is None)
                action = with_logprobs(action) if wanted else action
                recipe.perform = asker(node, action, *opened.model(action.model), self.types, self.fragments).perform
                return 1
            case Invoke() as action:
                recipe.perform = invoker(
                    node, action, *opened.tool(action.tool), self.types, self.fragments, opened.ports.secret
                ).perform
                return 1
            case Compute() | Tally() | Rank() as action:
                recipe.inline = pure(action, self.fragments)
                return 0
            case Retrieve() as action:
                knowledge = opened.knowledge(action.knowledge)
                recipe.perform = retriever(node, action, knowledge, self.fragments).perform
                return 1
            case Update() as action:
                recipe.inline = updater(action, node.shape, self.types, self.fragments)
                return 0
            case Screen() as action:
                screener = opened.screener(node, action, self.fragments)
                recipe.perform, recipe.inline = screener.perform, None if action.deny else screener.inline
                return int(bool(action.deny))
            case Subplan() as action:
                return self._subplan(recipe, action)
            case Choose() as action:
                return self._choose(recipe, action, _visible(seen, node))
            case Repeat() as action:
                return self._repeat(recipe, action, _visible(seen, node, str(node.id)))
            case Search() as action:
                return self._search(recipe, action, _visible(seen, node, action.so_far))
            case Stage():
                raise NodeFault("stage", f"`{node.id}` is trained, not run", help="msrun train FILE")
            case _:
                assert_never(node.action)

    def _subplan(self, recipe: Recipe, action: Subplan) -> int:
        plan, limit = self.assembly.runnable(action.plan), recipe.node.limit
        recipe.enter = Runner(
            plan=plan,
            args=tuple((name, self.read(value)) for name, value in action.args),
            limit=None if limit is None else self.read(limit),
        )
        return plan.network.length

    def _choose(self, recipe: Recipe, action: Choose, around: Mapping[str, Node]) -> int:
        on = () if action.on is None else (action.on,)
        arms: list[Arm] = []
        for branch in action.branches:
            body: Body = branch.body
            arm = Arm(
                label=branch.label,
                tests=tuple(self.read(test) for test in branch.tests),
                waits=tuple(sorted(mentions(*on, *branch.tests) & around.keys())) if branch.tests else (),
                network=self.make(body.nodes, around, expects=body.expects, ending=(body.returns,)),
                returns=self.read(body.returns),
            )
            arms.append(arm)
        recipe.enter = Chooser(on=None if action.on is None else self.read(action.on), arms=tuple(arms))
        return max((arm.network.length for arm in arms), default=0)

    def _repeat(self, recipe: Recipe, action: Repeat, around: Mapping[str, Node]) -> int:
        first = _needed(action.until, action.nodes)
        judging = [node for node in action.nodes if str(node.id) in first]
        improving = [node for node in action.nodes if str(node.id) not in first]
        late = {str(node.id) for node in improving}
        early = [check for check in action.expects if not late.intersection(check.reads)]
        others = [check for check in action.expects if late.intersection(check.reads)]
        after = {**around, **{str(node.id): node for node in judging}}
        made = Repeater(
            name=str(recipe.node.id),
            start=self.read(action.start),
            limit=self.read(_bound(recipe.node)),
            until=self.read(action.until),
            following=self.read(action.following),
            judging=self.make(judging, around, expects=early, ending=(action.until,)),
            improving=self.make(improving, after, expects=others, ending=(action.following,)),
        )
        recipe.enter = made
        return made.round_calls * _known(recipe.node.limit)

    def _search(self, recipe: Recipe, action: Search, around: Mapping[str, Node]) -> int:
        expand, score = action.expand, action.score
        nodes = [replace(expand, samples=None)]
        if score is not None:
            nodes.append(replace(score, reads=tuple(dict.fromkeys((*score.reads, str(expand.id))))))
        proposal = self.make(nodes, around)
        if score is not None:
            _only_after(proposal.recipes[str(score.id)], str(expand.id))
        asking = [node for node in nodes if isinstance(node.action, Ask)]
        made = Searcher(
            action=action,
            network=proposal,
            limit=self.read(_bound(recipe.node)),
            samples=None if expand.samples is None else self.read(expand.samples),
            stop=None if action.stop is None else self.read(action.stop),
            repairs=sum(node.policy.repair for node in asking),
        )
        recipe.enter = made
        return made.cost * action.depth


def _visible(nodes: Mapping[str, Node], node: Node, *bound: str) -> Mapping[str, Node]:
    """Return the nodes that a graph inside a node may read: not those whose names the node binds, nor itself."""
    hidden = {str(node.id), *bound, *((node.alias,) if node.alias is not None else ())}
    if node.over is not None:
        hidden.add(node.over.binder)
    if node.given is not None:
        hidden.update(name for name in ("earlier", node.given.name) if name is not None)
    return {name: each for name, each in nodes.items() if name not in hidden}


def _needed(expr: Expr, nodes: Sequence[Node]) -> set[str]:
    """Return the nodes that an expression reads, directly or not."""
    known = {str(node.id): node for node in nodes}
    waiting, found = [name for name in mentions(expr) if name in known], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(read for read in known[name].reads if read in known)
    return found


def _bound(node: Node) -> Expr:
    if node.limit is None:
        raise NodeFault("plan", f"`{node.id}` has no `limit`, and could run for ever")
    return node.limit


def _known(limit: Expr | None) -> int:
    """Return a bound that is written as a number; 1 where it is computed."""
    return limit.value if isinstance(limit, Constant) and type(limit.value) is int and limit.value > 0 else 1


def _only_after(recipe: Recipe, name: str) -> None:
    """Skip the node where the one that it stands behind gave nothing."""
    before = recipe.when

    def there(names: Mapping[str, Any]) -> Any:
        return names[name] is not None and (before is None or before(names))

    recipe.when = there
