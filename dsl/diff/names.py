"""Names of a plan taken for other names: how a renamed node is known again, and what read it counts as unchanged."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from msrun.dsl.plan import (
    Ask,
    Branch,
    Check,
    FragmentSpec,
    Invoke,
    KnowledgeSpec,
    ModelSpec,
    Name,
    Node,
    NodeId,
    Plan,
    Retrieve,
    Subplan,
    ToolSpec,
)
from msrun.dsl.shapes import EnumDef, Named, RecordDef, RefTo
from msrun.dsl.testcase import Mock, RunStep, TestCase
from msrun.dsl.tree import Ref, Text
from msrun.dsl.values.plain import is_tuple

Family: TypeAlias = Literal[
    "node",
    "model",
    "tool",
    "fragment",
    "type",
    "plan",
    "stage",
    "test",
    "param",
    "input",
    "case",
    "mock",
    "run",
    "field",
    "limit",
    "knowledge",
]

_OWN = "\0"
"""What a declaration's own name counts as while two are compared; no name of a file has it."""


@dataclass(frozen=True, slots=True)
class Names:
    """New names by what they are, each with the old name that it is taken for."""

    of: Mapping[Family, Mapping[str, str]] = field(default_factory=dict[Family, Mapping[str, str]])

    def get(self, family: Family, name: str) -> str:
        """Return the name that this one is taken for: mostly itself."""
        return self.of.get(family, {}).get(name, name)

    def plus(self, family: Family, names: Mapping[str, str]) -> "Names":
        """Return these names and more of one family."""
        return Names({**self.of, family: {**self.of.get(family, {}), **names}})

    def value(self, name: str) -> str:
        """Return what a name in an expression is taken for: a node, stage or fragment, or a test's `calls(m)`."""
        for family in ("node", "stage", "fragment", "param"):
            if name in self.of.get(family, {}):
                return self.of[family][name]
        function, bracket, rest = name.partition("(")
        return f"{function}({self.get('model', rest[:-1])})" if bracket else name

    def path(self, path: str) -> str:
        """Return what a name in a setting is taken for: any declaration's, before its first dot."""
        head, dot, rest = path.partition(".")
        for family in self.of:
            if head in self.of[family]:
                return self.of[family][head] + dot + rest
        return path


def taken(value: Any, names: Names) -> Any:
    """Return a plan, or a part of one, with every name taken for the one it stands for."""
    if not any(names.of.values()):
        return value
    return _taken(value, names)


def plainly(value: Any) -> Any:
    """Return a part of a plan without what is only a way of writing: a raw text is a text."""
    return _taken(value, Names())


def renamed(old: Mapping[str, Any], new: Mapping[str, Any], family: Family, names: Names) -> dict[str, str]:
    """Return the new names whose content an old name had, which is gone; each with that old name.

    A node is known again only where what it reads is known, so the search goes on while it finds something.
    """
    gone = {name: _anonymous(old[name], name, family, Names()) for name in old if name not in new}
    came = [name for name in new if name not in old]
    found: dict[str, str] = {}
    while came and gone:
        by_content: dict[Any, list[str]] = {}
        for name, content in gone.items():
            by_content.setdefault(content, []).append(name)
        pairs: dict[str, str] = {}
        for name in came:
            same = by_content.get(_anonymous(new[name], name, family, names.plus(family, found)))
            if same:
                pairs[name] = same.pop(0)
        if not pairs:
            break
        found.update(pairs)
        came = [name for name in came if name not in pairs]
        gone = {name: content for name, content in gone.items() if name not in pairs.values()}
    return found


def _anonymous(value: Any, name: str, family: Family, names: Names) -> Any:
    return _taken(value, names.plus(family, {name: _OWN}))


def _taken(value: Any, names: Names) -> Any:
    if is_tuple(value):
        return tuple(_taken(part, names) for part in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changed = {each.name: _taken(getattr(value, each.name), names) for each in _fields(value)}
    return _renamed(replace(value, **changed), names)


def _renamed(part: object, names: Names) -> Any:
    rule = _RULES.get(type(part))
    return part if rule is None else rule(part, names)


def _fields(value: Any) -> "Iterable[dataclasses.Field[Any]]":
    return [each for each in dataclasses.fields(value) if each.init and each.compare]


def _node(node: Node, names: Names) -> Node:
    reads = tuple(names.value(read) for read in node.reads)
    return replace(node, id=NodeId(names.value(str(node.id))), reads=reads)


def _mock(mock: Mock, names: Names) -> Mock:
    nodes = tuple((names.value(node), replies) for node, replies in mock.nodes)
    return replace(mock, model=names.get("model", mock.model), nodes=nodes)


_RULES: Mapping[type, Callable[[Any, Names], Any]] = {
    Text: lambda text, _: replace(text, raw=False),
    Ref: lambda ref, names: replace(ref, name=names.value(ref.name)),
    Name: lambda name, names: Name(names.path(name.path)),
    Node: _node,
    Check: lambda check, names: replace(check, reads=tuple(map(names.value, check.reads))),
    Ask: lambda ask, names: replace(ask, model=names.get("model", ask.model)),
    ModelSpec: lambda model, names: replace(model, name=names.get("model", model.name)),
    Mock: _mock,
    Invoke: lambda invoke, names: replace(invoke, tool=names.get("tool", invoke.tool)),
    ToolSpec: lambda tool, names: replace(tool, name=names.get("tool", tool.name)),
    FragmentSpec: lambda fragment, names: replace(fragment, name=names.get("fragment", fragment.name)),
    Named: lambda shape, names: Named(names.get("type", shape.id)),
    RefTo: lambda shape, names: RefTo(names.get("type", shape.record)),
    RecordDef: lambda record, names: replace(record, id=names.get("type", record.id)),
    EnumDef: lambda enum, names: replace(enum, id=names.get("type", enum.id)),
    Plan: lambda plan, names: replace(plan, name=names.get("plan", plan.name)),
    Branch: lambda branch, _: replace(branch, tests=tuple(sorted(branch.tests, key=repr))),
    Retrieve: lambda action, names: replace(action, knowledge=names.get("knowledge", action.knowledge)),
    KnowledgeSpec: lambda spec, names: replace(spec, name=names.get("knowledge", spec.name)),
    Subplan: lambda action, names: replace(action, plan=names.get("plan", action.plan)),
    RunStep: lambda run, names: replace(run, plan=names.get("plan", run.plan)),
    TestCase: lambda test, names: replace(test, name=names.get("test", test.name)),
}
