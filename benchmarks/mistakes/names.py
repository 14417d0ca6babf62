"""Names: misspelt where they are read or declared, taken away, given twice."""

from collections.abc import Iterator

from benchmarks.mistakes.book import Book, Mistake, misspelt, setting_of, statement_of
from msrun.dsl.source import Span
from msrun.dsl.tree import (
    Clause,
    EnumDecl,
    Get,
    ImportDecl,
    Name,
    NamedType,
    Pipe,
    Ref,
    Setting,
    Statement,
    TypeDecl,
)


def misspelt_reference(book: Book) -> Iterator[Mistake]:
    """A name is misspelt where it is read."""
    names = book.names
    for ref, _ in book.all(Ref):
        if ref.name in names and book.written(ref.span) == ref.name:
            yield book.edit("misspelt reference", ref.span, misspelt(ref.name, names))


def renamed_declaration(book: Book) -> Iterator[Mistake]:
    """A declaration has another name, and what reads it has not."""
    names = book.names
    for statement, _ in book.all(Statement):
        if statement.name is None or not book.refs(statement.name.text):
            continue
        reads = [span.start for span in book.refs(statement.name.text)]
        new = misspelt(statement.name.text, names)
        yield book.edit("renamed declaration", statement.name.span, new, statement.name.span.start, *reads)


def removed_declaration(book: Book) -> Iterator[Mistake]:
    """A node, model, tool or fragment that something reads is not there."""
    for statement, _ in book.all(Statement):
        reads = book.refs(statement.name.text) if statement.name else []
        outside = [s.start for s in reads if not statement.span.start <= s.start < statement.span.end]
        if statement.kind.text not in ("plan", "test", "mock", "run") and outside:
            yield book.edit("removed declaration", book.whole_line(statement.span), "", *outside)


def removed_type(book: Book) -> Iterator[Mistake]:
    """A type that something uses is not there."""
    types: list[TypeDecl | EnumDecl] = [declared for declared, _ in book.all(TypeDecl)]
    types += [declared for declared, _ in book.all(EnumDecl)]
    for declared in types:
        uses = [use.span.start for use, _ in book.all(NamedType) if use.name == declared.name.text]
        outside = [at for at in uses if not declared.span.start <= at < declared.span.end]
        if outside:
            yield book.edit("removed type", book.whole_line(declared.span), "", *outside)


def declared_twice(book: Book) -> Iterator[Mistake]:
    """A declaration stands there twice."""
    for statement, _ in book.all(Statement):
        if statement.name is not None and statement.kind.text != "mock":
            yield _twice(book, statement, book.written(statement.span))


def _twice(book: Book, statement: Statement, copy: str) -> Mistake:
    made = book.edit("declared twice", Span(statement.span.end, statement.span.end), "\n" + copy, statement.span.start)
    second = made.text.count("\n", 0, statement.span.end + 1) + 1
    return Mistake(
        operator=made.operator, file=made.file, text=made.text, lines=made.lines | {second}, what=f"twice: {copy[:50]}"
    )


def misspelt_kind(book: Book) -> Iterator[Mistake]:
    """The kind of a statement is misspelt."""
    for statement, _ in book.all(Statement):
        yield book.edit("misspelt kind", statement.kind.span, misspelt(statement.kind.text, set()))


def misspelt_setting(book: Book) -> Iterator[Mistake]:
    """A setting's key is misspelt."""
    for setting, above in book.all(Setting):
        if not isinstance(above[-2] if len(above) > 1 else None, Setting):
            yield book.edit("misspelt setting", setting.key.span, misspelt(setting.key.text, set()))


def misspelt_clause(book: Book) -> Iterator[Mistake]:
    """A clause's word is misspelt."""
    for clause, _ in book.all(Clause):
        yield book.edit("misspelt clause", clause.word_span, misspelt(clause.word, set()))


def misspelt_filter(book: Book) -> Iterator[Mistake]:
    """A filter's name is misspelt."""
    for pipe, _ in book.all(Pipe):
        yield book.edit("misspelt filter", pipe.filter_span, misspelt(pipe.filter, set()))


def misspelt_type(book: Book) -> Iterator[Mistake]:
    """A type's name is misspelt where it is used."""
    for used, _ in book.all(NamedType):
        if used.name_span.end > used.name_span.start and book.written(used.name_span) == used.name:
            yield book.edit("misspelt type", used.name_span, misspelt(used.name, book.names))


def misspelt_field(book: Book) -> Iterator[Mistake]:
    """A field's name is misspelt where it is read."""
    taken = {get.attr for get, _ in book.all(Get)}
    for get, _ in book.all(Get):
        yield book.edit("misspelt field", get.attr_span, misspelt(get.attr, taken))


def misspelt_label(book: Book) -> Iterator[Mistake]:
    """A label of an enum, or an option of a setting, is misspelt."""
    names = book.names
    for ref, above in book.all(Ref):
        if ref.name not in names and book.written(ref.span) == ref.name and ref.name not in ("earlier", "session"):
            setting, statement = setting_of(above), statement_of(above)
            if setting is not None or (statement is not None and ref.name in _labels(book)):
                yield book.edit("misspelt label", ref.span, misspelt(ref.name, names | _labels(book)))


def _labels(book: Book) -> set[str]:
    return {label.name.text for enum, _ in book.all(EnumDecl) for label in enum.labels}


def misspelt_import(book: Book) -> Iterator[Mistake]:
    """An import's path or one of its names is misspelt."""
    for declared, _ in book.all(ImportDecl):
        inner = Span(declared.path_span.start + 1, declared.path_span.end - 1)
        yield book.edit("misspelt import", inner, declared.path.replace(".plan", "s.plan"))
        for name in declared.names:
            yield book.edit("misspelt import", name.span, misspelt(name.text, set()), name.span.start)


def reserved_name(book: Book) -> Iterator[Mistake]:
    """A reserved word is taken as a name."""
    for statement, _ in book.all(Statement):
        if isinstance(statement.name, Name) and statement.name.text and statement.kind.text not in ("test", "mock"):
            reads = [span.start for span in book.refs(statement.name.text)]
            yield book.edit("reserved word as a name", statement.name.span, "for", statement.name.span.start, *reads)


def hidden_input(book: Book) -> Iterator[Mistake]:
    """A node has the name of one of its plan's inputs."""
    for statement, above in book.all(Statement):
        plan = next((each for each in above if isinstance(each, Statement) and each.kind.text == "plan"), None)
        if plan is not None and plan.params and statement.name is not None:
            first = plan.params[0].name
            yield book.edit(
                "a node named as an input", statement.name.span, first.text, statement.name.span.start, first.span.start
            )


OPERATORS = (
    misspelt_reference,
    renamed_declaration,
    removed_declaration,
    removed_type,
    declared_twice,
    misspelt_kind,
    misspelt_setting,
    misspelt_clause,
    misspelt_filter,
    misspelt_type,
    misspelt_field,
    misspelt_label,
    misspelt_import,
    reserved_name,
    hidden_input,
)
