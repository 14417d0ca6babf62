"""Sessions: their declarations become specs, a plan within one sees it, and no two nodes update one slot of it."""

from collections.abc import Iterable

from msrun.dsl.check.names import UNKNOWN, File, Symbol, a
from msrun.dsl.infer.builtin import TURN, built_in
from msrun.dsl.infer.types import resolve
from msrun.dsl.infer.where import Where, imported, path
from msrun.dsl.kinds.session import SESSION as KIND
from msrun.dsl.lower.draft import Bench
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.settings import read, settings_of
from msrun.dsl.lower.slot import Slot
from msrun.dsl.plan import SESSION, Input, Node, Screen, SessionSpec, Value
from msrun.dsl.shapes import ListOf, Maybe, Named, RecordDef, RecordField, Scalar, Shape, bare
from msrun.dsl.source import Span
from msrun.dsl.tree import Arm, Block, ClauseWord, Expr, NamedType, Ref, Setting, Statement

ROUNDS = ("repeat", "search")
"""Kinds whose nodes run more than once in a turn."""

MANY: tuple[ClauseWord, ...] = ("for", "samples")
"""Clauses that make a node, with all that stands in it, run more than once."""


def declare_session(file: File, statement: Statement) -> None:
    """Keep a session with its slots; the record that `session` is in a plan becomes a type of the file."""
    check_header(file, statement, KIND)
    if statement.name is None:
        return
    name = statement.name.text
    table = {spec.name: spec for spec in KIND.settings}
    values: dict[str, Value] = {}
    slots: dict[str, Shape] = {}
    seen: dict[str, Span] = {}
    for setting in settings_of(statement.block):
        key = setting.key.text
        if key in seen:
            file.say("E0102", setting.key.span, seen[key], name=key)
        elif key in table:
            value = read(Slot(file, key, "session"), setting.value, table[key].takes)
            values[key] = value if isinstance(value, int | float) else None
        else:
            shape = _slot(file, setting, list(table))
            if shape is not None:
                slots[key] = shape
        seen.setdefault(key, setting.key.span)
    history, expires = values.get("history"), values.get("expires")
    spec = SessionSpec(name=file.id(name), slots=tuple(slots.items()))
    file.sessions[spec.name] = SessionSpec(
        name=spec.name,
        slots=spec.slots,
        history=int(history) if isinstance(history, int | float) else spec.history,
        expires_s=float(expires) if isinstance(expires, int | float) else spec.expires_s,
    )
    fields = [RecordField(slot, shape) for slot, shape in slots.items()]
    file.types[spec.name] = RecordDef(
        spec.name, (*fields, RecordField("history", ListOf(built_in(file, TURN)), "the turns so far"))
    )


def _slot(file: File, setting: Setting, settings: list[str]) -> Shape | None:
    """The shape of a slot, from the name of its type, None where it is a setting misspelt.

    What cannot begin with its defaults begins with null.
    """
    written = path(setting.value)
    if not written:
        if file.near(setting.key.text, settings) is not None:
            file.miss("E0104", setting.key.text, setting.key.span, settings, owner="session")
            return None
        file.say("E0202/slot_type", setting.value.span, name=setting.key.text)
        return UNKNOWN
    span = setting.value.span
    shape = resolve(file, NamedType(written, span=span, name_span=span))
    record = file.record(shape.id) if isinstance(shape, Named) else None
    whole = record is not None and all(field.default is not None for field in record.fields)
    return shape if whole or shape == UNKNOWN else Maybe(shape)


def enter(bench: Bench, statement: Statement) -> None:
    """Let a plan `within` a session see it; what is no session is reported."""
    clause = statement.clause("within")
    if clause is None:
        return
    where = Where(bench.file, bench.file.scope)
    name = imported(where, clause.value)
    symbol = bench.file.symbols.get(name)
    bench.session = ""
    if symbol is None and name:
        if not bench.file.absent(name, clause.value.span):
            bench.file.miss("E0101/session", name, clause.value.span, bench.file.named("session"))
    elif symbol is None or symbol.what != "session":
        what = "an expression" if symbol is None else a(symbol.what)
        bench.file.say("E0202/session", clause.value.span, *((symbol.span,) if symbol else ()), what=what)
    else:
        bench.file.mark(name)
        bench.session = bench.file.id(name)
    known = bench.names.get(SESSION)
    if known is not None:
        bench.file.say("E0102", known.span, clause.span, name=SESSION)
    shape = Named(bench.session) if bench.session in bench.file.sessions else UNKNOWN
    bench.names[SESSION] = Symbol(SESSION, "binder", shape, clause.span, "session")


def said(inputs: Iterable[Input], nodes: Iterable[Node]) -> Expr | None:
    """Return what the history keeps as the user's words: the first text among the inputs, else the first input.

    Where a guard takes personal data out of it, the guard's text is kept: what was taken out is not to come back.
    """
    given = list(inputs)
    shapes = {each.name: bare(each.shape) for each in given}
    texts = [name for name, shape in shapes.items() if isinstance(shape, Scalar) and shape.name == "text"]
    first = next(iter([*texts, *shapes]), None)
    if first is None:
        return None
    for node in nodes:
        plainly = node.over is None and node.when is None
        if isinstance(node.action, Screen) and node.action.redact and node.action.source == Ref(first) and plainly:
            return Ref(str(node.id))
    return Ref(first)


def check_updates(file: File, block: Block | None) -> None:
    """Report a slot that two nodes may update in one turn; of the arms of a `choose` only one runs."""
    if block is not None:
        _updates(file, block, again=False)


def _updates(file: File, block: Block, *, again: bool) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for item in block.items:
        for slot, span in _of(file, item, again=again).items():
            if slot in found:
                file.say("E0312", span, found[slot], name=slot)
            found.setdefault(slot, span)
    return found


def _of(file: File, item: object, *, again: bool) -> dict[str, Span]:
    match item:
        case Statement() if item.kind.text == "update":
            if item.name is None:
                return {}
            if again:
                file.say("E0312/again", item.name.span, name=item.name.text)
            return {item.name.text: item.name.span}
        case Statement() if item.block is not None:
            often = again or item.kind.text in ROUNDS or any(item.clause(word) for word in MANY)
            if item.kind.text != "choose":
                return _updates(file, item.block, again=often)
            arms = [_of(file, arm, again=often) for arm in item.block.items if isinstance(arm, Arm)]
            return {slot: span for arm in reversed(arms) for slot, span in arm.items()}
        case Arm():
            return _updates(file, item.body, again=again)
        case _:
            return {}
