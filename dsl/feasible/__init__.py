"""What can be known of models, money and time before the first token: one module a rule, all of them over one scene."""

from collections.abc import Iterable

from msrun.dsl.check.names import File
from msrun.dsl.facts import Facts
from msrun.dsl.feasible import budgets, models, prompts, settings
from msrun.dsl.feasible.scene import Scene, Version
from msrun.dsl.plan import ModelSpec, Node, Plan, Profile
from msrun.dsl.tree import Program


def check(
    file: File,
    program: Program,
    plans: tuple[Plan, ...],
    profiles: Iterable[Profile],
    stages: Iterable[Node],
    facts: Facts,
) -> None:
    """Report what cannot work whatever the models reply. Plans with other errors are not looked at, models are."""
    own: dict[str, ModelSpec] = dict(file.models)
    versions = [Version(None, plans, own)]
    versions += [Version(each.name, each.plans, {m.name: m for m in each.models}) for each in profiles]
    trained = {str(node.id): node for node in stages if node.kind == "train"}
    scene = Scene(file, program, tuple(versions), facts.catalogue(), facts.machine(), trained)
    for rule in (models, settings, prompts, budgets):
        rule.check(scene)
