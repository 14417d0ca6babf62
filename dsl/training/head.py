"""A model's head against the labels it learns from (E0703), its tokenizer (E0705), the matrices of LoRA (E0712)."""

from msrun.dsl.check.near import nearest
from msrun.dsl.kinds.measure import DEFAULT_FIGURES, HEADS_OF
from msrun.dsl.kinds.train import CAUSAL, MATRICES, TUNED
from msrun.dsl.plan import Name
from msrun.dsl.training.scene import Scene, Staged, continued, head
from msrun.dsl.tree import ListExpr


def check(scene: Scene) -> None:
    """Report heads, tokenizers and matrices that do not belong together."""
    for train in scene.of("train"):
        if train.made.name in TUNED:
            _check_tokenizer(scene, train)
            if not continued(train):
                _check_labels(scene, train)
                _check_reading(scene, train)
        if train.made.name == "lora":
            _check_targets(scene, train)
    for evaluation in scene.of("evaluate"):
        _check_figures(scene, evaluation)


def _check_labels(scene: Scene, train: Staged) -> None:
    made, data = head(train), scene.stage(train.setting("data"), "dataset", "corpus")
    if data is None:
        return
    at = train.argument("head") if train.made.get("head") is not None else train.value_span()
    labels = data.named("labels")
    if made.name == "classify":
        (enum,) = made.args
        name = enum.path if isinstance(enum, Name) else ""
        if labels is None:
            scene.file.say("E0703/none", at, data.head_span, enum=name, name=data.name)
        elif labels != name:
            scene.file.say("E0703", at, data.span("labels"), enum=name, labels=labels, name=data.name)
    elif labels is not None:
        scene.file.say("E0703/labels", at, data.span("labels"), head=made.name, enum=labels)
    elif data.kind == "corpus":
        scene.file.say("E0703/corpus", train.span("data"), data.head_span, name=data.name, head=made.name)


def _check_reading(scene: Scene, train: Staged) -> None:
    """A model that reads both ways writes no text."""
    architecture, origin = scene.architecture(train), scene.origin(train)
    writes = train.made.name == "prefer" or head(train).name == "generate"
    if writes and architecture is not None and origin is not None and architecture.name not in CAUSAL:
        at = train.argument("head") if train.made.get("head") is not None else train.value_span()
        scene.file.say("E0704/generate", at, origin.argument(0), arch=architecture.name)


def _check_tokenizer(scene: Scene, train: Staged) -> None:
    own, theirs = scene.stage(train.setting("tokenizer"), "tokenizer"), scene.tokenizer(train)
    origin = scene.origin(train)
    if own is not None and theirs is not None and origin is not None and own is not theirs:
        span = train.span("tokenizer")
        scene.file.say(
            "E0705", span, origin.span("tokenizer"), fix=theirs.name, name=own.name, base=origin.name, near=theirs.name
        )


def _check_targets(scene: Scene, train: Staged) -> None:
    architecture, targets = scene.architecture(train), train.made.get("targets")
    if architecture is None or not isinstance(targets, tuple):
        return
    known = MATRICES[architecture.name]
    statement = _targets(train)
    for at, target in enumerate(targets):
        if isinstance(target, str) and target not in known:
            span = statement.items[at].span if statement else train.argument("targets")
            near = nearest(target, known)
            values = {"name": target, "arch": architecture.name, "known": ", ".join(f'"{one}"' for one in known)}
            fix = f'"{near}"' if near else None
            scene.file.say("E0712" if near else "E0712/alone", span, fix=fix, near=near or "", **values)


def _targets(train: Staged) -> ListExpr | None:
    found = train.argument_expr("targets")
    return found if isinstance(found, ListExpr) else None


def _check_figures(scene: Scene, evaluation: Staged) -> None:
    """The figures of `report` that the model's head cannot have."""
    if evaluation.made.name != "metrics" or len(evaluation.made.args) != 2:
        return
    train, report = scene.trained(evaluation.made.args[0]), evaluation.setting("report")
    if train is None or not isinstance(report, tuple):
        return
    made = head(train)
    for figure in report:
        name = figure.path if isinstance(figure, Name) else ""
        if made.name not in HEADS_OF.get(name, (made.name,)):
            span = evaluation.item_span("report", name)
            other = DEFAULT_FIGURES[made.name]
            scene.file.say("E0703/figure", span, train.head_span, name=name, model=train.name, near=other)
