"""What stands in braces that hold settings only: a setting that lost its colon, a statement that belongs outside."""

from collections.abc import Sequence

from msrun.dsl.check.names import File
from msrun.dsl.check.read import names_in
from msrun.dsl.diagnostic import Edit, Place, report
from msrun.dsl.kinds.spec import KindSpec, SettingSpec
from msrun.dsl.source import Span
from msrun.dsl.tree import Arm, Block, Outcome, RecordExpr, Setting, Statement


def refuse_inside(file: File, block: Block | None, table: Sequence[SettingSpec], owner: str) -> None:
    """Report everything in a block that is no setting: nothing of a plan is passed over in silence."""
    for item in block.items if block is not None else ():
        match item:
            case Statement():
                _refuse_statement(file, item, table, owner)
            case Outcome(word):
                file.used.update(names_in(item.value))
                file.say("E0103/block", item.word_span, name=word, owner=owner)
            case Arm():
                file.say("E0103/block", item.span, name="case", owner=owner)
            case Setting():
                pass


def refuse_swallowed(file: File, statement: Statement, spec: KindSpec) -> None:
    """Report a clause without a value that took the settings behind it for one: `limit { retry: 2 }`."""
    if statement.block is not None or not statement.clauses:
        return
    last = statement.clauses[-1]
    known = {setting.name for setting in spec.settings}
    if not isinstance(last.value, RecordExpr) or not last.value.entries:
        return
    if all(entry.key in known for entry in last.value.entries):
        file.say(f"E0006/{last.word}", last.word_span, word=last.word)


def _refuse_statement(file: File, statement: Statement, table: Sequence[SettingSpec], owner: str) -> None:
    name = statement.kind.text
    file.used.update(names_in(statement))
    if name not in {setting.name for setting in table}:
        file.say("E0103/block", statement.kind.span, name=name, owner=owner)
        return
    if statement.name is not None:  # `data headlines` reads it, once the colon is there
        file.used.add(statement.name.text)
    end = Span(statement.kind.span.end, statement.kind.span.end)
    places = (file.place(statement.kind.span), Place(file.source, end))
    file.errors += 1
    file.found.append(report("E0001/colon", *places, fix=[Edit(file.source, end, ":")], name=name, owner=owner))
