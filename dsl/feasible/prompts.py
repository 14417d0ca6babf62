"""What is asked of a model against what it can do: images (E0501), JSON (E0502), context (E0505).

A classifier gives the labels that it has learnt (E0510), and an encoder writes no text (E0512).
"""

from msrun.dsl.cost.estimate import estimate
from msrun.dsl.cost.sizes import text_tokens
from msrun.dsl.feasible.scene import Scene, Version, head, setting
from msrun.dsl.nested import every_node
from msrun.dsl.plan import Ask, Made, ModelSpec, Name, Node, Stage
from msrun.dsl.shapes import EnumDef, Just, Named, Scalar, Shape, TypeDef, UnionOf, core
from msrun.dsl.source import Span
from msrun.dsl.tree import Statement

BLIND = ("transformers", "bundled", "trained")
"""Backends that show a model no images."""

CLASSIFIES = "ForSequenceClassification"
WRITES = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")


def check(scene: Scene) -> None:
    """Report nodes whose model cannot do what they ask."""
    for version in scene.versions:
        for plan in version.plans:
            types = {each.id: each for each in plan.types}
            for node in every_node(plan.nodes):
                _check(scene, version, node, types)
            for crowded in estimate(plan, scene.catalogue).crowded:
                statement = scene.statements.get(crowded.span)
                if statement is not None:
                    _say_crowded(scene, version, statement, crowded.tokens, crowded.model, crowded.context)


def _check(scene: Scene, version: Version, node: Node, types: dict[str, TypeDef]) -> None:
    action, statement = node.action, scene.statement(node)
    spec = version.models.get(action.model) if isinstance(action, Ask) else None
    if spec is None or statement is None or not isinstance(action, Ask):
        return
    entry, more = scene.catalogue.of(spec), _declared(scene, version, spec)
    images = setting(statement, "images")
    if images is not None and action.images and (entry.vision is False or spec.backend in BLIND):
        scene.say("E0501", images.value.span, *more, name=node.id, model=spec.id)
    strict = spec.setting("schema")
    if isinstance(strict, Name) and strict.path == "json_schema" and entry.structured is False and not _is_text(node):
        at = statement.type.span if statement.type is not None else head(statement)
        scene.say("E0502", at, *more, name=node.id, model=spec.id)
    _check_kind(scene, spec, node, statement, more, types)


def _check_kind(
    scene: Scene, spec: ModelSpec, node: Node, statement: Statement, more: tuple[Span, ...], types: dict[str, TypeDef]
) -> None:
    """A classifier has labels of its own and writes nothing; an encoder writes nothing."""
    writes, labels = _kind_of(scene, spec)
    if writes is not False:
        return
    if node.kind != "classify":
        scene.say("E0512", head(statement), *more, name=node.id, kind=node.kind, model=spec.name)
    elif labels:
        wanted = _labels(node.shape, types)
        if wanted and set(wanted) != set(labels):
            at = statement.type.span if statement.type is not None else head(statement)
            scene.say("E0510", at, *more, model=spec.name, labels=_listed(labels), wanted=_listed(wanted))


def _kind_of(scene: Scene, spec: ModelSpec) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether a model writes text, None where that is not known, and the labels of one that classifies."""
    if spec.backend == "trained" and spec.args and isinstance(spec.args[0], Name):
        return _of_stage(scene, spec.args[0].path)
    if spec.backend != "transformers" or scene.machine is None or not isinstance(spec.args[0], str):
        return None, ()
    try:
        found = scene.machine.checkpoint(spec.args[0])
    except FileNotFoundError:
        return None, ()
    if found is None or not found.architectures:
        return None, ()
    return any(name.endswith(WRITES) for name in found.architectures), found.labels


def _of_stage(scene: Scene, name: str) -> tuple[bool | None, tuple[str, ...]]:
    stage = scene.trained.get(name)
    action = stage.action if stage is not None else None
    if not isinstance(action, Stage):
        return None, ()
    made = action.value.get("head")
    if isinstance(made, Made) and made.name == "classify" and made.args and isinstance(made.args[0], Name):
        declared = scene.file.types.get(made.args[0].path)
        return False, tuple(label for label, _ in declared.labels) if isinstance(declared, EnumDef) else ()
    encoders = ("bert", "roberta")
    first = action.value.args[0] if action.value.args else None
    scratch = action.value.name == "pretrain" and isinstance(first, Made) and first.name in encoders
    return (False if scratch else None), ()


def _labels(shape: Shape, types: dict[str, TypeDef]) -> tuple[str, ...]:
    shape = core(shape)
    if isinstance(shape, UnionOf):
        return tuple(option.value for option in shape.options if isinstance(option, Just))
    declared = types.get(shape.id) if isinstance(shape, Named) else None
    return tuple(label for label, _ in declared.labels) if isinstance(declared, EnumDef) else ()


def _say_crowded(scene: Scene, version: Version, statement: Statement, tokens: float, model: str, context: int) -> None:
    prompt = setting(statement, "prompt")
    spec = version.models.get(model)
    more = _declared(scene, version, spec) if spec is not None else ()
    at = head(statement)
    if prompt is not None and text_tokens(scene.file.written(prompt.value.span)).low > context:
        at = prompt.key.span
    scene.say("E0505", at, *more, tokens=f"{tokens:,.0f}", model=model, context=f"{context:,}")


def _declared(scene: Scene, version: Version, spec: ModelSpec) -> tuple[Span, ...]:
    statement = scene.model(spec.name, version.profile)
    return (head(statement),) if statement is not None else ()


def _is_text(node: Node) -> bool:
    return isinstance(node.shape, Scalar) and node.shape.name == "text"


def _listed(labels: tuple[str, ...]) -> str:
    return ", ".join(f"`{label}`" for label in labels[:8]) + (", …" if len(labels) > 8 else "")
