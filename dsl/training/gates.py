"""A model behind a gate: that the gate is one, and stands before every use (E0716); figures and arms that exist."""

from collections.abc import Iterable, Iterator

from msrun.dsl.kinds.measure import DEFAULT_FIGURES, TABLES
from msrun.dsl.plan import ModelSpec, Name, Rule, ValueMap
from msrun.dsl.source import Span
from msrun.dsl.training.scene import Scene, Staged, accessor_span, columns_in, entry_span, head
from msrun.dsl.tree import Expr, RecordExpr, Statement

ALWAYS = ("rows", "seen_in_training")
"""Figures that every evaluation has."""

UNCERTAIN = ("accuracy", "macro_f1", "exact_match", "token_f1", "perplexity")
"""Figures that come with both ends of an interval: `accuracy_low`, `accuracy_high`."""


def check(scene: Scene, models: Iterable[tuple[ModelSpec, Statement]]) -> None:
    """Report what is wrong with gates, of the models of the file and those that its profiles put in their place."""
    for evaluation in scene.of("evaluate"):
        _check_arms(scene, evaluation)
        _check_figures(scene, evaluation)
    for batch in scene.of("batch"):
        _check_models(scene, batch, "models", batch.setting("models"), batch.span("models"))
    for spec, statement in models:
        if spec.backend == "trained":
            _check_model(scene, spec, statement)


def _check_model(scene: Scene, spec: ModelSpec, statement: Statement) -> None:
    train = scene.trained(spec.args[0]) if spec.args else None
    if train is None:
        return
    required = statement.setting("requires")
    gate = scene.stage(spec.setting("requires"), "evaluate")
    head_span = statement.value.span if statement.value is not None else statement.kind.span
    if required is None:
        first = next((one for one in _gates(scene, train)), None)
        if first is not None:
            _say_missing(scene, spec, statement, train, first)
    elif gate is not None and train not in _models(scene, gate):
        scene.file.say("E0716/other", required.value.span, head_span, name=gate.name, model=train.name)
    elif gate is not None and gate.setting("require") is None:
        scene.file.say("E0716/open", required.value.span, gate.head_span, name=gate.name)
    elif gate is not None and spec.name in _asked(gate):
        scene.file.say("E0716/itself", required.value.span, gate.head_span, name=gate.name, model=spec.name)


def _say_missing(scene: Scene, spec: ModelSpec, statement: Statement, train: Staged, gate: Staged) -> None:
    span = statement.value.span if statement.value is not None else statement.kind.span
    written = scene.file.written(span)
    fix = f"{written} {{ requires: {gate.name} }}" if statement.block is None else None
    cure = f"model {spec.name} = {written} {{ requires: {gate.name} }}"
    scene.file.say(
        "E0716", span, gate.head_span, fix=fix, name=spec.name, model=train.name, gate=gate.name, example=cure
    )


def _gates(scene: Scene, train: Staged) -> Iterator[Staged]:
    """The evaluations with a rule that measure a model."""
    return (e for e in scene.of("evaluate") if e.setting("require") is not None and train in _models(scene, e))


def _models(scene: Scene, evaluation: Staged) -> list[Staged | None]:
    arms = evaluation.setting("arms")
    found = [scene.trained(evaluation.made.args[0])] if evaluation.made.args else []
    for _, arm in arms.entries if isinstance(arms, ValueMap) else ():
        found += [scene.trained(model) for _, model in arm.entries] if isinstance(arm, ValueMap) else []
    return found


def _asked(evaluation: Staged) -> set[str]:
    """The models that an evaluation itself asks by name."""
    arms = evaluation.setting("arms")
    values = [*evaluation.made.args]
    for _, arm in arms.entries if isinstance(arms, ValueMap) else ():
        values += [model for _, model in arm.entries] if isinstance(arm, ValueMap) else []
    return {value.path for value in values if isinstance(value, Name)}


def _check_arms(scene: Scene, evaluation: Staged) -> None:
    arms = evaluation.setting("arms")
    for name, arm in arms.entries if isinstance(arms, ValueMap) else ():
        if not isinstance(arm, ValueMap):
            continue
        _check_models(scene, evaluation, name, arm, entry_span(evaluation, "arms", name))


def _check_models(scene: Scene, stage: Staged, key: str, models: object, span: Span) -> None:
    """The words of `{worker: teacher}` are models that are there to be replaced."""
    if not isinstance(models, ValueMap):
        return
    keys = _keys(stage, key)
    known = list(scene.file.models)
    for word, _ in models.entries:
        if word not in known:
            scene.file.miss("E0101/arm", word, keys.get(word, span), known, owner=key)


def _keys(stage: Staged, name: str) -> dict[str, Span]:
    """Where the words of a record stand, of the setting `models` or of an arm."""
    setting = stage.statement.setting("models" if name == "models" else "arms")
    value: Expr | None = setting.value if setting is not None else None
    if name != "models" and isinstance(value, RecordExpr):
        value = next((entry.value for entry in value.entries if entry.key == name), None)
    return {entry.key: entry.key_span for entry in value.entries} if isinstance(value, RecordExpr) else {}


def _check_figures(scene: Scene, evaluation: Staged) -> None:
    """What `require` reads is among the figures."""
    rule = evaluation.setting("require")
    known = figures(scene, evaluation)
    if not isinstance(rule, Rule) or known is None:
        return
    for name in columns_in(rule):
        if name not in known:
            listed = [one for one in known if not one.endswith(("_low", "_high"))]
            span = accessor_span(evaluation, "require", name)
            name_span = Span(span.end - len(name), span.end)
            scene.file.miss("E0105/figure", name, name_span, listed, owner=evaluation.name)


def figures(scene: Scene, evaluation: Staged) -> list[str] | None:
    """Return what a rule over an evaluation may read, None where that is not known."""
    if evaluation.made.name == "compare":
        arms = evaluation.setting("arms")
        return [name for name, _ in arms.entries] if isinstance(arms, ValueMap) else None
    train = scene.trained(evaluation.made.args[0]) if evaluation.made.args else None
    report = evaluation.setting("report")
    if isinstance(report, tuple):
        found = [one.path for one in report if isinstance(one, Name) and one.path not in TABLES]
    elif train is not None:
        found = [DEFAULT_FIGURES[head(train).name]]
    else:
        return None
    ends = [f"{name}_{end}" for name in found if name in UNCERTAIN for end in ("low", "high")]
    return [*found, *ALWAYS, *ends]
