"""What stands between the braces of a plan, an arm or a loop: nodes checked after what they read, and the outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from msrun.dsl.check.names import UNKNOWN, Symbol
from msrun.dsl.check.read import names_in
from msrun.dsl.infer.order import order
from msrun.dsl.infer.where import truth
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.draft import Bench
from msrun.dsl.lower.kinds import kind_in_body
from msrun.dsl.lower.node import HIDDEN, lower_node
from msrun.dsl.lower.reads import reads_of
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.plan import Check, Node
from msrun.dsl.tree import Arm, BlockItem, Outcome, Statement


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose braces they are: how messages name it, an example of what it holds, the outcomes that may stand there."""

    words: str
    example: str
    outcomes: tuple[str, ...]


@dataclass(slots=True)
class Members:
    """What stands between braces: the nodes by name, the outcomes by word, and who reads what."""

    nodes: dict[str, Statement] = field(default_factory=dict[str, Statement])
    specs: dict[str, KindSpec | None] = field(default_factory=dict[str, "KindSpec | None"])
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict[str, "list[Outcome]"])
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def of(self, word: str) -> list[Outcome]:
        """Return the outcomes of a word."""
        return self.outcomes.get(word, [])

    def needed(self, names: Sequence[str]) -> set[str]:
        """Return the names that these are made of, those that nodes here read included."""
        pending, seen = list(names), set(names)
        while pending:
            new = [name for name in self.reads.get(pending.pop(), ()) if name not in seen]
            seen.update(new)
            pending += new
        return seen


def members(bench: Bench, items: Sequence[BlockItem], owner: Owner) -> Members:
    """Sort what stands in the braces; every node's name is known before any is checked, for the order means nothing."""
    found = Members()
    for item in items:
        match item:
            case Statement():
                _declare(bench, found, item)
            case Outcome(word) if word in owner.outcomes:
                found.outcomes.setdefault(word, []).append(item)
            case Outcome(word):
                bench.file.say("E0103/outcome", item.word_span, name=word, owner=owner.words, example=owner.example)
            case Arm():
                name = "case" if item.labels else "else"
                bench.file.say("E0103/outcome", item.span, name=name, owner=owner.words, example=owner.example)
            case _:
                pass
    for name, node in found.nodes.items():
        spec = found.specs[name]
        read = dict.fromkeys(reads_of(node, spec.name) if spec is not None else names_in(node))
        found.reads[name] = tuple(each for each in read if bench.seen(each))
    return found


def _declare(bench: Bench, found: Members, statement: Statement) -> None:
    spec = kind_in_body(bench, statement)
    head = statement.name or statement.kind
    name = head.text if statement.name and head.text else f"({statement.kind.text} at {statement.span.start})"
    hidden = bench.around_it(name)
    if name in bench.names:
        if not (statement.kind.text == "update" == bench.names[name].kind):  # of updates more is said elsewhere
            bench.file.say("E0102", head.span, bench.names[name].span, name=name)
        name = f"({name} at {statement.span.start})"
    elif hidden is not None:
        bench.file.used.add(name)
        bench.file.say("E0112", head.span, hidden.span, name=name, what=HIDDEN[hidden.what])
    found.nodes[name] = statement
    found.specs[name] = spec
    bench.names[name] = Symbol(name, "node", UNKNOWN, head.span, statement.kind.text)
    check_hidden(bench, bench.names[name])


def check_hidden(bench: Bench, symbol: Symbol) -> None:
    """Report a name that is also a fragment, tool or param of the file: it would be open which of them is meant."""
    other = bench.file.symbols.get(symbol.name)
    if other is not None and other.what in ("fragment", "tool", "param", "import"):
        bench.file.say("E0102", symbol.span, other.span, name=symbol.name)


def lower_nodes(bench: Bench, found: Members) -> tuple[Node, ...]:
    """Check the nodes, each after what it reads; return those that can run in the order of the text."""
    graph = {
        name: [read for read in reads if read in found.nodes] if found.specs[name] else []
        for name, reads in found.reads.items()
    }
    names, cycles = order(graph)
    for cycle in cycles:
        bench.file.say("E0301", bench.names[cycle[0]].span, name=cycle[0], path=" → ".join(cycle))
    made: dict[str, Node] = {}
    for name in names:
        spec, statement = found.specs[name], found.nodes[name]
        if spec is None:
            bench.file.used.update(names_in(statement))
            continue
        node, shape = lower_node(bench, statement, spec, found.reads[name])
        symbol = bench.names[name] = Symbol(name, "node", shape, bench.names[name].span, spec.name)
        bench.file.note(symbol.span, symbol)
        if node is not None:
            made[name] = node
    return tuple(made[name] for name in found.nodes if name in made)


def lower_expects(bench: Bench, found: Members) -> tuple[Check, ...]:
    """Check the conditions after `expect`."""
    return tuple(_expect(bench, outcome) for outcome in found.of("expect"))


def _expect(bench: Bench, outcome: Outcome) -> Check:
    where = bench.where
    truth(where, outcome.value)
    reads = dict.fromkeys(name for name in names_in(outcome.value) if bench.seen(name))
    return Check(expr=rewrite(outcome.value, where.rewrites), reads=tuple(reads), span=outcome.span)


def check_unused(bench: Bench, found: Members) -> None:
    """Warn of nodes and inputs that nothing reads. A name that a misspelling may have meant counts as read."""
    read = {name for reads in found.reads.values() for name in reads}
    read.update(name for said in found.outcomes.values() for outcome in said for name in names_in(outcome.value))
    for name, symbol in bench.names.items():
        unchecked = name in found.nodes and found.specs[name] is None
        kept = symbol.kind in ("update", "session")  # read in a later turn
        if name in read or name in bench.file.used or unchecked or kept or "(" in name:
            continue
        bench.file.say("W0403" if symbol.what == "input" else "W0401", symbol.span, name=name, kind=symbol.kind)


def check_once(bench: Bench, found: Members, owner: Owner) -> None:
    """Report an outcome that stands twice, where there can be one."""
    for word in owner.outcomes:
        for second in found.of(word)[1:] if word != "expect" else ():
            bench.file.say("E0303/again", second.word_span, found.of(word)[0].word_span, owner=owner.words, word=word)
