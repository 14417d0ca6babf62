"""Meaning: types that do not fit, values out of bounds, arguments and clauses left out, circles, outcomes missing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.mistakes.book import Book, Mistake, statement_of
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.source import Span
from msrun.dsl.tree import (
    Arm,
    Block,
    Call,
    Clause,
    Constant,
    EnumDecl,
    Field,
    Get,
    NamedType,
    Outcome,
    Param,
    Pipe,
    Ref,
    Setting,
    Statement,
    Text,
    TypeDecl,
)

_NUMBERS = frozenset({"retry", "temperature", "top_p", "quorum", "repair", "min_confidence", "min_score"})


def text_for_number(book: Book) -> Iterator[Mistake]:
    """A setting or bound that takes a number has a text."""
    for setting, _ in book.all(Setting):
        if isinstance(setting.value, Constant) and type(setting.value.value) in (int, float):
            yield book.edit("text for a number", setting.value.span, '"many"')
    for clause, _ in book.all(Clause):
        if clause.word in ("limit", "samples", "keep"):
            yield book.edit("text for a number", clause.value.span, '"many"')


def number_for_text(book: Book) -> Iterator[Mistake]:
    """A setting that takes a text, an option or a name has a number."""
    for setting, above in book.all(Setting):
        if isinstance(setting.value, Text | Ref) and _own(above):
            yield book.edit("number for a text", setting.value.span, "17")


def out_of_range(book: Book) -> Iterator[Mistake]:
    """A number is far outside of what its setting takes."""
    for setting, _ in book.all(Setting):
        if setting.key.text in _NUMBERS and isinstance(setting.value, Constant):
            yield book.edit("out of range", setting.value.span, "99")
    for clause, _ in book.all(Clause):
        if clause.word in ("limit", "samples", "keep") and isinstance(clause.value, Constant):
            yield book.edit("out of range", clause.value.span, "0")


def unit_left_out(book: Book) -> Iterator[Mistake]:
    """A duration or a sum of money has no unit."""
    for constant, above in book.all(Constant):
        if constant.unit in ("s", "ms", "min", "h", "d", "$") and isinstance(above[-1], Setting):
            bare = book.written(constant.span).strip("$smindh")
            yield book.edit("unit left out", constant.span, bare)


def unknown_unit(book: Book) -> Iterator[Mistake]:
    """A number has a unit that there is not."""
    for constant, _ in book.all(Constant):
        if constant.unit and constant.unit != "$":
            yield book.edit("unknown unit", Span(constant.span.end, constant.span.end), "ek", constant.span.start)


def empty_range(book: Book) -> Iterator[Mistake]:
    """A range ends before it begins."""
    for used, _ in book.all(NamedType):
        if used.bounds is not None:
            yield book.edit("empty range", used.bounds.span, "[9..2]", used.span.start)


def default_of_another_type(book: Book) -> Iterator[Mistake]:
    """The default of an input or a field is no value of its type."""
    defaults = [declared.default for declared, _ in book.all(Param)]
    defaults += [declared.default for declared, _ in book.all(Field)]
    for default in defaults:
        if default is not None:
            yield book.edit("default of another type", default.span, "[[1], {}]")


def result_of_another_type(book: Book) -> Iterator[Mistake]:
    """A plan says that it gives something else than it returns."""
    for statement, _ in book.all(Statement):
        if statement.kind.text == "plan" and statement.result is not None:
            returns = (
                [item.span.start for item in statement.block.items if isinstance(item, Outcome)]
                if statement.block
                else []
            )
            yield book.edit(
                "result of another type",
                statement.result.span,
                "map<list<bool>>",
                statement.result.span.start,
                *returns,
            )


def loop_over_no_list(book: Book) -> Iterator[Mistake]:
    """`for` runs over a single value."""
    for clause, above in book.all(Clause):
        single = _single(above)
        if clause.word == "for" and single:
            yield book.edit("for over no list", clause.value.span, single)


def argument_left_out(book: Book) -> Iterator[Mistake]:
    """A call of a tool, plan or fragment of the file lacks an argument."""
    required = {
        s.name.text: [p.name.text for p in s.params or () if p.default is None]
        for s, _ in book.all(Statement)
        if s.name
    }
    for call, _ in book.all(Call):
        needed = required.get(call.callee.name, []) if isinstance(call.callee, Ref) else []
        if needed and call.args:
            last = call.args[-1]
            before = call.args[-2].span.end if len(call.args) > 1 else last.span.start
            if (last.name or needed[-1]) in needed:
                yield book.edit("argument left out", Span(before, last.span.end), "", call.span.start)


def unknown_argument(book: Book) -> Iterator[Mistake]:
    """A call has an argument that nobody takes."""
    known = {s.name.text for s, _ in book.all(Statement) if s.name and s.kind.text in ("tool", "plan", "fragment")}
    for call, _ in book.all(Call):
        if isinstance(call.callee, Ref) and call.callee.name in known and call.args:
            end = Span(call.args[-1].span.end, call.args[-1].span.end)
            yield book.edit("unknown argument", end, ", also_this: 1", call.args[-1].span.start)


def argument_of_another_type(book: Book) -> Iterator[Mistake]:
    """A call of a tool or plan gets a value of another type."""
    known = {s.name.text for s, _ in book.all(Statement) if s.name and s.kind.text in ("tool", "plan")}
    for call, _ in book.all(Call):
        if isinstance(call.callee, Ref) and call.callee.name in known and call.args:
            yield book.edit("argument of another type", call.args[-1].value.span, "[[{}]]")


def no_default_for_null(book: Book) -> Iterator[Mistake]:
    """What may be null is put into a prompt without `default`."""
    for pipe, _ in book.all(Pipe):
        if pipe.filter == "default":
            yield book.edit("no default for null", Span(pipe.base.span.end, pipe.span.end), "", pipe.base.span.start)


def circle(book: Book) -> Iterator[Mistake]:
    """A node reads what needs it."""
    nodes = {s.name.text: s for s, above in book.all(Statement) if s.name and _in_plan(above)}
    for name, node in nodes.items():
        readers = [other for other in nodes.values() if other is not node and _reads(book, other, name)]
        source = node.clause("from")
        if source is not None and readers and readers[0].name is not None:
            heads = [node.span.start, *(reader.span.start for reader in readers)]
            yield book.edit("circle", source.value.span, readers[0].name.text, *heads)


def outcome_left_out(book: Book) -> Iterator[Mistake]:
    """A plan, arm or loop lacks its `return`, `next` or `until`; a test all that it expects."""
    for outcome, above in book.all(Outcome):
        holder, block = above[-2:] if len(above) > 1 else (None, None)
        alone = isinstance(block, Block) and sum(_same(item, outcome) for item in block.items) == 1
        if (
            alone
            and isinstance(block, Block)
            and (outcome.word != "expect" or (isinstance(holder, Statement) and holder.kind.text == "test"))
        ):
            start = holder.span.start if isinstance(holder, Statement | Arm) else outcome.span.start
            ends = block.span.end - 1
            yield book.edit(f"no {outcome.word}", book.whole_line(outcome.span), "", start, ends)


def _same(item: Any, outcome: Outcome) -> bool:
    return isinstance(item, Outcome) and item.word == outcome.word


def bound_left_out(book: Book) -> Iterator[Mistake]:
    """A loop or a search has no limit."""
    for statement, _ in book.all(Statement):
        clause = statement.clause("limit")
        if statement.kind.text in ("repeat", "search") and clause is not None:
            yield book.edit("bound left out", clause.span, "", statement.span.start)


def model_left_open(book: Book) -> Iterator[Mistake]:
    """Nothing says which of several models a node asks."""
    models = [s for s, above in book.all(Statement) if s.kind.text == "model" and not above]
    defaults = any(s.kind.text == "defaults" for s, _ in book.all(Statement))
    for clause, above in book.all(Clause):
        statement = statement_of(above)
        if clause.word == "using" and len(models) > 1 and not defaults and statement is not None:
            yield book.edit("model left open", clause.span, "", statement.span.start, *_inside(statement))


def _inside(statement: Statement) -> list[int]:
    items = statement.block.items if statement.block else ()
    return [item.span.start for item in items if isinstance(item, Statement)]


def loop_left_out(book: Book) -> Iterator[Mistake]:
    """A node reads the item of a loop that it does not have."""
    for clause, above in book.all(Clause):
        statement = statement_of(above)
        if clause.word == "for" and clause.name is not None and statement is not None:
            reads = [
                s.start for s in book.refs(clause.name.text) if statement.span.start <= s.start < statement.span.end
            ]
            if reads:
                yield book.edit("for left out", clause.span, "", *reads)


def key_left_out(book: Book) -> Iterator[Mistake]:
    """A type that others refer to has no key."""
    for declared, _ in book.all(TypeDecl):
        refers = [
            t.span.start
            for t, _ in book.all(NamedType)
            if t.name == "ref" and declared.name.text in book.written(t.span)
        ]
        for each in declared.fields:
            if refers and isinstance(each.type, NamedType) and each.type.name == "key":
                yield book.edit("key left out", each.type.span, "text", each.type.span.start, *refers)


def field_left_out(book: Book) -> Iterator[Mistake]:
    """A type lacks a field that something reads."""
    for declared, _ in book.all(TypeDecl):
        for each in declared.fields:
            reads = [g.attr_span.start for g, _ in book.all(Get) if g.attr == each.name.text]
            elsewhere = sum(f.name.text == each.name.text for d, _ in book.all(TypeDecl) for f in d.fields)
            if reads and elsewhere == 1 and len(declared.fields) > 1:
                yield book.edit("field left out", book.whole_line(each.span), "", declared.span.start, *reads)


def label_left_out(book: Book) -> Iterator[Mistake]:
    """An enum lacks a label that something names, or `choose` lacks an arm."""
    for declared, _ in book.all(EnumDecl):
        for label in declared.labels:
            reads = [span.start for span in book.refs(label.name.text)]
            if reads and len(declared.labels) > 1:
                yield book.edit("label left out", book.whole_line(label.span), "", declared.span.start, *reads)
    for statement, _ in book.all(Statement):
        arms = [item for item in statement.block.items if isinstance(item, Arm)] if statement.block else []
        if len(arms) > 1:
            yield book.edit("arm left out", book.whole_line(arms[-1].span), "", statement.span.start)


def unread(book: Book) -> Iterator[Mistake]:
    """A node, model or input that nothing reads."""
    several = sum(each.kind.text == "model" for each, above in book.all(Statement) if not above) > 1
    for statement, above in book.all(Statement):
        if statement.kind.text == "plan" and statement.block is not None and statement.params:
            first = statement.params[0].name.text
            start = Span(statement.block.span.start + 1, statement.block.span.start + 1)
            yield book.edit("unread node", start, f" let spare_one = {first} ", statement.block.span.start)
            end = Span(statement.params[-1].span.end, statement.params[-1].span.end)
            yield book.edit("unread input", end, ", spare_one: text", statement.params[-1].span.start)
        if statement.kind.text == "model" and not above and several:
            end = Span(statement.span.end, statement.span.end)
            yield book.edit("unread model", end, ' model spare_one = ollama("x")', statement.span.end - 1)


def setting_left_out(book: Book) -> Iterator[Mistake]:
    """A statement lacks a setting that its kind cannot be without."""
    for setting, above in book.all(Setting):
        statement = statement_of(above)
        spec = KINDS.get(statement.kind.text) if statement is not None else None
        known = spec.setting(setting.key.text) if spec is not None else None
        if known is not None and known.required and statement is not None and _own(above):
            span = book.whole_line(setting.span)
            yield book.edit("setting left out", span, "", statement.span.start, setting.span.start)


def setting_twice(book: Book) -> Iterator[Mistake]:
    """A setting stands there twice."""
    for setting, above in book.all(Setting):
        if _own(above):
            end = Span(setting.span.end, setting.span.end)
            made = book.edit("setting twice", end, "\n" + book.written(setting.span), setting.span.start)
            second = made.text.count("\n", 0, setting.span.end + 1) + 1
            yield replace(made, lines=made.lines | {second})


def reply_left_out(book: Book) -> Iterator[Mistake]:
    """A mock's replies are no replies at all."""
    for call, above in book.all(Call):
        statement = statement_of(above)
        if isinstance(call.callee, Ref) and call.callee.name == "replies" and statement is not None:
            yield book.edit("no replies in a mock", call.span, "17", statement.span.start)


def _own(above: tuple[Any, ...]) -> bool:
    """Whether a setting stands in a statement's own block."""
    return len(above) > 1 and isinstance(above[-1], Block) and isinstance(above[-2], Statement)


def _in_plan(above: tuple[Any, ...]) -> bool:
    return len(above) == 2 and isinstance(above[0], Statement) and above[0].kind.text == "plan"


def _reads(book: Book, statement: Statement, name: str) -> bool:
    return any(statement.span.start <= span.start < statement.span.end for span in book.refs(name))


def _single(above: tuple[Any, ...]) -> str:
    """Return the name of an input of the plan that is one text."""
    for part in above:
        if isinstance(part, Statement) and part.kind.text == "plan":
            for param in part.params or ():
                if isinstance(param.type, NamedType) and param.type.name == "text":
                    return param.name.text
    return ""


OPERATORS = (
    text_for_number,
    number_for_text,
    out_of_range,
    unit_left_out,
    unknown_unit,
    empty_range,
    default_of_another_type,
    result_of_another_type,
    loop_over_no_list,
    argument_left_out,
    unknown_argument,
    argument_of_another_type,
    no_default_for_null,
    circle,
    outcome_left_out,
    bound_left_out,
    model_left_open,
    loop_left_out,
    key_left_out,
    field_left_out,
    label_left_out,
    unread,
    setting_left_out,
    setting_twice,
    reply_left_out,
)
