"""Settings: each is looked up in its kind's table, its value checked against what it takes, and put in frozen form."""

from collections.abc import Sequence

from msrun.dsl.check.names import File
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.calls import count_in_words
from msrun.dsl.infer.constants import WRONG, as_value, literal
from msrun.dsl.infer.where import Where, path
from msrun.dsl.kinds.spec import Maker, SettingSpec, Takes
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.slot import BAD, Bad, Read, Slot, number, read_name, read_number, read_option, secret
from msrun.dsl.plan import Made, Rule, Value, ValueMap
from msrun.dsl.shapes import JSON
from msrun.dsl.source import Span
from msrun.dsl.tree import Argument, Block, Call, Constant, Expr, ListExpr, RecordExpr, Ref, Setting, Text


def settings_of(block: Block | None) -> list[Setting]:
    """Return the settings of a block in the order of the text."""
    return [item for item in block.items if isinstance(item, Setting)] if block else []


def chosen(file: File, block: Block | None, table: Sequence[SettingSpec], owner: str) -> dict[str, Setting]:
    """Return the block's settings by name; an unknown one, one that comes twice or comes too early is reported."""
    known = {spec.name: spec for spec in table}
    found: dict[str, Setting] = {}
    for setting in settings_of(block):
        name = setting.key.text
        if name not in known:
            file.miss("E0104", name, setting.key.span, list(known), owner=owner)
        elif name in found:
            file.say("E0102", setting.key.span, found[name].key.span, name=name)
        elif known[name].later:
            file.say("E0104/later", setting.key.span, name=name, owner=owner)
        else:
            found[name] = setting
    return found


def read_all(
    file: File, block: Block | None, table: Sequence[SettingSpec], owner: str, *, span: Span
) -> tuple[tuple[str, Value], ...]:
    """Read every setting of a declaration; a required one that is absent is reported at `span`."""
    found = chosen(file, block, table, owner)
    values: list[tuple[str, Value]] = []
    for spec in table:
        if spec.required and spec.name not in found:
            file.say("E0206/setting", span, name=spec.name, owner=owner)
    specs = {spec.name: spec for spec in table}
    for name, setting in found.items():
        value = read(Slot(file, name, owner), setting.value, specs[name].takes)
        if not isinstance(value, Bad):
            values.append((name, value))
    return tuple(values)


def read(slot: Slot, expr: Expr, takes: Sequence[Takes]) -> Read:
    """Return a setting's value in the plan's form, or BAD after reporting why it is none."""
    if isinstance(expr, Ref) and not expr.name:
        return BAD  # the parser's stand-in for a value it found missing
    for candidate in takes:
        if _looks_like(expr, candidate):
            return _read_as(slot, expr, candidate)
    return slot.wrong(expr.span, takes)


def _looks_like(expr: Expr, takes: Takes) -> bool:
    """Whether the expression has the form; only then does what is wrong inside it matter."""
    match takes.form:
        case "whole" | "number" | "fraction" | "money" | "duration":
            return number(expr) is not None
        case "text":
            return isinstance(expr, Text) and expr.plain is not None
        case "template":
            return isinstance(expr, Text)
        case "bool":
            return isinstance(expr, Constant) and isinstance(expr.value, bool)
        case "option":
            return isinstance(expr, Ref)
        case "name":
            return bool(path(expr)) and not path(expr).startswith(".")
        case "make":
            return isinstance(expr, Call) or (isinstance(expr, Ref) and expr.name in {m.name for m in takes.makers})
        case "secret":
            return isinstance(expr, Call) and isinstance(expr.callee, Ref) and expr.callee.name == "secret"
        case "list":
            return isinstance(expr, ListExpr)
        case "map":
            return isinstance(expr, RecordExpr)
        case "plain":
            return literal(expr) is not WRONG
        case "rule" | "expr":
            return True


def _read_as(slot: Slot, expr: Expr, takes: Takes) -> Read:
    match takes.form:
        case "whole" | "number" | "fraction" | "money" | "duration":
            return read_number(slot, expr, takes)
        case "text":
            return expr.plain if isinstance(expr, Text) else BAD
        case "template":
            return expr if isinstance(expr, Text) else BAD
        case "bool":
            return bool(expr.value) if isinstance(expr, Constant) else BAD
        case "option":
            return read_option(slot, expr, takes)
        case "name":
            return read_name(slot, expr, takes)
        case "make":
            return make(slot.file, expr, takes.makers)
        case "secret":
            return secret(slot, expr)
        case "list":
            items = [read(slot, item, takes.items) for item in expr.items] if isinstance(expr, ListExpr) else []
            return BAD if BAD in items else tuple(item for item in items if not isinstance(item, Bad))
        case "map":
            return _map(slot, expr, takes)
        case "plain":
            return as_value(literal(expr))
        case "rule" | "expr":
            return rule(slot.file, expr)


def _map(slot: Slot, expr: Expr, takes: Takes) -> Read:
    entries = expr.entries if isinstance(expr, RecordExpr) else ()
    values = [(entry.key, read(Slot(slot.file, entry.key, slot.owner), entry.value, takes.items)) for entry in entries]
    good = tuple((key, value) for key, value in values if not isinstance(value, Bad))
    return ValueMap(good) if len(good) == len(values) else BAD


def rule(file: File, expr: Expr) -> Read:
    """Check an expression that is evaluated later, over rows or figures, and keep it."""
    where = Where(file, file.scope, item=JSON)
    before = file.errors
    where.shape(expr)
    return Rule(rewrite(expr, where.rewrites)) if file.errors == before else BAD


def make(file: File, expr: Expr, makers: Sequence[Maker]) -> Made | Bad:
    """Return a constructor with its arguments, each checked against the constructor's table."""
    callee = expr.callee if isinstance(expr, Call) else expr
    name = path(callee)
    maker = next((maker for maker in makers if maker.name == name), None)
    if maker is None:
        file.miss("E0101/maker", name or "this", callee.span, [maker.name for maker in makers])
        return BAD
    args = expr.args if isinstance(expr, Call) else ()
    if maker.later:
        file.used.update(names_in(expr))
        file.say("E0103/later", callee.span, name=name)
        return BAD
    return _arguments(file, expr.span, maker, args)


def _arguments(file: File, span: Span, maker: Maker, args: Sequence[Argument]) -> Made | Bad:
    placed: list[Read] = []
    named: dict[str, Read] = {}
    specs = {spec.name: spec for spec in maker.named}
    for argument in args:
        if argument.name is None:
            placed.append(_placed(file, maker, len(placed), argument))
        elif argument.name in named:
            file.say("E0207/twice", argument.span, name=argument.name, owner=maker.name)
        elif argument.name in specs or maker.open_named:
            takes = specs[argument.name].takes if argument.name in specs else maker.open_named
            named[argument.name] = read(Slot(file, argument.name, maker.name), argument.value, takes)
        else:
            file.miss("E0207/name", argument.name, argument.name_span, list(specs), owner=maker.name)
            return BAD
    if len(placed) < len(maker.args) - maker.optional:
        file.say("E0206", span, name=maker.args[len(placed)][0].words, owner=maker.name)
        return BAD
    for spec in maker.named:
        if spec.required and spec.name not in named:
            file.say("E0206", span, name=spec.name, owner=maker.name)
            return BAD
    return _made(maker.name, placed, named)


def _placed(file: File, maker: Maker, at: int, argument: Argument) -> Read:
    if at >= len(maker.args) and not (maker.rest and maker.args):
        file.say("E0207", argument.span, owner=maker.name, count=count_in_words(len(maker.args)))
        return BAD
    takes = maker.args[min(at, len(maker.args) - 1)]
    return read(Slot(file, "", maker.name), argument.value, takes)


def _made(name: str, placed: list[Read], named: dict[str, Read]) -> Made | Bad:
    args = tuple(value for value in placed if not isinstance(value, Bad))
    pairs = tuple((key, value) for key, value in named.items() if not isinstance(value, Bad))
    return Made(name, args, pairs) if len(args) == len(placed) and len(pairs) == len(named) else BAD
