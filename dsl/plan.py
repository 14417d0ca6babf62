"""The plan: what a checked file means, without its text. Frozen, hashable, JSON; all that runtime and trainers read.

Expressions keep their syntax nodes (spans take no part in equality). Every name in them is resolved: a `Ref` names an
input (`question`), a node (`facts`), a binder of the node at hand (`step`, `known`), a param of the file or a label.
"""

from dataclasses import dataclass, field
from typing import Literal, NewType, TypeAlias

from msrun.dsl.shapes import Shape, TypeDef
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.testcase import TestCase
from msrun.dsl.tree import Expr, Text

NodeId = NewType("NodeId", str)
"""Dotted path inside a plan: `facts`, `draft.critique`."""

Kind: TypeAlias = str
"""The statement's kind word: `decompose`, `solve`, `combine`, `vote`, `call`, `let`, `train`, …"""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """The name of a secret; its value is fetched by the one who needs it and never stored."""

    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A named constructor in a setting: `warmup(peak: 5e-4, steps: 3k)`, `hash(.id)`, `llama(layers: 4)`."""

    name: str
    args: tuple["Value", ...] = ()
    named: tuple[tuple[str, "Value"], ...] = ()

    def get(self, name: str, default: "Value" = None) -> "Value":
        """Return a named argument."""
        return dict(self.named).get(name, default)


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name in a setting: another declaration (`data: news`), an option (`index: hnsw`) or a path (`a.test`)."""

    path: str


@dataclass(frozen=True, slots=True)
class Rule:
    """An expression kept for later in a setting: `where: .score > 0.8`, `require: .exact_match >= 0.99`."""

    expr: Expr


Value: TypeAlias = (
    "bool | int | float | str | SecretRef | Made | Name | Rule | Text | tuple[Value, ...] | ValueMap | None"
)
"""A setting's value. Durations are seconds, money US dollars, percentages fractions, `60k` is 60000."""


@dataclass(frozen=True, slots=True)
class ValueMap:
    """`{train: 80%, dev: 10%}` in a setting, in the order of the text."""

    entries: tuple[tuple[str, Value], ...]

    def get(self, name: str, default: Value = None) -> Value:
        """Return one entry's value."""
        return dict(self.entries).get(name, default)


Settings: TypeAlias = tuple[tuple[str, Value], ...]


# --- what a node does ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """How sure a classifier must be (`min_confidence`), and the label that is taken where it is not.

    The confidence is the probability of the reply by its log-probabilities or, with `draws`, the share of that many
    replies that say the same.
    """

    least: float
    otherwise: str
    draws: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Call a model: render the prompt, send it with the shape's schema, validate the reply."""

    model: str
    prompt: Text
    system: Text | None = None
    images: tuple[Expr, ...] = ()
    settings: Settings = ()  # decoding: temperature, max_tokens, top_p, stop …
    sure: Sure | None = None
    stream_items: bool = False  # decompose: the reply is a list whose items are handed on as they complete
    kind: Literal["ask"] = field(default="ask", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoke:
    """Call a registered Python tool with evaluated arguments."""

    tool: str
    args: tuple[tuple[str, Expr], ...]
    secrets: tuple[tuple[str, str], ...] = ()  # parameters that get a secret, with its name; the value is never kept
    stream_items: bool = False  # an async generator's items are handed on like a decomposer's
    kind: Literal["invoke"] = field(default="invoke", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """Evaluate a pure expression (`let`)."""

    value: Expr
    kind: Literal["compute"] = field(default="compute", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieve:
    """Search a knowledge base (`retrieve`): the `top` passages nearest to `query` that reach `min_score` (0 to 1)."""

    knowledge: str
    query: Expr
    top: int = 4
    min_score: float = 0.0
    kind: Literal["retrieve"] = field(default="retrieve", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Give a slot of the session its next value (`update`), kept at the end of a run that succeeds."""

    slot: str
    value: Expr
    kind: Literal["update"] = field(default="update", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Majority among items (`vote`): `by` reads the ballot from an item, `normalise` folds spellings together."""

    source: Expr
    by: Expr | None = None
    normalise: tuple[Literal["number", "casefold", "strip", "punctuation"], ...] = ("strip", "casefold")
    weight: Literal["count", "logprob", "score"] = "count"
    quorum: float = 0.0  # fraction of ballots the winner must reach
    kind: Literal["tally"] = field(default="tally", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Order a list by marks, the best first (`rank`), or take its best item (`pick`: `one`).

    `by` reads a mark from an item; `marks` is a list of marks, one for every item, in their order. Without either the
    items are their own marks. Items without a mark are left out, ties go to the item that stands first.
    """

    source: Expr
    by: Expr | None = None
    marks: Expr | None = None
    lowest: bool = False  # the lowest mark is the best
    keep: Expr | None = None
    one: bool = False
    kind: Literal["rank"] = field(default="rank", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Let a text through (`guard`): first data of the kinds in `redact` are replaced, then `deny` is asked in turn.

    `deny` are names of moderations. Where one denies the text, `on_deny` is the node's value and its note `denied` is
    true; the text itself goes nowhere.
    """

    source: Expr
    redact: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    on_deny: Text | None = None
    kind: Literal["screen"] = field(default="screen", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A declaration with a long run time: corpus, dataset, train … `value` is what stands after `=`."""

    value: Made
    settings: Settings = ()
    kind: Literal["stage"] = field(default="stage", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subplan:
    """Run another plan, or this one again (`run`): `plan` is its name in `Plan.plans`, or the plan's own.

    Where the plan can reach itself through this node, the node's `limit` bounds how often the node is entered in a
    run, all depths together.
    """

    plan: str
    args: tuple[tuple[str, Expr], ...]
    kind: Literal["subplan"] = field(default="subplan", init=False)


@dataclass(frozen=True, slots=True)
class Body:
    """A graph inside a node. Its expressions see its own nodes and every name that the node itself sees.

    Ids of its nodes are their names; a path such as `draft#2.critique` is made when it runs.
    """

    nodes: "tuple[Node, ...]"
    returns: Expr
    expects: "tuple[Check, ...]" = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """An arm of `choose`. `label` names it in paths: its first label, `case2`, or `else`.

    It is taken where one of `tests` equals the value after `on`, or, without `on`, where one of them is true; without
    tests always. Arms are tried from the first to the last.
    """

    label: str
    tests: tuple[Expr, ...]
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """Run one arm and take its value (`choose`); the checker has shown that one of them is always taken."""

    on: Expr | None
    branches: tuple[Branch, ...]
    kind: Literal["choose"] = field(default="choose", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Refine a value in rounds (`repeat`): inside, the node's own name is the value so far, `start` at first.

    In a round, first the nodes run that `until` reads, directly or not. Where it holds, the value so far is the
    node's; else the other nodes run and `following` is the next value. The node's `limit` is the number of rounds;
    after the last one its `following` is the value, and the node counts as exhausted.
    """

    start: Expr
    nodes: "tuple[Node, ...]"
    until: Expr
    following: Expr
    expects: "tuple[Check, ...]" = ()
    kind: Literal["repeat"] = field(default="repeat", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Look for a path of steps (`search`). `so_far` is bound to the steps of the state that is expanded, a list.

    `expand` proposes steps (its id is the name that `score` and `stop` see one step by; with `samples n` it is called
    n times), `score` values one step, between 0 and 1. A step for which `stop` holds ends its path. `width`: states
    kept at each depth (beam), `depth`: the longest path. The node's `limit` bounds the calls of `expand` and `score`
    together. The value is the best path found so far, its first step first.
    """

    so_far: str
    expand: "Node"
    score: "Node | None"
    stop: Expr | None = None
    strategy: Literal["beam", "best_first", "depth_first"] = "beam"
    width: int = 1
    depth: int = 10
    kind: Literal["search"] = field(default="search", init=False)


Action: TypeAlias = (
    Ask | Invoke | Compute | Retrieve | Update | Tally | Rank | Screen | Stage | Subplan | Choose | Repeat | Search
)
"""What a node does. Those from `Subplan` on have graphs of their own inside."""


def bodies(action: Action) -> "tuple[tuple[str, tuple[Node, ...], tuple[Expr, ...]], ...]":
    """Return the graphs inside an action: the label of each, its nodes, and the expressions that stand beside them.

    A sub-plan is a plan of its own (`Plan.plans`), so it has none.
    """
    match action:
        case Choose(branches=branches):
            return tuple((b.label, b.body.nodes, (*b.tests, b.body.returns)) for b in branches)
        case Repeat():
            return (("", action.nodes, (action.until, action.following)),)
        case Search():
            score = () if action.score is None else (action.score,)
            return (("", (action.expand, *score), () if action.stop is None else (action.stop,)),)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Over:
    """`for binder in source`: one cell per item."""

    binder: str
    source: Expr


@dataclass(frozen=True, slots=True)
class Given:
    """`given earlier as name` (`needs` None: every earlier cell) or `given item.field as name` (as `needs` lists)."""

    name: str | None
    needs: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a node does when a call goes wrong, and how long it may take."""

    retry: int = 2  # further attempts after a transport fault
    repair: int = 1  # calls that show the model its validation error
    on_error: Literal["fail", "skip", "fallback"] = "fail"
    max_skipped: int | None = None  # cells (of samples: draws) that may be given up before the node fails
    max_skipped_share: float | None = None  # the same as a share of all of them
    timeout_s: float = 600.0
    parallel: int | None = None  # cells at the same time; None: as wide as the run
    bound_s: float | None = None  # what a node with a graph inside may take in all; None: as long as its calls do
    budget_usd: float | None = None  # what all calls of the node may cost in a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What may be used up; None is without bound. `calls` counts what is sent, to models and tools, retries too."""

    calls: int | None = None
    tokens: int | None = None
    budget_usd: float | None = None
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`limits NAME { … }`: bounds of a run of any plan of the file (`run`), of one plan, or of the calls to a model.

    A node's `budget` is one of these too while the plan runs.
    """

    of: Literal["run", "plan", "model", "node"]
    name: str
    bounds: Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node of the graph. `shape` is what one call returns, `value_shape` what readers of the name get."""

    id: NodeId
    kind: Kind
    action: Action
    shape: Shape
    value_shape: Shape
    reads: tuple[str, ...]  # inputs and nodes it needs before it starts, in the order they are first named
    over: Over | None = None
    given: Given | None = None
    samples: Expr | None = None
    limit: Expr | None = None
    when: Expr | None = None
    source: Expr | None = None  # from
    alias: str | None = None  # from … as alias
    fallback: Expr | None = None  # what a call's value is where it fails, under `on_error: fallback`
    policy: Policy = Policy()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A parameter of a plan, or a `param` of the file. `default` None with `required` False means null."""

    name: str
    shape: Shape
    required: bool = True
    default: Value = None
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """`model x = backend("id") { settings }`."""

    name: str
    backend: str
    args: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()
    settings: Settings = ()

    @property
    def id(self) -> str:
        """The model's id at its backend: the first positional argument, or the plan's own name for it."""
        return str(self.args[0]) if self.args else self.name

    def setting(self, key: str, default: Value = None) -> Value:
        """Return one setting's value."""
        return dict(self.settings).get(key, default)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """`tool f(a: T) -> R = python("module:function")`."""

    name: str
    provider: str
    target: tuple[Value, ...]
    params: tuple[Input, ...]
    result: Shape
    settings: Settings = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeSpec:
    """`knowledge NAME = folder("docs/*.md") { settings }`: `files` is the pattern, from the folder of the plan."""

    name: str
    files: str
    settings: Settings = ()

    def setting(self, key: str, default: Value = None) -> Value:
        """Return one setting's value."""
        return dict(self.settings).get(key, default)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpec:
    """`session NAME { … }`: what is kept from one turn of a conversation to the next.

    `slots` are names with their shapes; one that may be null is null at first, any other is a record that begins with
    its defaults. `history`: the turns kept. `expires_s`: after so long without a turn the conversation begins anew.
    """

    name: str
    slots: tuple[tuple[str, Shape], ...]
    history: int = 8
    expires_s: float = 86400.0


SESSION = "session"
"""The name under which the nodes of a plan within a session read its slots and its history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentSpec:
    """A named, typed piece of prompt text."""

    name: str
    params: tuple[Input, ...]
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`expect e` in a plan: the run fails where it is false."""

    expr: Expr
    reads: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One runnable plan with everything it names. Nodes stand in the order of the text, which means nothing."""

    name: str
    inputs: tuple[Input, ...]
    params: tuple[Input, ...]  # `param` declarations of the file
    result: Shape
    nodes: tuple[Node, ...]
    returns: Expr
    expects: tuple[Check, ...] = ()
    models: tuple[ModelSpec, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    fragments: tuple[FragmentSpec, ...] = ()
    types: tuple[TypeDef, ...] = ()
    limits: tuple[Limit, ...] = ()
    knowledge: tuple[KnowledgeSpec, ...] = ()
    session: SessionSpec | None = None
    said: Expr | None = None  # within a session: the user's words of this turn, for the history
    plans: "tuple[Plan, ...]" = ()  # every plan that `run` reaches from here, directly or not, but the plan itself
    file: str = field(default="", compare=False)

    def node(self, node_id: str) -> Node:
        """Return the node of this id; KeyError where there is none."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`profile NAME { … }`: the plans and models of the file with what the profile replaces."""

    name: str
    plans: tuple[Plan, ...]
    models: tuple[ModelSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """Everything one file means: its plans and its training stages, in the order of the text."""

    file: str = field(compare=False)
    plans: tuple[Plan, ...] = ()
    stages: tuple[Node, ...] = ()
    models: tuple[ModelSpec, ...] = ()
    types: tuple[TypeDef, ...] = ()
    profiles: tuple[Profile, ...] = ()
    tests: tuple[TestCase, ...] = ()
    fragments: tuple[FragmentSpec, ...] = ()  # those that tests name; each plan has its own
    others: tuple[Plan, ...] = ()  # plans of other files that tests run, by their ids

    def plan(self, name: str | None = None) -> Plan:
        """Return the plan of this name, or the file's only (or first) one; KeyError where there is none."""
        for plan in self.plans:
            if name is None or plan.name == name:
                return plan
        raise KeyError(name)

    def tested(self, name: str) -> Plan:
        """Return the plan that a test runs by this id; KeyError where there is none."""
        for plan in (*self.plans, *self.others):
            if plan.name == name:
                return plan
        raise KeyError(name)
