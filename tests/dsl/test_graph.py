"""What reads what, and how: edges, vertices, the longest path, the networkx graph."""

import random
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest

from msrun.dsl.critical import calls, critical_path
from msrun.dsl.front import check_text
from msrun.dsl.graph import ANSWER, Edge, edges, names, to_networkx, vertices
from msrun.dsl.plan import Ask, Compute, Input, Node, NodeId, Plan
from msrun.dsl.shapes import INT, TEXT
from msrun.dsl.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Entry,
    Get,
    Hole,
    Index,
    ListExpr,
    Pipe,
    RecordExpr,
    Ref,
    Text,
    Unary,
)

HOPS = """
model planner = ollama("a")
model worker = ollama("b")

param n: int = 3
param unread: int = 3

type Step {
  id:    key
  ask:   text
  needs: list<ref<Step>>
}

tool find(q: text) -> text = python("tools:find")

plan hops(question: text, unused: text) -> text {
  decompose steps: Step from question limit 6 using planner
  call page from find(q: question) when n > 2
  solve facts for step in steps given step.needs as known using worker {
    prompt: "{{ page | default("") }} {{ known | bullets }} {{ step.ask }}"
  }
  solve drafts from facts samples n using worker { prompt: "{{ facts | bullets }} {{ question }}" }
  vote best from drafts
  return best
}
"""


def plan(text: str) -> Plan:
    checked = check_text("p.plan", text)
    assert checked.module is not None, checked.diagnostics
    return checked.module.plan()


def test_edges_say_what_is_read_and_how() -> None:
    assert edges(plan(HOPS)) == (
        Edge("question", "steps", ("from", "hole")),
        Edge("question", "page", ("args",)),
        Edge("n", "page", ("when",)),
        Edge("steps", "facts", ("for",)),
        Edge("page", "facts", ("hole",)),
        Edge("facts", "drafts", ("from", "hole")),
        Edge("question", "drafts", ("hole",)),
        Edge("n", "drafts", ("samples",)),
        Edge("drafts", "best", ("from",)),
        Edge("best", ANSWER, ("return",)),
    )


def test_vertices_are_inputs_read_params_nodes_and_the_answer() -> None:
    found = {vertex.id: vertex for vertex in vertices(plan(HOPS))}
    assert list(found) == ["question", "unused", "n", "steps", "page", "facts", "drafts", "best", ANSWER]
    families = [vertex.family for vertex in found.values()]
    assert families == ["input", "input", "input", "split", "tool", "model", "model", "value", "answer"]
    facts = found["facts"]
    assert (facts.kind, facts.shape, facts.model) == ("solve", "list<cell<text>>", "worker")
    assert (facts.fan, facts.note) == ("for step", "given step.needs")
    assert (found["drafts"].fan, found["steps"].note, found["page"].model) == ("n samples", "limit 6", "find")


def test_the_networkx_graph_is_the_same_graph() -> None:
    hops = plan(HOPS)
    graph = to_networkx(hops)
    assert nx.is_directed_acyclic_graph(graph)
    assert set(graph.edges) == {(edge.source, edge.target) for edge in edges(hops)}
    assert graph.nodes["facts"] == {
        "kind": "solve",
        "family": "model",
        "shape": "list<cell<text>>",
        "model": "worker",
        "fan": "for step",
        "note": "given step.needs",
    }
    assert graph.edges["steps", "facts"] == {"name": "steps", "how": ("for",)}


def test_the_critical_path_counts_model_calls_unless_told_otherwise() -> None:
    hops = plan(HOPS)
    assert critical_path(hops) == ("steps", "facts", "drafts")  # `best` calls no model
    slow_tool = {"page": 10.0, "facts": 1.0}
    assert critical_path(hops, lambda node: slow_tool.get(node.id, 0.0)) == ("page", "facts")
    assert critical_path(Plan(name="p", inputs=(), params=(), result=INT, nodes=(), returns=Constant(1))) == ()


INSIDE = """
model m = ollama("a")
plan twice(x: text) -> text { solve a from x  solve b from a  return b }
plan again(n: int) -> text {
  run deeper from again(n: n - 1) when n > 0 limit 3
  solve a from deeper | default("")
  return a
}
plan p(q: text) -> text {
  choose light: text {
    case q == "" { solve one from q  solve two from one  solve three from two  return three }
    else { solve four from q  return four }
  }
  repeat loop from light limit 5 {
    score mark from loop
    until mark > 0.5
    solve more from loop
    solve most from more
    next most
  }
  search path from loop limit 9 { expand step  score value }
  run there from twice(x: path | join(" "))
  run end from again(n: 3)
  combine answer from [there, end]
  solve short from q
  return [answer, short] | join(" ")
}
"""


def test_the_critical_path_counts_what_stands_inside_of_nodes() -> None:
    checked = check_text("p.plan", INSIDE)
    assert checked.module is not None, checked.diagnostics
    whole = checked.module.plan("p")
    assert critical_path(whole) == ("light", "loop", "path", "there", "answer")
    lengths = [1, 1, 2, 2, 1]  # the lightest arm, one look, one step of a search, all of a plan that is run
    found = [critical_path(replace(whole, nodes=(node,)), calls) for node in whole.nodes]
    assert [path[0] for path in found][:4] == ["light", "loop", "path", "there"]
    assert _length(whole) == sum(lengths)


def _length(whole: Plan) -> int:
    """The least count such that a node of a half more, beside all others, is a longer path alone."""
    ask = Ask(model="m", prompt=Text(("x",)))
    rival = Node(id=NodeId("rival"), kind="solve", action=ask, shape=TEXT, value_shape=TEXT, reads=())
    made = replace(whole, nodes=(*whole.nodes, rival))

    def wins(top: float) -> bool:
        return critical_path(made, lambda node: top if node.id == "rival" else calls(node)) == ("rival",)

    return next(count for count in range(20) if wins(count + 0.5))


def test_parts_of_a_vertex_are_graphs_of_their_own() -> None:
    checked = check_text("p.plan", INSIDE)
    assert checked.module is not None
    shown = {vertex.id: vertex for vertex in vertices(checked.module.plan("p"))}
    assert [part.label for part in shown["light"].parts] == ['q == ""', "else"]
    (round_,) = shown["loop"].parts
    assert [vertex.id for vertex in round_.vertices] == ["loop", "mark", "more", "most", "until", "next"]
    assert Edge("mark", "until", ("return",)) in round_.edges
    assert round_.loop == ("next", "loop")
    assert shown["there"].parts == ()
    opened = {vertex.id: vertex for vertex in vertices(checked.module.plan("p"), opened=True)}
    (inside,) = opened["end"].parts
    assert (inside.label, [vertex.id for vertex in inside.vertices]) == ("plan again", ["n", "deeper", "a", ANSWER])
    assert [vertex.parts for vertex in inside.vertices] == [()] * 4  # it is not opened in itself again


def dag(count: int, seed: int) -> Plan:
    """A random plan of `let` nodes."""
    draw = random.Random(seed)
    nodes: list[Node] = []
    for number in range(count):
        reads = sorted({f"v{draw.randrange(number)}" for _ in range(draw.randrange(3))}) if number else []
        action = Compute(value=ListExpr(tuple(map(Ref, reads))))
        name = NodeId(f"v{number}")
        nodes.append(Node(id=name, kind="let", action=action, shape=TEXT, value_shape=TEXT, reads=tuple(reads)))
    draw.shuffle(nodes)
    return Plan(name="p", inputs=(), params=(), result=TEXT, nodes=tuple(nodes), returns=Ref("v0"))


@pytest.mark.parametrize("seed", range(20))
def test_the_critical_path_is_as_long_as_networkx_finds(seed: int) -> None:
    random_plan = dag(30, seed)
    weights = {str(node.id): float(random.Random(f"{seed}{node.id}").randrange(10)) for node in random_plan.nodes}
    path = critical_path(random_plan, lambda node: weights[node.id])
    reads = {node.id: node.reads for node in random_plan.nodes}
    assert all(before in reads[after] for before, after in pairwise(path))
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from([*weights, "end"])
    graph.add_edges_from((read, node, {"w": weights[read]}) for node, found in reads.items() for read in found)
    graph.add_edges_from((node, "end", {"w": weights[node]}) for node in weights)
    assert sum(weights[node] for node in path) == nx.dag_longest_path_length(graph, weight="w")


def test_names_are_found_in_every_form_of_expression_and_at_any_depth() -> None:
    a, b, c = Ref("a"), Ref("b"), Ref("c")
    forms = (
        Text(("x", Hole(a), Hole(b))),
        Get(a, "x"),
        Get(None, "x"),
        Index(a, b),
        Call(a, (Argument(None, b), Argument("k", c))),
        Pipe(a, "join", (Argument(None, b),)),
        Pipe(a, "bullets", None),
        ListExpr((a, b)),
        RecordExpr((Entry("k", a),)),
        Unary("not", a),
        Binary("+", a, b),
        Constant(1),
    )
    assert ["".join(names(form)) for form in forms] == ["ab", "a", "", "ab", "abc", "ab", "a", "ab", "a", "a", "ab", ""]
    deep: Get | Ref = a
    for _ in range(20_000):
        deep = Get(deep, "x")
    assert list(names(deep)) == ["a"]


def test_a_default_prompt_still_makes_an_edge() -> None:
    nodes = plan('model m = ollama("a")\nplan p(q: text) -> text {\n  solve a from q\n  return a\n}\n')
    assert edges(nodes)[0] == Edge("q", "a", ("from", "hole"))


def test_networkx_is_loaded_only_for_its_graph(tmp_path: Path) -> None:
    (tmp_path / "p.plan").write_text(HOPS, encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from msrun.dsl import critical, draw, front, graph\n"
        f"plan = front.check_file(Path({str(tmp_path / 'p.plan')!r})).module.plan()\n"
        "critical.critical_path(plan), draw.svg(plan), draw.text(plan), draw.mermaid(plan), draw.dot(plan)\n"
        "print('networkx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_inputs_that_share_a_name_with_nothing_stay_apart() -> None:
    given = Input(name="q", shape=TEXT)
    alone = Plan(name="p", inputs=(given,), params=(), result=TEXT, nodes=(), returns=Ref("q"))
    assert edges(alone) == (Edge("q", ANSWER, ("return",)),)
