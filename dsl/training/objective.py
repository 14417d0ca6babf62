"""What is minimised against what is made: objective and architecture (E0704), a token to mask with (E0706)."""

from msrun.dsl.kinds.train import CAUSAL
from msrun.dsl.training.scene import Scene, Staged, objective_span, objectives

WITHOUT_MASK = ("chars",)
"""Tokenizers that have no token to stand for a hidden one."""


def check(scene: Scene) -> None:
    """Report objectives that the model, its head, its tokenizer or its data cannot have."""
    for train in scene.of("train"):
        if train.made.name in ("finetune", "lora") and train.made.get("head") is not None and objectives(train):
            _check_head(scene, train)
            continue
        for name, _ in objectives(train):
            if not _fits(scene, train, name):
                continue
            if name == "mlm":
                _check_mask(scene, train)
            if name == "nsp":
                _check_sentences(scene, train)


def _check_head(scene: Scene, train: Staged) -> None:
    """A head has its own loss; only `generate` leaves a choice, of the tokens that count."""
    head = train.made.get("head")
    name = getattr(head, "name", None) or getattr(head, "path", "")
    for objective, _ in objectives(train):
        if (name, objective) != ("generate", "clm"):
            span, at = objective_span(train, objective), train.argument("head")
            scene.file.say("E0704/head", span, at, name=objective, head=str(name))


def _fits(scene: Scene, train: Staged, objective: str) -> bool:
    """Report an objective that an architecture cannot have; an unknown architecture may have any."""
    origin, architecture = scene.origin(train), scene.architecture(train)
    if origin is None or architecture is None:
        return True
    causal, kind = architecture.name in CAUSAL, architecture.name
    span, at = objective_span(train, objective), origin.argument(0)
    if objective == "clm" and not causal:
        scene.file.say("E0704/clm", span, at, arch=kind)
    elif objective in ("mlm", "nsp") and causal:
        scene.file.say("E0704", span, at, name=objective, arch=kind)
    elif objective == "nsp" and kind == "roberta":
        scene.file.say("E0704/roberta", span, at)
    else:
        return True
    return False


def _check_mask(scene: Scene, train: Staged) -> None:
    tokenizer = scene.tokenizer(train)
    if tokenizer is not None and tokenizer.made.name in WITHOUT_MASK:
        span = objective_span(train, "mlm")
        scene.file.say("E0706", span, tokenizer.value_span(), name=tokenizer.name, kind=tokenizer.made.name)


def _check_sentences(scene: Scene, train: Staged) -> None:
    data = scene.stage(train.setting("data"), "corpus", "dataset")
    if data is not None and data.setting("sentences") is None:
        entry = "E0704/sentences" if data.kind == "corpus" else "E0704/rows"
        scene.file.say(entry, objective_span(train, "nsp"), data.head_span, name=data.name)
