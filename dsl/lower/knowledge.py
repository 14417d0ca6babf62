"""`knowledge` statements become specs, and the files they name are looked for."""

from msrun.dsl.check.names import File
from msrun.dsl.check.sought import Lost, Outside, place
from msrun.dsl.kinds.knowledge import KNOWLEDGE
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.settings import make, read_all
from msrun.dsl.plan import KnowledgeSpec, Made
from msrun.dsl.source import Span
from msrun.dsl.tree import Argument, Call, Statement


def declare_knowledge(file: File, statement: Statement) -> None:
    """Keep a knowledge base; where the files of the plan can be read, one that has none is reported."""
    check_header(file, statement, KNOWLEDGE)
    settings = read_all(file, statement.block, KNOWLEDGE.settings, "knowledge", span=statement.kind.span)
    if statement.name is None or statement.value is None:
        return
    made = make(file, statement.value, KNOWLEDGE.makers)
    if not isinstance(made, Made):
        return
    span, written = _written(statement), str(made.args[0])
    try:
        pattern = place(file.folder, written)
    except Outside:
        file.say("E0508/outside", span, name=written)
        return
    id_ = file.id(statement.name.text)
    file.knowledge[id_] = KnowledgeSpec(name=id_, files=pattern, settings=settings)
    if file.files is None:
        return
    try:
        if not file.files.matching(pattern):
            file.say("E0508/files", span, name=written)
    except Lost as lost:
        file.say("E0508/folder", span, name=written, folder=lost.folder, known=lost.known)


def _written(statement: Statement) -> Span:
    """Where the pattern stands."""
    match statement.value:
        case Call(_, (Argument(value=value), *_)):
            return value.span
        case _:
            return statement.kind.span
