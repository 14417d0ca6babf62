"""A node that runs another plan, or its own once more: the arguments become its inputs, what it returns the value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msrun.dsl.plan import Input
from msrun.dsl.values.fragments import standard
from msrun.dsl.values.plain import plain
from msrun.runtime.frame import Frame
from msrun.runtime.network import Network
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Place
from msrun.runtime.progress import Progress, Rank
from msrun.runtime.recipe import Read
from msrun.runtime.visit import Visit, count_of


@dataclass(slots=True, eq=False, kw_only=True)
class Runnable:
    """A plan made ready to be run inside another. `given` are the values of params of files that the run was given.

    `timeout_s` is how long it may take, None as long as its calls do.
    """

    name: str
    network: Network
    inputs: tuple[Input, ...]
    params: tuple[Input, ...]
    given: Mapping[str, Any]
    returns: Read
    timeout_s: float | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Runner:
    """How one node runs a plan. `entered` counts how often it did in this run, all depths together."""

    plan: Runnable
    args: tuple[tuple[str, Read], ...]
    limit: Read | None
    entered: int = 0

    def __call__(self, progress: Progress, place: Place, sample: int | None, rank: Rank) -> Visit:
        """Make a visit."""
        return _Run(progress, place, sample, rank, runner=self)


@dataclass(slots=True, eq=False)
class _Run(Visit):
    runner: Runner = field(kw_only=True)

    def enter(self) -> None:
        """See Visit."""
        runner, plan = self.runner, self.runner.plan
        self._count()
        given = {name: plain(read(self.names)) for name, read in runner.args}
        for each in plan.inputs:
            if each.name not in given and each.required:
                raise NodeFault("input", f"the input `{each.name}` of plan `{plan.name}` is missing")
        inputs = {each.name: plan.given.get(each.name, standard(each)) for each in plan.params}
        inputs.update((each.name, given[each.name] if each.name in given else standard(each)) for each in plan.inputs)
        if plan.timeout_s is not None:
            self.bound(plan.timeout_s)
        self.spread_alone(plan.network, f"{self.path}.", inputs)

    def returned(self, frame: Frame) -> None:
        """See Visit."""
        self.give(self.runner.plan.returns(frame.names()))

    def _count(self) -> None:
        runner = self.runner
        if runner.limit is None:
            return
        limit = count_of(runner.limit(self.names), "limit")
        if runner.entered >= limit:
            told = f"plan `{runner.plan.name}` was run {limit} times from here, which is the node's limit"
            raise NodeFault(
                "limit", told, help="raise `limit`, or run it only `when` there is something left to do", final=True
            )
        runner.entered += 1
