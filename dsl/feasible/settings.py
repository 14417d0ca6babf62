"""What a server is told against what it takes: settings that it refuses (E0511), log-probabilities (E0503)."""

from collections.abc import Iterator

from msrun.dsl.feasible.scene import Scene, Version, head, setting
from msrun.dsl.nested import every_node
from msrun.dsl.plan import Ask, ModelSpec, Node, Plan, Tally
from msrun.dsl.tree import Ref

SERVED = ("openai", "ollama", "vllm")
NOT_OPENAIS = ("top_k", "min_p")
"""Settings of other servers' protocol that OpenAI's own does not take."""


def check(scene: Scene) -> None:
    """Report settings that the model's server refuses, and votes by log-probabilities that there are none of."""
    for version in scene.versions:
        for name, spec in version.models.items():
            _check_model(scene, version, name, spec)
        for plan in version.plans:
            for node in every_node(plan.nodes):
                _check_node(scene, version, node)
            for nodes in _graphs(plan):
                _check_votes(scene, version, nodes)


def refused(scene: Scene, spec: ModelSpec) -> tuple[str, ...]:
    """Return the settings that a model's server does not take."""
    entry = scene.catalogue.of(spec)
    at_home = spec.backend == "openai" and spec.setting("base_url") is None
    return (*entry.refuses, *(NOT_OPENAIS if at_home else ()))


def _check_model(scene: Scene, version: Version, name: str, spec: ModelSpec) -> None:
    statement = scene.model(name, version.profile)
    for key in refused(scene, spec):
        written = setting(statement, key)
        if written is not None:
            scene.say("E0511", written.key.span, name=key, model=spec.id, backend=spec.backend)


def _check_node(scene: Scene, version: Version, node: Node) -> None:
    if not isinstance(node.action, Ask):
        return
    spec, statement = version.models.get(node.action.model), scene.statement(node)
    if spec is None or statement is None:
        return
    for key in refused(scene, spec):
        written = setting(statement, key)
        if written is not None:
            scene.say("E0511", written.key.span, name=key, model=spec.id, backend=spec.backend)


def _check_votes(scene: Scene, version: Version, nodes: tuple[Node, ...]) -> None:
    known = {str(node.id): node for node in nodes}
    for node in nodes:
        action = node.action
        if not isinstance(action, Tally) or action.weight != "logprob" or not isinstance(action.source, Ref):
            continue
        drawn, statement = known.get(action.source.name), scene.statement(node)
        asked = drawn.action if drawn is not None else None
        spec = version.models.get(asked.model) if isinstance(asked, Ask) else None
        weight = setting(statement, "weight")
        if spec is None or weight is None:
            continue
        model = scene.model(spec.name, version.profile)
        more = (head(model),) if model is not None else ()
        if scene.catalogue.of(spec).logprobs is False:
            scene.say("E0503", weight.value.span, *more, model=spec.id)
        elif spec.backend in SERVED and spec.setting("logprobs") is not True:
            scene.say("E0503/off", weight.value.span, *more, model=spec.name)


def _graphs(plan: Plan) -> Iterator[tuple[Node, ...]]:
    from msrun.dsl.plan import bodies

    waiting = [plan.nodes]
    while waiting:
        nodes = waiting.pop()
        yield nodes
        waiting += [inside for node in nodes for _, inside, _ in bodies(node.action)]
