"""What can be known of training before it starts: one module a rule, all of them over one scene."""

from collections.abc import Iterable

from msrun.dsl.check.names import File
from msrun.dsl.facts import Facts
from msrun.dsl.plan import ModelSpec, Node
from msrun.dsl.training import data, gates, head, lineage, objective, parts, sizes
from msrun.dsl.training.scene import Scene, Staged
from msrun.dsl.tree import Statement


def check(
    file: File,
    stages: Iterable[tuple[Node, Statement]],
    models: Iterable[tuple[ModelSpec, Statement]],
    facts: Facts,
) -> None:
    """Report what is wrong with the stages of a file, each lowered without a fault, and with models made by them."""
    scene = Scene(file, {str(node.id): Staged(node, statement) for node, statement in stages}, facts)
    if not scene.stages:
        return
    for rule in (parts, sizes, objective, head, data, lineage):
        rule.check(scene)
    gates.check(scene, models)
