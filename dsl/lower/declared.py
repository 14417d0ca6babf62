"""The declarations of a file become specs: models, tools, fragments, params and defaults."""

from dataclasses import dataclass
from typing import cast

from msrun.dsl.check.names import UNKNOWN, File, Scope, Symbol
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.constants import WRONG, as_value, constant
from msrun.dsl.infer.expression import holes
from msrun.dsl.infer.order import cycles
from msrun.dsl.infer.types import resolve
from msrun.dsl.infer.where import Where, path
from msrun.dsl.kinds import declared
from msrun.dsl.kinds import model as models
from msrun.dsl.kinds.spec import Maker
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.node import policy_of
from msrun.dsl.lower.rewrite import rewrite_text
from msrun.dsl.lower.settings import chosen, make, read, read_all, settings_of
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import FragmentSpec, Input, Made, ModelSpec, Name, Policy, ToolSpec, Value
from msrun.dsl.shapes import Maybe, Shape
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import Call, Expr, Param, Statement, Text


@dataclass(frozen=True, slots=True)
class Defaults:
    """What `defaults { … }` says; an empty model is one that was reported."""

    model: str | None = None
    policy: Policy = Policy()


def inputs(file: File, params: tuple[Param, ...]) -> tuple[tuple[Input, ...], dict[str, Symbol]]:
    """Return the parameters in brackets, and the names they are within; a name written twice is reported."""
    found: list[Input] = []
    symbols: dict[str, Symbol] = {}
    for param in params:
        name = param.name.text
        if name in symbols:
            file.say("E0102", param.name.span, symbols[name].span, name=name)
            continue
        shape = resolve(file, param.type)
        symbols[name] = Symbol(name, "input", shape, param.name.span)
        found.append(_input(file, name, shape, param.default))
    return tuple(found), symbols


def _input(file: File, name: str, shape: Shape, default: Expr | None, help_: str = "") -> Input:
    value: Value = None
    if default is not None:
        made = constant(file, default, shape)
        value = None if made is WRONG else as_value(made)
    required = default is None and not isinstance(shape, Maybe)
    return Input(name=name, shape=shape, required=required, default=value, help=help_)


def declare_param(file: File, statement: Statement) -> Input | None:
    """Return a `param`, visible as a value in every plan."""
    check_header(file, statement, declared.PARAM)
    settings = dict(read_all(file, statement.block, declared.PARAM.settings, "param", span=statement.kind.span))
    if statement.name is None or statement.type is None:
        return None
    shape = resolve(file, statement.type)
    name = statement.name.text
    id_ = file.id(name)
    file.symbols[name] = Symbol(name, "param", shape, statement.name.span, "param", id_)
    file.params[id_] = _input(file, id_, shape, statement.value, str(settings.get("help", "")))
    return file.params[id_]


def declare_fragment(file: File, statement: Statement) -> None:
    """Keep a fragment with its parameters; its text is checked once all fragments are known."""
    check_header(file, statement, declared.FRAGMENT)
    if statement.name is None or statement.params is None:
        return
    params, _ = inputs(file, statement.params)
    text = statement.value if isinstance(statement.value, Text) else Text(("",))
    if statement.value is not None and not isinstance(statement.value, Text):
        file.say("E0202/text", statement.value.span, name=statement.name.text)
    id_ = file.id(statement.name.text)
    file.fragments[id_] = FragmentSpec(name=id_, params=params, text=text)


def check_fragments(file: File, statements: list[Statement]) -> None:
    """Check what the fragments' texts read, and that none is made of itself."""
    graph: dict[str, list[str]] = {}
    spans: dict[str, Span] = {}
    for statement in statements:
        spec = file.fragments.get(file.id(statement.name.text)) if statement.name else None
        if spec is None or statement.name is None or file.items.get(statement.name.text) is not statement:
            continue
        spans_of = {param.name.text: param.name.span for param in reversed(statement.params or ())}
        symbols = {p.name: Symbol(p.name, "input", p.shape, spans_of.get(p.name, NOWHERE)) for p in spec.params}
        for symbol in symbols.values():
            file.note(symbol.span, symbol)
        where = Where(file, Scope(symbols, file.scope))
        before = len(file.found)
        holes(where, spec.text)
        read = set(names_in(spec.text))
        for param in statement.params or () if len(file.found) == before and spec.text.parts != ("",) else ():
            if param.name.text not in read:
                file.say("W0403/fragment", param.name.span, name=param.name.text, owner=statement.name.text)
        text = rewrite_text(spec.text, where.rewrites)
        file.fragments[spec.name] = FragmentSpec(name=spec.name, params=spec.params, text=text)
        graph[spec.name] = [name for name in names_in(text) if name in file.fragments and name not in symbols]
        spans[spec.name] = statement.name.span
    for cycle in cycles({name: [n for n in needs if n in graph] for name, needs in graph.items()}):
        file.say("E0301/fragment", spans[cycle[0]], name=cycle[0], path=" → ".join(cycle))


def declare_tool(file: File, statement: Statement) -> None:
    """Keep a tool with its parameters, its result and where its code is."""
    check_header(file, statement, declared.TOOL)
    settings = read_all(file, statement.block, declared.TOOL.settings, "tool", span=statement.kind.span)
    if statement.name is None or statement.params is None:
        return
    params, _ = inputs(file, statement.params)
    result = UNKNOWN if statement.result is None else resolve(file, statement.result)
    made = make(file, statement.value, declared.TOOL.makers) if statement.value is not None else None
    provider, target = (made.name, made.args) if isinstance(made, Made) else ("", ())
    id_ = file.id(statement.name.text)
    file.tools[id_] = ToolSpec(
        name=id_, provider=provider, target=target, params=params, result=result, settings=settings
    )


def declare_model(file: File, statement: Statement) -> None:
    """Keep a model with its backend's arguments and settings."""
    check_header(file, statement, models.SPEC)
    if statement.name is None or statement.value is None:
        return
    name = file.id(statement.name.text)
    callee = statement.value.callee if isinstance(statement.value, Call) else statement.value
    backend = path(callee)
    known = models.BACKENDS.get(backend)
    if known is None:
        _foreign(file, statement, backend, callee.span)
        return
    maker, settings = known
    made = make(file, statement.value, (maker,))
    values = read_all(file, statement.block, settings, backend, span=statement.kind.span)
    if isinstance(made, Made):
        file.models[name] = ModelSpec(name=name, backend=backend, args=made.args, named=made.named, settings=values)


def _foreign(file: File, statement: Statement, backend: str, span: Span) -> None:
    """A backend that did not come with msrun: an installed package may bring it, and checks its settings then."""
    near = file.near(backend, list(models.BACKENDS)) if backend else None
    if not isinstance(statement.value, Call) or not backend or "." in backend:
        file.say("E0202/backend", statement.value.span if statement.value else span)
        return
    if near is not None:
        fix = file.correction(backend, near, models.BACKENDS)
        file.say("E0101/maker", span, fix=fix, name=backend, near=near)
        return
    anything = models.ANYTHING
    made = make(
        file, statement.value, (Maker(name=backend, args=(anything,), optional=1, rest=True, open_named=anything),)
    )
    values: list[tuple[str, Value]] = []
    for setting in settings_of(statement.block):
        value = read(Slot(file, setting.key.text, backend), setting.value, anything)
        values.append((setting.key.text, cast("Value", value)))
    if isinstance(made, Made) and statement.name is not None:
        id_ = file.id(statement.name.text)
        file.models[id_] = ModelSpec(
            name=id_, backend=backend, args=made.args, named=made.named, settings=tuple(values)
        )


def declare_defaults(file: File, statement: Statement) -> Defaults:
    """Return the file's defaults."""
    check_header(file, statement, declared.DEFAULTS)
    settings = chosen(file, statement.block, declared.DEFAULTS.settings, "defaults")
    slot = Slot(file, "model", "defaults")
    spec = declared.DEFAULTS.setting("model")
    model = read(slot, settings["model"].value, spec.takes) if "model" in settings and spec else None
    name = model.path if isinstance(model, Name) else "" if "model" in settings else None
    policy = policy_of(settings, Policy(), slot)
    if policy.on_error == "fallback":
        file.say("E0313/defaults", settings["on_error"].value.span)
    return Defaults(name, policy)
