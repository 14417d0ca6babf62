"""The parts of data: that a part exists, that shares add up (E0709); that there is a seed (E0715), a length, and one
place for each output (E0713).
"""

from posixpath import normpath

from msrun.dsl.plan import Name, Value, ValueMap
from msrun.dsl.source import Span
from msrun.dsl.training.scene import Scene, Staged, entry_span, parts
from msrun.dsl.tree import Get, RecordExpr


def check(scene: Scene) -> None:
    """Report splits, parts, seeds and places that cannot be."""
    for dataset in scene.of("dataset"):
        _check_split(scene, dataset)
    for stage in scene.stages.values():
        for value, span in _named(stage):
            _check_part(scene, value, span)
    for train in scene.of("train"):
        _check_length(scene, train)
        if train.setting("seed") is None:
            scene.file.say("E0715", train.head_span, name=train.name)
    _check_places(scene)


def _check_split(scene: Scene, dataset: Staged) -> None:
    split = dataset.setting("split")
    if not isinstance(split, ValueMap):
        return
    shares = {name: share for name, share in split.entries if isinstance(share, int | float)}
    total = sum(shares.values())
    for name, share in shares.items():
        if share == 0:
            scene.file.say("E0709/empty", entry_span(dataset, "split", name), name=name)
            return
    if abs(total - 1) > 1e-9:
        span = _shares_span(dataset)
        last = list(shares)[-1] if shares else "train"
        left = 1 - (total - shares.get(last, 0))
        entry = "E0709" if total > 1 else "E0709/short"
        help_ = f"{last}: {left * 100:g}%" if left > 0 else "train: 90%, test: 10%"
        scene.file.say(entry, span, total=f"{total * 100:g}%", example=f"split: {{{_written(shares, last, help_)}}}")


def _written(shares: dict[str, int | float], last: str, cure: str) -> str:
    if not cure.startswith(f"{last}:"):
        return cure
    return ", ".join([*(f"{name}: {share * 100:g}%" for name, share in shares.items() if name != last), cure])


def _shares_span(dataset: Staged) -> Span:
    setting = dataset.statement.setting("split")
    entries = setting.value.entries if setting is not None and isinstance(setting.value, RecordExpr) else ()
    shares = [entry for entry in entries if entry.key != "by"]
    return shares[0].span.to(shares[-1].span) if shares else dataset.span("split")


def _named(stage: Staged) -> list[tuple[Value, Span]]:
    """What a stage names that may be a part of data, and where."""
    found: list[tuple[Value, Span]] = [(stage.setting("data"), stage.span("data"))]
    found += [(value, stage.argument(at)) for at, value in enumerate(stage.made.args)]
    clause = stage.statement.clause("for")
    over = stage.node.over
    if clause is not None and over is not None and isinstance(over.source, Get):
        base = getattr(over.source.base, "name", "")
        found.append((Name(f"{base}.{over.source.attr}"), clause.value.span))
    return found


def _check_part(scene: Scene, value: Value, span: Span) -> None:
    data = scene.stage(value, "dataset", "corpus")
    part = value.path.partition(".")[2] if isinstance(value, Name) else ""
    if data is None or not part or part in parts(data):
        return
    if not parts(data):
        scene.file.say("E0105/unsplit", span, data.head_span, name=part, owner=data.name)
        return
    scene.file.miss("E0105/part", part, Span(span.end - len(part), span.end), list(parts(data)), owner=data.name)


def _check_length(scene: Scene, train: Staged) -> None:
    """How long it is trained: `steps` or `epochs`, and not both."""
    steps, epochs = train.setting("steps"), train.setting("epochs")
    if steps is None and epochs is None:
        scene.file.say("E0206/either", train.statement.kind.span, name="steps", other="epochs", owner="train")
    elif steps is not None and epochs is not None:
        scene.file.say("E0102/either", train.span("epochs"), train.span("steps"), name="epochs", other="steps")


def _check_places(scene: Scene) -> None:
    places: dict[str, Span] = {}
    for stage in scene.stages.values():
        for key in ("save", "journal"):
            value = stage.setting(key)
            if not isinstance(value, str):
                continue
            first = places.setdefault(normpath(value), stage.span(key))
            if first != stage.span(key):
                scene.file.say("E0713", stage.span(key), first, name=value)
