"""Names: what one stands for and where it is visible. A `File` holds the declarations and findings of one file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, TypeAlias

from msrun.dsl.check.near import nearest, only_near
from msrun.dsl.check.notes import Notes, Part
from msrun.dsl.check.reach import Reach
from msrun.dsl.diagnostic import Diagnostic, Edit, Place, report
from msrun.dsl.plan import FragmentSpec, Input, KnowledgeSpec, Limit, ModelSpec, Plan, SessionSpec, ToolSpec
from msrun.dsl.shapes import EnumDef, Opaque, RecordDef, Shape, TypeDef
from msrun.dsl.source import NOWHERE, Source, Span
from msrun.dsl.tree import Item

What: TypeAlias = Literal[
    "input",
    "param",
    "node",
    "binder",
    "model",
    "plan",
    "fragment",
    "tool",
    "type",
    "enum",
    "stage",
    "function",
    "session",
    "knowledge",
    "import",
    "other",
]

UNKNOWN = Opaque("?")
"""The shape of something already reported: it fits everywhere, so that one mistake gives one finding."""

MOST_COMPARED = 50_000
"""Names compared for suggestions in one file: a file with thousands of mistakes gets some, not all of them."""

MOST_LISTED = 12
"""Names that a help line lists."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One name: what it stands for, its shape as a value, where it was written, and by which kind of statement.

    `id` is what the plan calls it, where that is not the name: of two files that both declare `Step`, one has another.
    `home` is where an imported one was declared; its span is the place of the import.
    """

    name: str
    what: What
    shape: Shape
    span: Span
    kind: str = ""
    id: str = ""
    imported: bool = False
    home: Place | None = None

    @property
    def key(self) -> str:
        """What the plan calls it."""
        return self.id or self.name


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of one place. What is not here is looked up in `outer`."""

    names: Mapping[str, Symbol]
    outer: "Scope | None" = None

    def find(self, name: str) -> Symbol | None:
        """Return what the name stands for here, or None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def all(self) -> Iterator[tuple[str, Symbol]]:
        """Yield every name of this scope and those around it, with what it stands for, the nearest first."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names.items()
            scope = scope.outer

    def inner(self, *symbols: Symbol) -> "Scope":
        """Return a scope within this one that also sees these."""
        return Scope({symbol.name: symbol for symbol in symbols}, self)


@dataclass(frozen=True, slots=True)
class Header:
    """What a plan takes and gives; None where it does not say what it gives and was not lowered yet."""

    inputs: tuple[Input, ...]
    result: Shape | None
    within: bool = False  # a session


@dataclass(slots=True)
class File:
    """One file under check: what it declares, what it uses, what was found.

    `lost` are names of statements that the parser could not read; nothing is said about their uses. The tables hold
    what is imported too, by ids; `sources` are the files themselves, by the places of their imports; `ids` are those
    of the file's own declarations, where they are not their names. `headers` hold every plan, `plans` those without
    errors, before what they name is gathered; `reach` says which plans of the file each of them can run.
    `files` reads what the file names from its `folder`; without it nothing is said of that.
    """

    source: Source
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])
    symbols: dict[str, Symbol] = field(default_factory=dict[str, Symbol])
    items: dict[str, Item] = field(default_factory=dict[str, Item])
    types: dict[str, TypeDef] = field(default_factory=dict[str, TypeDef])
    labels: dict[str, list[EnumDef]] = field(default_factory=dict[str, list[EnumDef]])
    model_names: list[str] = field(default_factory=list[str])
    models: dict[str, ModelSpec] = field(default_factory=dict[str, ModelSpec])
    tools: dict[str, ToolSpec] = field(default_factory=dict[str, ToolSpec])
    fragments: dict[str, FragmentSpec] = field(default_factory=dict[str, FragmentSpec])
    params: dict[str, Input] = field(default_factory=dict[str, Input])
    limits: dict[str, Limit] = field(default_factory=dict[str, Limit])  # by `run`, or the name of a plan or model
    headers: dict[str, Header] = field(default_factory=dict[str, Header])
    plans: dict[str, Plan] = field(default_factory=dict[str, Plan])
    reach: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    sessions: dict[str, SessionSpec] = field(default_factory=dict[str, SessionSpec])
    knowledge: dict[str, KnowledgeSpec] = field(default_factory=dict[str, KnowledgeSpec])
    appended: list[tuple[int, Source]] = field(default_factory=list[tuple[int, Source]])
    folder: str = ""
    files: Reach | None = None
    ids: Mapping[str, str] = field(default_factory=dict[str, str])
    exports: "dict[str, File | None]" = field(default_factory=dict[str, "File | None"])
    sources: "dict[Span, File | None]" = field(default_factory=dict[Span, "File | None"])
    used: set[str] = field(default_factory=set[str])
    lost: frozenset[str] = frozenset()
    told: set[str] = field(default_factory=set[str])
    notes: Notes = field(default_factory=Notes)
    compared: int = 0
    errors: int = 0

    @property
    def scope(self) -> Scope:
        """The file's own names."""
        return Scope(self.symbols)

    def place(self, span: Span) -> Place:
        """Return a place of this file, or of a text that was read from another one."""
        for begin, source in reversed(self.appended):
            if span.start >= begin:
                return Place(source, Span(span.start - begin, span.end - begin))
        return Place(self.source, span)

    def append(self, source: Source) -> int:
        """Let places of another file's text stand after all others; return where they begin."""
        last, text = self.appended[-1] if self.appended else (0, self.source)
        begin = last + len(text.text) + 1
        self.appended.append((begin, source))
        return begin

    def say(self, entry: str, span: Span, *more: Span, fix: str | None = None, **values: str) -> None:
        """Add a finding at `span`, with further places; `fix` is what the first should be replaced by."""
        self.errors += entry[0] == "E"
        own = self.place(span).source is self.source
        edits = (Edit(self.source, span, fix),) if fix is not None and own else ()
        places = [self.place(at) for at in more if at != NOWHERE]
        self.found.append(report(entry, self.place(span), *places, fix=edits, **values))

    def written(self, span: Span) -> str:
        """Return the text of a span."""
        source, at = self.place(span)
        return source.text[at.start : at.end]

    def forget(self, since: int) -> None:
        """Take back what was found after the first `since` findings."""
        self.errors -= sum(finding.severity == "error" for finding in self.found[since:])
        del self.found[since:]

    def near(self, word: str, known: Sequence[str]) -> str | None:
        """Return the known name that `word` may have meant, and count it as used: one mistake, one finding."""
        self.compared += len(known)
        found = nearest(word, known)
        if found is not None:
            self.used.add(found)
        return found

    def correction(self, word: str, near: str, known: Iterable[str]) -> str | None:
        """Return what `word` can be replaced by without asking: the near name where no other is near."""
        names = list(known)
        self.compared += len(names)
        return near if only_near(word, near, names) else None

    def miss(self, entry: str, word: str, span: Span, known: Iterable[str], **values: str) -> None:
        """Add a finding about a name that is none of the known ones: `entry`, or `entry/alone` without a near name."""
        if word in self.lost:
            return
        spent = self.compared > MOST_COMPARED
        names = list(islice(known, MOST_LISTED + 1) if spent else known)
        near = None if spent else self.near(word, names)
        if near is not None:
            self.say(entry, span, fix=self.correction(word, near, names), name=word, near=near, **values)
        else:
            self.say(f"{entry}/alone", span, name=word, known=enumerate_names(names), **values)

    def id(self, name: str) -> str:
        """Return what the plan calls the declaration of this name."""
        symbol = self.symbols.get(name)
        return symbol.key if symbol is not None and symbol.imported else self.ids.get(name, name)

    def span_of(self, id_: str) -> Span:
        """Return where the declaration of this id was written, NOWHERE where in another file."""
        symbol = self.symbols.get(id_) or next((s for s in self.symbols.values() if s.key == id_), None)
        return NOWHERE if symbol is None or symbol.imported else symbol.span

    def mark(self, name: str, span: Span = NOWHERE) -> None:
        """Count a declaration as used, read at `span`, and with `fact.check` the import that it came by."""
        self.used.update((name, name.partition(".")[0]))
        symbol = self.symbols.get(name)
        if symbol is not None:
            self.note(span, symbol)

    def note(self, span: Span, read: Symbol | Part) -> None:
        """Remember what a name stands for that is read at a place."""
        if span == NOWHERE or self.place(span).source is not self.source:
            return
        if isinstance(read, Part):
            self.notes.parts[span] = read
        else:
            self.notes.uses[span] = read

    def named(self, *whats: What) -> list[str]:
        """Return the names of the file that stand for one of these."""
        return [symbol.name for symbol in self.symbols.values() if symbol.what in whats]

    def absent(self, name: str, span: Span) -> bool:
        """Report `fact.chek`, a name that an imported file does not export; False where it is no such name."""
        alias, dot, rest = name.partition(".")
        if not dot or alias not in self.exports:
            return False
        self.used.add(alias)
        there = self.exports[alias]
        if there is not None and rest not in there.lost:
            known = [symbol.partition(".")[2] for symbol in self.symbols if symbol.startswith(f"{alias}.")]
            tail = Span(span.end - len(rest), span.end)
            self.miss("E0110", rest, tail, known, path=there.source.name)
        return True

    def model(self, name: str) -> Symbol | None:
        """Return the model of this name, or the only one that plans of other files bring by it."""
        symbol = self.symbols.get(name)
        if symbol is not None:
            return symbol
        brought = [id_ for id_ in self.models if id_.rpartition(".")[2] == name]
        if len(brought) != 1:
            return None
        return Symbol(name, "model", Opaque("model"), NOWHERE, "model", brought[0], imported=True)

    def record(self, id_: str) -> RecordDef | None:
        """Return the declared record of this name, or None."""
        found = self.types.get(id_)
        return found if isinstance(found, RecordDef) else None


def noun(kind: str) -> str:
    """Say what a statement of this kind makes."""
    return f"{kind} stage" if kind in ("train", "evaluate", "batch") else kind


def a(noun: str) -> str:
    """Put the article before a noun."""
    noun = "knowledge base" if noun == "knowledge" else noun
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def enumerate_names(names: Sequence[str]) -> str:
    """Write names for a help line: the first dozen of them."""
    shown = ", ".join(f"`{name}`" for name in names[:MOST_LISTED])
    return f"{shown}, …" if len(names) > MOST_LISTED else shown or "none"
