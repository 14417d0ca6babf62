"""A `profile` becomes what the file means with some of its models and params replaced: its plans lowered once more."""

from dataclasses import dataclass, field

from msrun.dsl.check.names import File
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.constants import WRONG, as_value, constant
from msrun.dsl.kinds.declared import PROFILE
from msrun.dsl.lower.declared import declare_model
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.limits import read_limits
from msrun.dsl.plan import Input, Limit, ModelSpec
from msrun.dsl.tree import Arm, Outcome, Setting, Statement


@dataclass(frozen=True, slots=True)
class Changes:
    """What a profile replaces, by ids."""

    name: str
    models: dict[str, ModelSpec] = field(default_factory=dict[str, ModelSpec])
    params: dict[str, Input] = field(default_factory=dict[str, Input])
    limits: dict[str, Limit] = field(default_factory=dict[str, Limit])


def read_profiles(file: File, statements: list[Statement]) -> list[Changes]:
    """Check the profiles of a file; a second one of a name is reported."""
    seen: dict[str, Statement] = {}
    found: list[Changes] = []
    for statement in statements:
        check_header(file, statement, PROFILE)
        file.used.update(names_in(statement))
        name = statement.name
        if name is None:
            continue
        first = seen.setdefault(name.text, statement)
        if first is not statement and first.name is not None:
            file.say("E0102", name.span, first.name.span, name=name.text)
        found.append(_read(file, statement, Changes(name.text)))
    return found


def _read(file: File, statement: Statement, changes: Changes) -> Changes:
    limits: list[Statement] = []
    for item in statement.block.items if statement.block else ():
        match item:
            case Statement() if item.kind.text == "model":
                _replace_model(file, item, changes)
            case Statement() if item.kind.text == "limits":
                limits.append(item)
            case Statement():
                file.say("E0103/in_profile", item.kind.span, name=item.kind.text)
            case Setting():
                _replace_param(file, item, changes)
            case Outcome():
                file.say("E0103/in_profile", item.word_span, name=item.word)
            case Arm():
                file.say("E0103/in_profile", item.span, name="case")
    changes.limits.update(read_limits(file, limits))
    return changes


def _replace_model(file: File, statement: Statement, changes: Changes) -> None:
    """Read the model as the file would, and leave the file's own in its place."""
    id_ = file.id(statement.name.text) if statement.name else ""
    before = file.models.get(id_)
    if statement.name is not None:
        file.mark(statement.name.text, statement.name.span)
    if statement.name is not None and before is None:
        known = list(file.models)
        file.miss("E0803", statement.name.text, statement.name.span, known, profile=changes.name, what="model")
        return
    declare_model(file, statement)
    if before is not None:
        changes.models[id_] = file.models[id_]
        file.models[id_] = before


def _replace_param(file: File, setting: Setting, changes: Changes) -> None:
    name = setting.key.text
    param = file.params.get(file.id(name))
    if param is None:
        file.miss("E0803", name, setting.key.span, file.named("param"), profile=changes.name, what="param")
        return
    file.mark(name, setting.key.span)
    value = constant(file, setting.value, param.shape)
    if value is not WRONG:
        changes.params[param.name] = Input(
            name=param.name, shape=param.shape, required=False, default=as_value(value), help=param.help
        )
