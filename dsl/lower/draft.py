"""A node on its way to the plan: what stands in its header, read once for every kind, before the kind acts."""

from dataclasses import dataclass, field

from msrun.dsl.check.names import File, Scope, Symbol
from msrun.dsl.infer.where import Where
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.plan import Action, FragmentSpec, Given, Over, Policy
from msrun.dsl.shapes import Shape
from msrun.dsl.tree import Clause, Constant, Expr, Setting, Statement


@dataclass(slots=True)
class Bench:
    """One graph under check: its inputs and nodes so far by name, and what its nodes have by default.

    A graph inside a node has the names `around` it too, and what is known there not to be null.
    """

    file: File
    plan: str
    names: dict[str, Symbol] = field(default_factory=dict[str, Symbol])
    default_model: str | None = None
    policy: Policy = Policy()
    session: str | None = None  # within which; empty where that was reported
    fragments: dict[str, FragmentSpec] = field(default_factory=dict[str, FragmentSpec])
    origins: dict[str, str] = field(default_factory=dict[str, str])  # the list that each list goes back to, by items
    around: Scope | None = None
    sure: frozenset[str] = frozenset()

    @property
    def scope(self) -> Scope:
        """The graph's names within those around it."""
        return Scope(self.names, self.around or self.file.scope)

    @property
    def where(self) -> Where:
        """The place of an expression that stands in the graph, in no node."""
        return Where(self.file, self.scope, sure=self.sure)

    def seen(self, name: str) -> Symbol | None:
        """Return the input, node or binder that a name stands for here, None where it is none of them."""
        found = self.scope.find(name)
        return found if found is not None and found.what in ("input", "node", "binder") else None

    def around_it(self, name: str) -> Symbol | None:
        """Return what a name stands for in the graphs around this one, None where it is none of their names."""
        found = self.around.find(name) if self.around is not None else None
        return found if found is not None and found.what in ("input", "node", "binder") else None


@dataclass(slots=True, kw_only=True)
class Draft:
    """A node's statement with its header read. `where` sees its binders; `item` is what `for` gives, cell by cell.

    `shown` is what a default prompt shows besides, each with its title.
    """

    bench: Bench
    spec: KindSpec
    statement: Statement
    where: Where
    settings: dict[str, Setting]
    over: Over | None = None
    item: Shape | None = None
    given: Given | None = None
    source: Expr | None = None
    source_shape: Shape | None = None
    alias: str | None = None
    type: Shape | None = None
    shown: tuple[tuple[str, Expr, Shape], ...] = ()

    @property
    def file(self) -> File:
        """The file under check."""
        return self.bench.file

    @property
    def name(self) -> str:
        """The node's name, or its kind where it has none."""
        return self.statement.name.text if self.statement.name else self.statement.kind.text

    def clause(self, word: str) -> Clause | None:
        """Return the clause that begins with this word, if the kind has it."""
        return next((c for c in self.statement.clauses if c.word == word and c.word in self.spec.clauses), None)

    def inside(self, *symbols: Symbol, model: str | None = None) -> Bench:
        """Return the bench of a graph inside the node: it sees the node's binders and these names.

        `model` is the one that its nodes ask where they say none.
        """
        bench = self.bench
        return Bench(
            bench.file,
            bench.plan,
            default_model=bench.default_model if model is None else model,
            policy=bench.policy,
            session=bench.session,
            fragments=bench.fragments,
            around=self.where.scope.inner(*symbols),
            sure=self.where.sure,
        )

    def literal_limit(self) -> int | None:
        """Return `limit`, where it is written as a number."""
        clause = self.clause("limit")
        value = clause.value.value if clause and isinstance(clause.value, Constant) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Lowered:
    """What a kind makes of a draft: its action, what one call returns, what a reader gets without `for` and samples."""

    action: Action
    shape: Shape
    value: Shape
