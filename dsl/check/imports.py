"""The names that a file imports: each becomes a symbol of the file, and what it stands for is at hand by its id."""

from dataclasses import replace

from msrun.dsl.check.names import File, Symbol, What, a, noun
from msrun.dsl.shapes import EnumDef, Opaque
from msrun.dsl.tree import ImportDecl, Name

EXPORTED: tuple[What, ...] = ("type", "enum", "fragment", "tool", "model", "plan", "param")
"""What other files may import."""


def bring(file: File, item: ImportDecl, there: File | None) -> None:
    """Make the names of an import known. `there` is None where the file could not be read, which was reported."""
    file.sources[item.span] = there
    if there is None:
        file.errors += 1
    else:
        file.errors += there.errors > 0
        file.types.update(there.types)
        file.fragments.update(there.fragments)
        file.tools.update(there.tools)
        file.models.update(there.models)
        file.params.update(there.params)
        file.knowledge.update(there.knowledge)
        file.headers.update(there.headers)
        file.plans.update(there.plans)
    if item.alias is not None and _is_new(file, item.alias):
        _bring_all(file, item.alias, there)
    for name in item.names:
        if _is_new(file, name):
            _bring_one(file, name, item.path, there)


def _is_new(file: File, name: Name) -> bool:
    known = file.symbols.get(name.text)
    if known is not None:
        file.say("E0102", name.span, known.span, name=name.text)
    return known is None


def _bring_all(file: File, alias: Name, there: File | None) -> None:
    """`fact.check` becomes a name of its own; the alias stands for no value."""
    file.symbols[alias.text] = Symbol(alias.text, "import", Opaque("import"), alias.span, "import")
    file.exports[alias.text] = there
    for symbol in _exported(there):
        _put(file, symbol, f"{alias.text}.{symbol.name}", alias, there)


def _bring_one(file: File, name: Name, path: str, there: File | None) -> None:
    found = there.symbols.get(name.text) if there is not None else None
    if found is not None and not found.imported and found.what in EXPORTED:
        _put(file, found, name.text, name, there)
        file.note(name.span, file.symbols[name.text])
        if found.what == "model":
            file.model_names.append(name.text)
        return
    if there is None or name.text in there.lost:
        file.lost |= {name.text}
        return
    if found is not None and not found.imported and found.kind:
        file.say("E0110/kind", name.span, name=name.text, path=path, what=a(noun(found.kind)))
    else:
        known = [symbol.name for symbol in _exported(there)]
        file.miss("E0110", name.text, name.span, known, path=path)
    file.lost |= {name.text}  # what it would have been is unknown: nothing is said about its uses


def _exported(there: File | None) -> list[Symbol]:
    symbols = there.symbols.values() if there is not None else ()
    return [symbol for symbol in symbols if symbol.what in EXPORTED and not symbol.imported]


def _put(file: File, symbol: Symbol, name: str, at: Name, there: File | None) -> None:
    home = there.place(symbol.span) if there is not None else None
    file.symbols[name] = replace(symbol, name=name, span=at.span, id=symbol.key, imported=True, home=home)
    enum = file.types.get(symbol.key)
    if symbol.what == "enum" and isinstance(enum, EnumDef):
        for label, _ in enum.labels:
            file.labels.setdefault(label, []).append(enum)
