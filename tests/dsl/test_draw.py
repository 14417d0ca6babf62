"""Pictures of plans: golden files for the texts, laws for the layout, and what an SVG may not contain."""

import random
import re
import shutil
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from msrun.dsl import draw
from msrun.dsl.draw.layout import Laid, crossings, lay_out
from msrun.dsl.draw.width import clean, columns, shorten
from msrun.dsl.front import check_file
from msrun.dsl.plan import Ask, Compute, Input, Node, NodeId, Over, Plan
from msrun.dsl.shapes import TEXT, Just, ListOf
from msrun.dsl.tree import ListExpr, Ref, Text
from tests.golden_files import check_golden

TESTS = Path(__file__).parents[1]
GOLDEN = TESTS / "golden" / "draw"
PLANS = {
    "chinese": GOLDEN / "chinese.plan",
    "hops": TESTS / "plans" / "b_dependent.plan",
    "compose": TESTS / "plans" / "g_compose.plan",
    "inside": GOLDEN / "inside.plan",
}
FORMATS = {"mmd": draw.mermaid, "dot": draw.dot, "txt": draw.text}
SVG = "{http://www.w3.org/2000/svg}"


def load(name: str) -> Plan:
    module = check_file(PLANS[name]).module
    assert module is not None
    return module.plan("ask" if name == "inside" else None)


def node(name: str, *reads: str, fan: bool = False, model: str = "m") -> Node:
    return Node(
        id=NodeId(name),
        kind="solve",
        action=Ask(model=model, prompt=Text(("x",))),
        shape=TEXT,
        value_shape=TEXT,
        reads=reads,
        over=Over("item", Ref(reads[0])) if fan else None,
    )


def plan(*nodes: Node, name: str = "p", returns: tuple[str, ...] = ()) -> Plan:
    inputs = (Input(name="q", shape=TEXT),)
    ends = ListExpr(tuple(map(Ref, returns or (nodes[-1].id,))))
    return Plan(name=name, inputs=inputs, params=(), result=ListOf(TEXT), nodes=nodes, returns=ends)


def random_plan(count: int, seed: int) -> Plan:
    """Nodes that read one to three of the values before them, mostly late ones."""
    choose = random.Random(seed)
    names = ["q"]
    nodes: list[Node] = []
    for number in range(count):
        far = [min(len(names) - 1, int(choose.expovariate(0.2))) for _ in range(choose.choice((1, 1, 2, 3)))]
        reads = dict.fromkeys(names[-1 - back] for back in far)
        nodes.append(node(f"v{number}", *reads, fan=choose.random() < 0.2))
        names.append(f"v{number}")
    read = {name for made in nodes for name in made.reads}
    return plan(*nodes, returns=tuple(name for name in names if name not in read))


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("name", PLANS)
def test_texts_are_as_they_were(name: str, ending: str) -> None:
    check_golden(GOLDEN / f"{name}.{ending}", FORMATS[ending](load(name)))


@pytest.mark.parametrize("ending", FORMATS)
def test_plans_that_are_run_can_be_opened(ending: str) -> None:
    check_golden(GOLDEN / f"opened.{ending}", FORMATS[ending](load("inside"), opened=True))


# --- hostile names ---------------------------------------------------------------------------------------------------

HOSTILE = "\"]<script>alert('x')</script>&#x;\\\n`\x1b[31m\u202e--\x00"


def hostile() -> Plan:
    first = node("a", "q", model=HOSTILE)
    second = node(HOSTILE, "a")
    action = Compute(value=Ref("a"))
    third = Node(
        id=NodeId("c"), kind="let", action=action, shape=Just(HOSTILE), value_shape=Just(HOSTILE), reads=("a",)
    )
    return plan(first, second, third, name=HOSTILE)


def test_svg_escapes_everything() -> None:
    root = ET.fromstring(draw.svg(hostile()))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "style", "defs", "marker", "path", "g", "rect", "text", "tspan")
    }
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    shown = {element.text for element in root.iter(f"{SVG}text")}
    assert any("<script>alert('x')</script>&#x;" in (text or "") for text in shown)
    assert not any(char in draw.svg(hostile()) for char in "\x1b\u202e\x00")


def test_mermaid_escapes_everything() -> None:
    lines = draw.mermaid(hostile()).splitlines()
    assert len(lines) == 1 + 5 + 4 + 4
    for line in lines:
        quoted = re.sub(r'"[^"`<>\\]*"', "", line.replace("<br/>", "").replace("\\", ""))
        assert '"' not in quoted
        assert "script" not in quoted


def test_dot_escapes_everything() -> None:
    for line in draw.dot(hostile()).splitlines():
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
        assert '"' not in bare
        assert "script" not in bare


def test_text_has_no_control_characters() -> None:
    assert draw.text(hostile()).replace("\n", "").isprintable()


# --- text ------------------------------------------------------------------------------------------------------------


def test_a_chain_stays_in_one_column_however_long() -> None:
    chain = [node("v0", "q"), *(node(f"v{number}", f"v{number - 1}") for number in range(1, 300))]
    assert {line[:3] for line in draw.text(plan(*chain)).splitlines()[2:]} == {"○  ", "●  ", "◎  "}


def test_rails_are_passed_joined_and_ended() -> None:
    shown = draw.text(plan(node("a", "q"), node("b", "q"), node("c", "a", "q"), node("d", "b", "a", "c")))
    rails = [line[:7].rstrip() for line in shown.splitlines()[2:]]
    assert rails == ["○", "├─●", "├─│─●", "●─┤ │", "╰─┴─●", "    ◎"]


@pytest.mark.parametrize("seed", range(20))
def test_every_edge_can_be_followed_in_the_text(seed: int) -> None:
    """Read the drawing again: from each mark along its ties up to the marks it reads."""
    random_one = random_plan(25, seed)
    rows = draw.text(random_one).splitlines()[2:]
    marks, found = dict[int, str](), dict[str, set[str]]()
    for row in rows:
        rail, name = _parts(row)
        at = next(place for place, char in enumerate(rail) if char in "○●◎")
        joined = {place for place, char in enumerate(rail) if char in "├┼╰┴╯┤"}
        above = {at} & marks.keys()
        found[name] = {marks[place] for place in joined | above}
        for place in [place for place, char in enumerate(rail) if char in "╰┴╯"]:
            del marks[place]
        marks[at] = name
        marks = {place: value for place, value in marks.items() if place == at or _goes_on(rail, place)}
    wanted = {str(made.id): set(made.reads) for made in random_one.nodes}
    assert {name: reads for name, reads in found.items() if name in wanted} == wanted


def _parts(row: str) -> tuple[str, str]:
    match = re.match(r"([○●◎│├┼╰┴╯┤─ ]+)(\S+) +(\S+)", row)
    assert match is not None, row
    rail, kind, name = match.groups()
    return rail, "return" if kind == "return" else name


def _goes_on(rail: str, place: int) -> bool:
    return place < len(rail) and rail[place] in "│├┼┤"


def test_columns_are_those_of_a_terminal() -> None:
    assert [columns(text) for text in ("abc", "问题", "é", "e\u0301", "ﾊﾝ", "ＡＢ", "")] == [3, 4, 1, 1, 2, 4, 0]
    assert (shorten("问题分解", 8), shorten("问题分解", 7), shorten("abc", 2)) == ("问题分解", "问题分…", "a…")
    assert clean("a\tb\u202ec\r\n") == "a bc"


# --- layout ----------------------------------------------------------------------------------------------------------


def laid(count: int, seed: int) -> tuple[list[tuple[float, float]], list[tuple[int, int]], Laid]:
    choose = random.Random(seed)
    links = sorted({(choose.randrange(to), to) for to in range(1, count) for _ in range(choose.choice((1, 1, 2)))})
    sizes = [(choose.uniform(60, 200), 60.0) for _ in range(count)]
    return sizes, links, lay_out(sizes, links)


@pytest.mark.parametrize("seed", range(20))
def test_boxes_stand_apart_and_below_what_they_read(seed: int) -> None:
    sizes, links, made = laid(60, seed)
    assert all(made.layer_of[a] < made.layer_of[b] for a, b in links)
    rows: dict[int, list[int]] = {}
    for box, layer in enumerate(made.layer_of):
        rows.setdefault(layer, []).append(box)
    for row in rows.values():
        row.sort(key=lambda box: made.centres[box][0])
        for left, right in pairwise(row):
            between = made.centres[right][0] - made.centres[left][0] - (sizes[left][0] + sizes[right][0]) / 2
            assert between >= 28 - 1e-6
    assert min(x - sizes[box][0] / 2 for box, (x, _) in enumerate(made.centres)) >= -1e-6
    assert all(bottom < top for bottom, top in zip(made.bottoms, made.tops[1:], strict=False))


@pytest.mark.parametrize("seed", range(20))
def test_no_edge_runs_through_a_box(seed: int) -> None:
    sizes, links, made = laid(60, seed)
    for (_, target), bends in zip(links, made.bends, strict=True):
        assert [layer for _, layer in bends] == list(range(made.layer_of[target] - len(bends), made.layer_of[target]))
        for x, layer in bends:
            inside = [b for b, at in enumerate(made.layer_of) if at == layer]
            assert all(abs(x - made.centres[b][0]) >= sizes[b][0] / 2 for b in inside)


def counted(made: Laid, links: list[tuple[int, int]]) -> int:
    """Count crossings a second way: pair by pair, from the places alone."""
    segments: dict[int, list[tuple[float, float]]] = {}
    for (source, target), bends in zip(links, made.bends, strict=True):
        points = [
            (made.centres[source][0], made.layer_of[source]),
            *bends,
            (made.centres[target][0], made.layer_of[target]),
        ]
        for (x, layer), (to, _) in pairwise(points):
            segments.setdefault(layer, []).append((x, to))
    return sum(
        (a - c) * (b - d) < 0 for found in segments.values() for n, (a, b) in enumerate(found) for c, d in found[:n]
    )


def naive(links: list[tuple[int, int]], made: Laid) -> int:
    """Crossings with the same layers in the order of the text."""
    layers: list[list[int]] = [[] for _ in made.tops]
    down: list[list[int]] = [[] for _ in made.layer_of]
    for box, layer in enumerate(made.layer_of):
        layers[layer].append(box)
    for (source, target), bends in zip(links, made.bends, strict=True):
        at = source
        for _, layer in bends:
            layers[layer].append(len(down))
            down.append([])
            down[at].append(len(down) - 1)
            at = len(down) - 1
        down[at].append(target)
    place = [0] * len(down)
    for found in layers:
        for number, item in enumerate(found):
            place[item] = number
    return crossings(layers, down, place)


def test_the_layout_crosses_far_less_than_the_order_of_the_text() -> None:
    drawn, plain = 0, 0
    for seed in range(20):
        _, links, made = laid(60, seed)
        assert made.crossings == counted(made, links)
        drawn += made.crossings
        plain += naive(links, made)
    assert drawn < plain / 4


def test_a_tree_is_drawn_without_a_crossing() -> None:
    links = [((to - 1) // 2, to) for to in range(1, 63)]
    random.Random(3).shuffle(links)
    assert lay_out([(50.0, 20.0)] * 63, links).crossings == 0


def test_a_long_edge_is_straight() -> None:
    chain = [(number, number + 1) for number in range(12)]
    made = lay_out([(80.0, 40.0)] * 13, [*chain, (0, 12)])
    xs = [x for x, _ in made.bends[-1]]
    assert max(xs) - min(xs) < 5
    assert max(x for x, _ in made.centres[1:-1]) - min(x for x, _ in made.centres[1:-1]) < 10


def test_nothing_to_draw_and_one_box() -> None:
    assert lay_out([], []).width == 0
    assert lay_out([(80.0, 40.0)], []).centres == ((40.0, 20.0),)


def test_two_hundred_nodes_take_no_time() -> None:
    large = random_plan(200, 5)
    best = min(_timed(large) for _ in range(3))
    assert best < 0.25  # 0.035 s on a quiet core


def _timed(large: Plan) -> float:
    started = time.process_time()
    draw.svg(large)
    return time.process_time() - started


# --- svg -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANS)
def test_svg_shows_every_vertex_by_word_outline_and_colour(name: str) -> None:
    shown = load(name)
    text = draw.svg(shown)
    root = ET.fromstring(text)
    words = [element.text or "" for element in root.iter(f"{SVG}text")]
    for made in shown.nodes:
        assert str(made.id) in words
        assert any(word.startswith(made.kind) for word in words)
    assert {made.action.model for made in shown.nodes if isinstance(made.action, Ask)} <= set(words)
    assert "prefers-color-scheme:dark" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert text == draw.svg(shown)


def test_a_fan_out_is_a_stack_of_cards() -> None:
    root = ET.fromstring(draw.svg(plan(node("a", "q"), node("b", "a", fan=True))))
    cards = {
        g[0].text: [r for r in g.iter() if r.get("class") == "back"] for g in root.iter(f"{SVG}g") if g.get("class")
    }
    assert [len(back) for back in cards.values()] == [0, 0, 2, 0]


@pytest.mark.parametrize("opened", [False, True])
def test_the_graphs_inside_a_node_stand_in_frames_within_its_card(*, opened: bool) -> None:
    root = ET.fromstring(draw.svg(load("inside"), opened=opened))
    words = {element.text for element in root.iter(f"{SVG}text")}
    assert {"sport, politics", "else", "step", "value", "so_far", "improved", "until", "next"} <= words
    assert ("plan check" in words) is opened
    frames = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "inset"]
    assert len(frames) == 4 + opened
    assert len([path for path in root.iter(f"{SVG}path") if path.get("class") == "edge loop"]) == 2
    drawn: list[tuple[float, float, float, float]] = []
    _boxes(root, 0, 0, drawn)
    page = root.get("viewBox", "").split()
    assert all(x >= 0 and x + w <= float(page[2]) and y >= 0 and y + h <= float(page[3]) for x, y, w, h in drawn)
    for number, one in enumerate(drawn):
        for other in drawn[:number]:
            assert _apart(one, other) or _holds(one, other) or _holds(other, one)


def _boxes(at: ET.Element, x: float, y: float, found: list[tuple[float, float, float, float]]) -> None:
    """Collect the places of all cards and frames in the picture's own units."""
    shift = re.match(r"translate\((\S+) (\S+)\)", at.get("transform", ""))
    if shift is not None:
        x, y = x + float(shift[1]), y + float(shift[2])
    if at.tag == f"{SVG}rect" and at.get("class") in ("box", "inset"):
        left, top, width, height = (float(at.get(name, "")) for name in ("x", "y", "width", "height"))
        found.append((x + left, y + top, width, height))
    for child in at:
        _boxes(child, x, y, found)


def _apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        one[0] + one[2] <= other[0]
        or other[0] + other[2] <= one[0]
        or one[1] + one[3] <= other[1]
        or other[1] + other[3] <= one[1]
    )


def _holds(outer: tuple[float, ...], inner: tuple[float, ...]) -> bool:
    right, low = outer[0] + outer[2], outer[1] + outer[3]
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[0] + inner[2] <= right and inner[1] + inner[3] <= low


def test_every_text_lies_within_the_picture() -> None:
    long = node(
        "a_name_that_is_much_longer_than_any_card_should_be_wide", "q", model="a-model-with-a-very-long-name-too"
    )
    root = ET.fromstring(draw.svg(plan(long, node("名" * 40, str(long.id)))))
    width = float(root.get("width", "0"))
    for element in root.iter(f"{SVG}text"):
        if element.get("text-anchor") is None:
            wide = columns(element.text or "") * (8.45 if element.get("class") == "name" else 6.65)
            assert 0 <= float(element.get("x", "0")) + wide <= width


@pytest.mark.skipif(
    shutil.which("dot") is None, reason="a second reading of the dot text; msrun itself needs no Graphviz"
)
def test_graphviz_reads_the_dot_file() -> None:
    for shown in (hostile(), load("chinese")):
        subprocess.run(["dot", "-Tcanon"], input=draw.dot(shown), text=True, check=True, capture_output=True)
