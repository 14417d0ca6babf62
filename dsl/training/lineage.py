"""Evaluation on rows that were learnt from (E0711): by name, by the source of the rows, by runs that went over them."""

from collections.abc import Iterator

from msrun.dsl.plan import Made, Name, ValueMap
from msrun.dsl.source import Span
from msrun.dsl.training.scene import WHOLE, Part, Scene, Staged, parts
from msrun.dsl.tree import Get, Ref


def check(scene: Scene) -> None:
    """Report every evaluation whose rows a model that it measures has seen."""
    for evaluation in scene.of("evaluate"):
        if len(evaluation.made.args) != 2:
            continue
        data = scene.part(evaluation.made.args[1], bare=WHOLE)
        if data is None:
            continue
        if _open(scene, data):
            split = scene.stages[data.stage]
            free = ", ".join(f"{data.stage}.{name}" for name in parts(split))
            scene.file.say("E0206/part", evaluation.argument(1), split.span("split"), name=data.stage, known=free)
            continue
        for train in _measured(scene, evaluation):
            if _check(scene, evaluation, data, train):
                break


def _open(scene: Scene, data: Part) -> bool:
    """Whether a name leaves it open which part of the data is meant."""
    return data.part == WHOLE and scene.stages[data.stage].kind == "dataset" and bool(parts(scene.stages[data.stage]))


def _measured(scene: Scene, evaluation: Staged) -> list[Staged]:
    """The `train` stages whose models an evaluation measures: the one it names, or those of its arms."""
    found = [scene.trained(evaluation.made.args[0])]
    arms = evaluation.setting("arms")
    for _, arm in arms.entries if isinstance(arms, ValueMap) else ():
        found += [scene.trained(model) for _, model in arm.entries] if isinstance(arm, ValueMap) else []
    return [train for train in found if train is not None]


def _check(scene: Scene, evaluation: Staged, data: Part, train: Staged) -> bool:
    for learnt, span, through in _learnt(scene, train):
        if not overlap(scene, learnt, data):
            continue
        free = next((p for p in parts(scene.stages[data.stage]) if p not in (learnt.part, data.part)), "")
        same = learnt.stage == data.stage
        entry = "E0711" if same and free else "E0711/alone" if same else "E0711/source"
        scene.file.say(
            entry,
            evaluation.argument(1),
            span,
            model=train.name,
            data=str(data),
            learnt=str(learnt),
            near=f"{data.stage}.{free}",
            through=through,
        )
        return True
    return False


def _learnt(scene: Scene, train: Staged) -> Iterator[tuple[Part, Span, str]]:
    """Every part of data that a model was made from, where that is said, and by which stage."""
    for stage in scene.bases(train):
        part = scene.part(stage.setting("data"))
        if part is not None:
            yield part, stage.span("data"), stage.name
            yield from _runs(scene, scene.stages[part.stage])


def _runs(scene: Scene, data: Staged) -> Iterator[tuple[Part, Span, str]]:
    """The rows that the runs behind `journal(runs)` went over."""
    batch = scene.stage(data.made.args[0], "batch") if data.made.name == "journal" and data.made.args else None
    clause = batch.statement.clause("for") if batch is not None else None
    if batch is None or batch.node.over is None or clause is None:
        return
    match batch.node.over.source:
        case Get(Ref(name), part):
            found = scene.part(Name(f"{name}.{part}"))
        case Ref(name):
            found = scene.part(Name(name), bare=WHOLE)
        case _:
            found = None
    if found is not None:
        yield found, clause.value.span, batch.name


def overlap(scene: Scene, one: Part, other: Part) -> bool:
    """Whether two parts may share rows: the same one, or parts of one source that were not cut alike."""
    first, second = scene.stages[one.stage], scene.stages[other.stage]
    if one.stage != other.stage and (_source(first) is None or _source(first) != _source(second)):
        return False
    alike = first.setting("split") == second.setting("split") and first.setting("holdout") == second.setting("holdout")
    return not alike or one.part == other.part or WHOLE in (one.part, other.part)


def _source(data: Staged) -> Made | None:
    """What rows are read from; generators and journals are never the same source twice."""
    return data.made if data.made.name not in ("python", "journal") else None
