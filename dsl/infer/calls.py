"""Calls: arguments are matched to parameters by place and by name, and each is checked against its parameter."""

from collections.abc import Sequence

from msrun.dsl.check.names import UNKNOWN, Symbol, a
from msrun.dsl.check.notes import Part
from msrun.dsl.infer.types import public
from msrun.dsl.infer.where import Where, imported, path, use, wants
from msrun.dsl.plan import Input
from msrun.dsl.shapes import TEXT, Scalar, Shape, core, spell
from msrun.dsl.tree import Argument, Call, Expr, Ref, Text
from msrun.dsl.values.evaluate import DECLASSIFY

SECRET = Scalar("secret")


def call(where: Where, expr: Call) -> Shape:
    """Return the shape of a call inside an expression: only fragments are called there, and `secret`."""
    name = imported(where, expr.callee)
    if name == "secret" and where.scope.find(name) is None:
        where.file.say("E0308/value", expr.span)
        return UNKNOWN
    if name == DECLASSIFY and where.scope.find(name) is None:
        return _declassified(where, expr)
    symbol = where.scope.find(name) if name else None
    if symbol is not None and symbol.what == "fragment" and symbol.key in where.file.fragments:
        use(where, expr.callee, symbol)
        arguments(where, expr, where.file.fragments[symbol.key].params)
        return TEXT
    if symbol is not None and symbol.what == "function":
        return _asked(where, expr, symbol)
    functions = [] if symbol else [name for name, symbol in where.scope.all() if symbol.what == "function"]
    for argument in expr.args:
        if not (functions and isinstance(argument.value, Ref) and argument.value.name in where.file.model_names):
            where.shape(argument.value)
    if symbol is None:
        fragments = [*where.file.named("fragment"), *functions]
        if not where.file.absent(name, expr.callee.span):
            where.file.miss("E0101/call", name or "this", expr.callee.span, fragments)
    elif symbol.shape != UNKNOWN or symbol.what != "fragment":
        where.file.mark(name, expr.callee.span)
        where.file.say(
            "E0202/call",
            expr.span,
            symbol.span,
            name=name,
            what=a(symbol.what),
            how="run" if symbol.what == "plan" else "call",
        )
    return UNKNOWN


def _declassified(where: Where, expr: Call) -> Shape:
    """The shape of `declassify(value, reason: "…")`: the value's, no longer personal."""
    bound = dict(bind(where, expr.args, ["value", "reason"], DECLASSIFY))
    reason, value = bound.get("reason"), bound.get("value")
    if value is None or not (isinstance(reason, Text) and reason.plain and reason.plain.strip()):
        where.file.say("E0206/declassify", expr.span)
    return public(where.shape(value)) if value is not None else UNKNOWN


def _asked(where: Where, expr: Call, symbol: Symbol) -> Shape:
    """`calls(m)` and `sent_to(m)` of a test: what a model was asked."""
    bound = dict(bind(where, expr.args, ["model"], symbol.name))
    model = bound.get("model")
    if model is None:
        if not expr.args:
            where.file.say("E0206", expr.span, name="a model", owner=symbol.name)
        return symbol.shape
    name = imported(where, model)
    found = where.scope.find(name) or where.file.model(name)
    if found is not None and found.what == "model":
        use(where, model, found)
        where.rewrites[expr.span] = "asked"
    else:
        written = where.file.written(model.span)
        where.file.miss("E0805/asked", written, model.span, where.file.named("model"), owner=symbol.name)
    return symbol.shape


def arguments(where: Where, expr: Call, params: Sequence[Input]) -> tuple[tuple[str, Expr], ...]:
    """Check a call's arguments against the parameters; return the expression that each named parameter gets."""
    owner = path(expr.callee) or "this"
    _note_names(where, expr)
    bound = bind(where, expr.args, [param.name for param in params], owner)
    shapes = {param.name: param for param in params}
    for name, value in bound:
        if secret_name(where, value) is None:
            wants(where, value, shapes[name].shape, "E0202/argument", name=name, owner=owner)
        elif core(shapes[name].shape) != SECRET:
            where.file.say("E0308/text", value.span, wanted=spell(shapes[name].shape))
    given = {name for name, _ in bound}
    absent = [param.name for param in params if param.required and param.name not in given]
    if absent and len(bound) == len(expr.args):
        where.file.say("E0206", expr.span, name=absent[0], owner=owner)
    return bound


def secret_name(where: Where, expr: Expr) -> str | None:
    """Return the name in `secret("NAME")`, None where an expression is nothing of the kind."""
    if not (isinstance(expr, Call) and isinstance(expr.callee, Ref) and expr.callee.name == "secret"):
        return None
    text = expr.args[0].value if len(expr.args) == 1 else None
    return text.plain if isinstance(text, Text) and text.plain and where.scope.find("secret") is None else None


def _note_names(where: Where, expr: Call) -> None:
    """Remember whose parameters the arguments name."""
    symbol = where.scope.find(imported(where, expr.callee))
    for argument in expr.args if symbol is not None else ():
        if argument.name is not None and symbol is not None:
            where.file.note(argument.name_span, Part(symbol.key, argument.name))


def bind(where: Where, args: Sequence[Argument], names: Sequence[str], owner: str) -> tuple[tuple[str, Expr], ...]:
    """Match arguments to parameters; one too many, unknown or given twice is reported and left out."""
    bound: dict[str, Expr] = {}
    for at, argument in enumerate(args):
        name = argument.name if argument.name is not None else names[at] if at < len(names) else None
        if name is None:
            where.file.say("E0207", argument.span, owner=owner, count=count_in_words(len(names)))
        elif name not in names:
            where.file.miss("E0207/name", name, argument.name_span, list(names), owner=owner)
        elif name in bound:
            where.file.say("E0207/twice", argument.span, name=name, owner=owner)
        else:
            bound[name] = argument.value
            continue
        where.shape(argument.value)
    return tuple(bound.items())


def count_in_words(count: int) -> str:
    """Write how many arguments something takes."""
    return "no argument" if count == 0 else "one argument" if count == 1 else f"{count} arguments"
