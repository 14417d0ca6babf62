"""Record types that the language itself brings: a passage that `retrieve` finds, a turn of a session's history.

A file may declare a type of the same name. The language's own then goes by a name in brackets, which no file has.
"""

from collections.abc import Mapping
from dataclasses import replace

from msrun.dsl.check.names import File
from msrun.dsl.shapes import FLOAT, TEXT, Named, RecordDef, RecordField

PASSAGE = "Passage"
TURN = "Turn"

BUILT_IN: Mapping[str, RecordDef] = {
    PASSAGE: RecordDef(
        PASSAGE,
        (
            RecordField("text", TEXT, "the passage"),
            RecordField("source", TEXT, "the file it stands in, from the folder of the plan"),
            RecordField("score", FLOAT, "how near it is to the question, from 0 to 1"),
        ),
    ),
    TURN: RecordDef(
        TURN,
        (RecordField("user", TEXT, "what the user wrote"), RecordField("answer", TEXT, "what the plan gave back")),
    ),
}


def built_in(file: File, name: str) -> Named:
    """Return the shape of a record of the language, which the file's type table has from then on.

    >>> from msrun.dsl.source import Source
    >>> built_in(File(Source("x.plan", "")), PASSAGE)
    Named(id='Passage')
    """
    taken = name in file.symbols or file.types.get(name, BUILT_IN[name]) != BUILT_IN[name]
    id_ = f"({name})" if taken else name
    file.types.setdefault(id_, replace(BUILT_IN[name], id=id_))
    return Named(id_)
