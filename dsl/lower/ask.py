"""The action of every kind that asks a model: which model, which prompt, which settings."""

from msrun.dsl.check.names import UNKNOWN, File, a
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.expression import holes
from msrun.dsl.infer.fit import item_of, plain
from msrun.dsl.infer.where import imported, path
from msrun.dsl.kinds.common import DECODING, TEXTS
from msrun.dsl.lower.draft import Draft
from msrun.dsl.lower.draws import check_draws
from msrun.dsl.lower.prompts import default_prompt
from msrun.dsl.lower.rewrite import rewrite, rewrite_text
from msrun.dsl.lower.settings import read
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import Ask, ModelSpec, Name, Settings, Value
from msrun.dsl.shapes import Scalar, spell
from msrun.dsl.tree import Call, Constant, Expr, ListExpr, Setting, Statement, Text


def ask(draft: Draft, *, stream_items: bool = False, stream: Setting | None = None) -> Ask | None:
    """Return the call that a node makes, None where its model or prompt is not known."""
    model = model_of(draft)
    prompt = _text(draft, "prompt")
    if prompt is None:
        prompt = _default_prompt(draft, model) if "prompt" not in draft.settings else Text(("",))
    system = _text(draft, "system")
    images = _images(draft)
    _check_source(draft)
    settings = _decoding(draft)
    if stream is not None:
        stream_items = _flag(draft, stream)
    alone = draft.over is None and draft.clause("samples") is None
    if model is None:
        return None
    check_draws(draft, model, settings)
    return Ask(
        model=model,
        prompt=rewrite_text(prompt, draft.where.rewrites),
        system=rewrite_text(system, draft.where.rewrites) if system else None,
        images=images,
        settings=settings,
        stream_items=stream_items and alone,
    )


def _default_prompt(draft: Draft, model: str | None) -> Text:
    """A model with a head of labels reads the text itself: instructions would be a part of what it judges."""
    spec = draft.file.models.get(model) if model is not None else None
    return default_prompt(draft, plainly=spec is not None and head_of(draft.file, spec) in ("classify", "regress"))


def head_of(file: File, spec: ModelSpec) -> str:
    """Return the head of `model x = trained(y)` as its stage says it; an empty text where none is said here."""
    stage = file.items.get(spec.args[0].path) if spec.args and isinstance(spec.args[0], Name) else None
    made = stage.value if isinstance(stage, Statement) and spec.backend == "trained" else None
    head = next((one.value for one in made.args if one.name == "head"), None) if isinstance(made, Call) else None
    return path(head.callee if isinstance(head, Call) else head) if head is not None else ""


def model_of(draft: Draft) -> str | None:
    """Return the model after `using`, or the default; what is wrong with it is reported."""
    clause = draft.clause("using")
    if clause is None:
        return _default_model(draft)
    name = imported(draft.where, clause.value)
    if not name:
        draft.file.say("E0202/model", clause.value.span, what="an expression")
        return None
    symbol = draft.file.symbols.get(name)
    if symbol is None:
        if not draft.file.absent(name, clause.value.span):
            draft.file.miss("E0101/model", name, clause.value.span, draft.file.named("model"))
        return None
    draft.file.mark(name, clause.value.span)
    if symbol.what != "model":
        draft.file.say("E0202/model", clause.value.span, symbol.span, what=a(symbol.what))
        return None
    return draft.file.id(name)


def _default_model(draft: Draft) -> str | None:
    """The model of `defaults`, else the only one of the file. An empty one was reported where it stands."""
    file = draft.file
    models = file.model_names
    name = draft.bench.default_model
    if name is None and len(models) == 1:
        file.used.add(models[0])
        name = file.id(models[0])
    if name is None:
        _say_no_model(draft, models)
        return None
    return name or None


def _say_no_model(draft: Draft, models: list[str]) -> None:
    """Say once in a file that a model must be declared or chosen."""
    file, kind = draft.file, draft.statement.kind
    if not models and "model" not in file.told and not file.lost:
        file.told.add("model")
        file.say("E0101/no_model", kind.span, kind=draft.spec.name)
    elif models and "models" not in file.told:
        file.told.add("models")
        file.used.update(models)
        file.say("E0101/which_model", kind.span, kind=draft.spec.name, name=draft.name, model=models[0])


def _text(draft: Draft, key: str) -> Text | None:
    """A text with holes, its holes checked at the node's place."""
    setting = draft.settings.get(key)
    if setting is None:
        return None
    if not isinstance(setting.value, Text):
        draft.file.say("E0202/setting", setting.value.span, slot=f"`{key}` of `{draft.spec.name}`", wanted="a text")
        return None
    holes(draft.where, setting.value)
    return setting.value


def _check_source(draft: Draft) -> None:
    """Warn of a prompt that reads nothing of what stands after `from`."""
    clause, prompt = draft.clause("from"), draft.settings.get("prompt")
    if clause is None or prompt is None or draft.source_shape == UNKNOWN or prompt.value == Text(("",)):
        return
    wanted = {draft.alias} if draft.alias else set(names_in(clause.value))
    texts = [setting.value for key in TEXTS if (setting := draft.settings.get(key)) is not None]
    if wanted and "" not in wanted and wanted.isdisjoint(names_in(*texts)):
        source = draft.alias or next(iter(names_in(clause.value)))
        draft.file.say("W0404", clause.span, prompt.key.span, name=draft.name, source=source)


def _images(draft: Draft) -> tuple[Expr, ...]:
    setting = draft.settings.get("images")
    if setting is None:
        return ()
    exprs = setting.value.items if isinstance(setting.value, ListExpr) else (setting.value,)
    for expr in exprs:
        shape = plain(draft.where.shape(expr))
        if (item_of(shape) or shape) not in (Scalar("image"), UNKNOWN):
            draft.file.say("E0202", expr.span, got=spell(shape), wanted="image")
    return tuple(rewrite(expr, draft.where.rewrites) for expr in exprs)


def _decoding(draft: Draft) -> Settings:
    values: list[tuple[str, Value]] = []
    for spec in DECODING:
        setting = draft.settings.get(spec.name)
        value = read(Slot(draft.file, spec.name, draft.spec.name), setting.value, spec.takes) if setting else None
        if setting is not None and isinstance(value, bool | str | int | float | tuple):
            values.append((spec.name, value))
    return tuple(values)


def _flag(draft: Draft, setting: Setting) -> bool:
    if isinstance(setting.value, Constant) and isinstance(setting.value.value, bool):
        return setting.value.value
    words = "true or false"
    draft.file.say(
        "E0202/setting", setting.value.span, slot=f"`{setting.key.text}` of `{draft.spec.name}`", wanted=words
    )
    return True
