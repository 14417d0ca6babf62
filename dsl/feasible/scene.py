"""What the rules of this package look at: one file's plans, what is known of models, where things stand in the text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from msrun.dsl.check.names import File
from msrun.dsl.cost.catalogue import Catalogue
from msrun.dsl.facts import Machine
from msrun.dsl.plan import ModelSpec, Node, Plan
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import Arm, Block, Program, Setting, Statement


@dataclass(slots=True)
class Version:
    """The plans and models of the file as they are, or as a profile has them."""

    profile: str | None
    plans: tuple[Plan, ...]
    models: Mapping[str, ModelSpec]


@dataclass
class Scene:
    """One file under check. Statements are found by the spans of the nodes that they became."""

    file: File
    program: Program
    versions: tuple[Version, ...]
    catalogue: Catalogue
    machine: Machine | None
    trained: Mapping[str, Node] = field(default_factory=dict[str, Node])
    said: set[tuple[str, Span]] = field(default_factory=set[tuple[str, Span]])

    @cached_property
    def statements(self) -> dict[tuple[int, int], Statement]:
        """Every statement of the file by where it stands."""
        return {(each.span.start, each.span.end): each for each in _statements(self.program)}

    def statement(self, node: Node) -> Statement | None:
        """Return the statement of a node; None where it stands in another file."""
        return self.statements.get((node.span.start, node.span.end))

    def model(self, name: str, profile: str | None) -> Statement | None:
        """Return where a model is declared: in the profile, else in the file; None where in another one."""
        for block in self.profiles(profile):
            for item in block.items:
                if isinstance(item, Statement) and item.kind.text == "model" and _named(item, name):
                    return item
        found = next((i for n, i in self.file.items.items() if self.file.id(n) == name), None)
        return found if isinstance(found, Statement) and found.kind.text == "model" else None

    def profiles(self, name: str | None) -> Iterator[Block]:
        """Yield the block of a profile."""
        for item in self.program.items:
            if not isinstance(item, Statement) or item.kind.text != "profile" or name is None or item.block is None:
                continue
            if _named(item, name):
                yield item.block

    def say(self, entry: str, span: Span, *more: Span, **values: str) -> None:
        """Report a finding once, whichever versions have it."""
        if span != NOWHERE and (entry, span) not in self.said:
            self.said.add((entry, span))
            self.file.say(entry, span, *more, **values)


def setting(statement: Statement | None, name: str) -> Setting | None:
    """Return a setting that stands in the braces of a statement."""
    items = statement.block.items if statement is not None and statement.block is not None else ()
    return next((item for item in items if isinstance(item, Setting) and item.key.text == name), None)


def head(statement: Statement) -> Span:
    """Return the name of a statement, or its kind where it has none."""
    return statement.name.span if statement.name is not None else statement.kind.span


def _named(statement: Statement, name: str) -> bool:
    return statement.name is not None and statement.name.text == name


def _statements(program: Program) -> Iterator[Statement]:
    waiting: list[Block] = []
    for item in program.items:
        if isinstance(item, Statement):
            yield item
            waiting += [item.block] if item.block is not None else []
    while waiting:
        for inner in waiting.pop().items:
            if isinstance(inner, Statement):
                yield inner
                waiting += [inner.block] if inner.block is not None else []
            elif isinstance(inner, Arm):
                waiting.append(inner.body)
