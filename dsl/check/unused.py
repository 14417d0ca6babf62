"""Declarations of a file that nothing names: warned of, in a file that runs or trains something itself."""

from msrun.dsl.check.names import File

LEAVES = ("train", "evaluate", "batch")
"""Stages that are made for their own sake."""

WARNED = (
    "model",
    "fragment",
    "tool",
    "param",
    "session",
    "knowledge",
    "type",
    "enum",
    "corpus",
    "dataset",
    "tokenizer",
)


def check_unused(file: File) -> None:
    """Warn of unused declarations; a file without plans and stages is a library, all of it is for others."""
    kinds = {symbol.kind for symbol in file.symbols.values()}
    if "plan" not in kinds and not kinds.intersection(LEAVES):
        return
    for symbol in file.symbols.values():
        if symbol.kind in WARNED and symbol.name not in file.used and not symbol.imported:
            file.say("W0402", symbol.span, name=symbol.name, kind=symbol.kind)
