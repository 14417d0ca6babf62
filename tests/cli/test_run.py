"""`msrun FILE`: what goes to which stream, and where the inputs come from."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_the_answer_is_all_that_stands_on_stdout(msrun: "Shell") -> None:
    done = msrun("ask.plan", "--question", "Which city?")
    assert (done.returncode, done.stdout) == (0, "Paris\n")
    lines = done.stderr.splitlines()
    assert lines[0].endswith("  answer: started")
    assert re.fullmatch(r" +\d\.\d\d s  answer: done, 1 call, \d+ tokens, \d\.\d\d s", lines[1])
    assert re.fullmatch(r"1 call · \d+ tokens · \$0 · \d\.\d\d s", lines[2])
    assert len(lines) == 3


def test_run_is_the_default_verb(msrun: "Shell") -> None:
    assert msrun("run", "ask.plan", "--question", "?").stdout == "Paris\n"
    assert msrun("--quiet", "ask.plan", "--question", "?").stdout == "Paris\n"
    assert msrun("ask.plan:ask", "--question=?").stdout == "Paris\n"


def test_quiet_leaves_stderr_empty(msrun: "Shell") -> None:
    done = msrun("ask.plan", "--question", "?", "--quiet")
    assert (done.stdout, done.stderr) == ("Paris\n", "")


def test_json_is_one_object(msrun: "Shell") -> None:
    done = msrun("parts.plan", "--question", "?", "--json", "--quiet")
    record = json.loads(done.stdout)
    assert record["answer"] == "one two three"
    assert (record["plan"], record["calls"], record["cost_usd"]) == ("split", 5, 0)
    assert list(record["nodes"]) == ["parts", "answers", "answer"]
    assert record["nodes"]["parts"]["value"] == ["one", "two", "three"]
    assert {node["status"] for node in record["nodes"].values()} == {"ok"}
    assert record["tokens"] == sum(node["tokens"] for node in record["nodes"].values()) > 0
    assert set(record) == {"answer", "plan", "run", "calls", "tokens", "cost_usd", "seconds", "nodes"}


def test_nodes_inside_others_are_told_and_counted_once(msrun: "Shell", folder: Path) -> None:
    plan = (
        'model m = scripted("a", "b")\n'
        "plan p(q: text) -> text {\n"
        '  repeat d: text from q limit 2 { until d == "b"  solve s from d { prompt: "{{ d }}" }  next s }\n'
        "  return d\n}\n"
    )
    write(folder, "loop.plan", plan)
    done = msrun("loop.plan", "--q", "x", "--json")
    record = json.loads(done.stdout)
    assert (record["answer"], list(record["nodes"])) == ("b", ["d", "d#1.s", "d#2.s"])
    assert [node["calls"] for node in record["nodes"].values()] == [0, 1, 1]
    assert "d#2.s: done, 1 call" in done.stderr
    assert "d: done, 2 rounds, limit reached, 2 calls" in done.stderr


def test_jsonl_is_one_event_a_line(msrun: "Shell") -> None:
    done = msrun("parts.plan", "--question", "?", "--jsonl")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    assert (events[0]["kind"], events[-1]["kind"]) == ("run_started", "run_finished")
    assert events[-1]["value"] == "one two three"


def test_a_text_is_printed_plainly_and_anything_else_as_json(msrun: "Shell", folder: Path) -> None:
    plan = (
        'model m = scripted(["a", "ü"])\nplan p(q: text) -> list<text> {\n  solve r: list<text> from q\n  return r\n}\n'
    )
    write(folder, "list.plan", plan)
    assert json.loads(msrun("list.plan", "--q", "a").stdout) == ["a", "ü"]


@pytest.mark.parametrize("args", [("--question", "-"), ()])
def test_a_text_is_read_from_stdin(msrun: "Shell", folder: Path, args: tuple[str, ...]) -> None:
    plan = "plan echo(question: text) -> text {\n  let said = question\n  return said\n}\n"
    write(folder, "echo.plan", plan)
    assert msrun("echo.plan", *args, stdin="größe\n意图\n").stdout == "größe\n意图\n"


def test_names_of_inputs_are_any_letters(msrun: "Shell", folder: Path) -> None:
    plan = "plan p(größe: int, 意图: text, max_items: int) -> text {\n  let r = 意图\n  return r\n}\n"
    write(folder, "p.plan", plan)
    assert msrun("p.plan", "--größe", "3", "--意图", "买", "--max-items", "1").stdout == "买\n"
    assert msrun("p.plan", "--größe", "3", "--意图", "买", "--max_items", "1").stdout == "买\n"


def test_values_are_read_by_their_types(msrun: "Shell", folder: Path) -> None:
    plan = (
        "plan p(n: int, x: float, b: bool, w: list<text>) -> json {\n"
        "  let r = {n: n, x: x, b: b, w: w}\n  return r\n}\n"
    )
    write(folder, "p.plan", plan)
    done = msrun("p.plan", "--n", "-3", "--x", "1e-2", "--b", "yes", "--w", '["a", "b"]')
    assert json.loads(done.stdout) == {"n": -3, "x": 0.01, "b": True, "w": ["a", "b"]}


def test_a_param_is_set(msrun: "Shell", folder: Path) -> None:
    plan = 'param style: text = "plain"\nplan p() -> text {\n  let r = style\n  return r\n}\n'
    write(folder, "p.plan", plan)
    assert msrun("p.plan").stdout == "plain\n"
    assert msrun("p.plan", "--set", "style=formal = nice").stdout == "formal = nice\n"


def test_an_input_called_like_an_option_is_given_with_set(msrun: "Shell", folder: Path) -> None:
    plan = "plan p(seed: text) -> text {\n  let r = seed\n  return r\n}\n"
    write(folder, "p.plan", plan)
    assert msrun("p.plan", "--set", "seed=corn").stdout == "corn\n"


def test_one_model_stands_in_for_another(msrun: "Shell", folder: Path) -> None:
    plan = (
        'model a = scripted("from a")\nmodel b = scripted("from b")\n'
        "plan p(q: text) -> text {\n  solve r from q using a\n  return r\n}\n"
    )
    write(folder, "p.plan", plan)
    assert msrun("p.plan", "--q", "?", "--model", "a=b").stdout == "from b\n"


def test_the_help_of_a_plan_lists_its_inputs(msrun: "Shell") -> None:
    done = msrun("typed.plan", "--help")
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    for shown in ("--question VALUE [text]", "--depth VALUE [int = 3]", "--words VALUE [list<text> = []]", "--set"):
        assert shown in text, text


def test_control_characters_of_a_model_do_not_reach_a_log(msrun: "Shell", folder: Path) -> None:
    plan = 'model m = scripted("x")\nplan p(q: text) -> int {\n  solve r: int from q\n  return r\n}\n'
    write(folder, "p.plan", plan.replace('"x"', '"\\u{1b}[2Jowned", "\\u{1b}[2Jowned"'))
    done = msrun("p.plan", "--q", "?")
    assert done.returncode == 1
    assert "\x1b" not in done.stderr


def test_the_same_seed_asks_the_same_things(msrun: "Shell") -> None:
    def seeds(seed: str) -> object:
        return json.loads(msrun("ask.plan", "--question", "?", "--jsonl", "--seed", seed).stdout.splitlines()[0])[
            "seed"
        ]

    assert (seeds("3"), seeds("4")) == (3, 4)


def test_the_operators_configuration_gives_the_seed(msrun: "Shell", folder: Path) -> None:
    write(folder, "msrun.toml", "seed = 11\n")
    first = msrun("ask.plan", "--question", "?", "--jsonl").stdout.splitlines()[0]
    assert json.loads(first)["seed"] == 11
