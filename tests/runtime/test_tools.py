"""Tools: who may run, how functions are found and called, what they may give, and how they fail."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from msrun.backends.port import BackendFault
from msrun.dsl.plan import Input, ToolSpec
from msrun.dsl.shapes import INT, JSON, TEXT, ListOf, Maybe, Named, RecordDef, RecordField, Shape, TypeDef
from msrun.runtime.tools import Tool, open_tool

CODE = """
import dataclasses, datetime, enum, pathlib, sys, threading, time
import pydantic
import beside

class Colour(enum.Enum):
    RED = "red"

class Page(pydantic.BaseModel):
    url: str
    at: datetime.date

@dataclasses.dataclass
class Point:
    x: int
    colour: Colour

calls = []

def count(s): return len(s.split())
def beside_value(): return beside.VALUE
def thread(): return threading.get_ident()
async def later(s, n=2):
    import anyio
    await anyio.sleep(0)
    return s * n
def typed(): return {"page": Page(url="u", at=datetime.date(2026, 1, 2)), "points": (Point(1, Colour.RED),)}
def echo(value): return value
def path(): return pathlib.Path("a/b")
def bad(): raise ValueError("no such order")
def leave(): sys.exit("bye")
def endless_number(): return float("nan")
def foreign(): return object()
def circle():
    a = []
    a.append(a)
    return a
def slow():
    time.sleep(0.3)
    return threading.get_ident()
def items(n):
    for i in range(n):
        calls.append(i)
        yield {"i": i}
async def streamed(n):
    try:
        for i in range(n):
            yield i
            if i == 1 and n > 3:
                raise KeyError("third")
    finally:
        calls.append("closed")
def ticking():
    while True:
        time.sleep(0.01)
        calls.append("tick")
        yield len(calls)
def seen(): return list(calls)
_hidden = count
number = 5
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "helpers.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "beside.py").write_text("VALUE = 'one'\n", encoding="utf-8")
    (tmp_path / "broken.py").write_text("1 / 0\n", encoding="utf-8")
    (tmp_path / "needs.py").write_text("import not_installed_anywhere\n", encoding="utf-8")
    return tmp_path


def spec(target: str, name: str = "t", *, provider: str = "python", **params: Shape) -> ToolSpec:
    inputs = tuple(Input(name=key, shape=shape) for key, shape in params.items())
    return ToolSpec(name=name, provider=provider, target=(target,), params=inputs, result=JSON)


def opened(root: Path, function: str, **params: Shape) -> Tool:
    return open_tool(spec(f"helpers:{function}", "t", provider="python", **params), allow=["tool:*"], root=root)


def called(root: Path, function: str, args: Mapping[str, Any] = {}, **params: Shape) -> Any:
    return anyio.run(opened(root, function, **params).call, args, None)


def fault_of(call: Callable[[], object]) -> BackendFault:
    with pytest.raises(BackendFault) as caught:
        call()
    return caught.value


# --- who may run ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("allow", [[], ["tool:other"], ["tool:word_coun"], ["host:word_count"], ["*:words"], ["tool:"]])
def test_what_nobody_allowed_is_refused_and_not_even_imported(tmp_path: Path, allow: Sequence[str]) -> None:
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    fault = fault_of(lambda: open_tool(spec("trap:f", "word_count"), allow=allow, root=tmp_path))
    assert (fault.kind, fault.help) == ("refused", "--allow tool:word_count")
    assert fault.message == "tool `word_count` runs python trap:f, which nobody allowed"


@pytest.mark.parametrize("pattern", ["tool:word_count", "tool:*", "tool:word_*", "*"])
def test_patterns_allow(root: Path, pattern: str) -> None:
    assert open_tool(spec("helpers:count", "word_count", s=TEXT), allow=[pattern], root=root).name == "word_count"


@pytest.mark.parametrize(
    "target", ["os:system", "subprocess:run", "builtins:exec", "os.path:join", "importlib.metadata:version"]
)
def test_parts_of_python_are_no_tools(root: Path, target: str) -> None:
    fault = fault_of(lambda: open_tool(spec(target), allow=["tool:*"], root=root))
    assert (fault.kind, "a part of Python itself" in fault.message) == ("request", True)


NO_FUNCTIONS = "helpers", "helpers:", ":f", "helpers:_hidden", "helpers:__class__", "../x:f", "a:b:c", "helpers:count.x"


@pytest.mark.parametrize("target", NO_FUNCTIONS)
def test_a_target_that_is_no_public_function_of_a_module(root: Path, target: str) -> None:
    assert fault_of(lambda: open_tool(spec(target), allow=["tool:*"], root=root)).kind == "request"


def test_other_providers_come_later(root: Path) -> None:
    fault = fault_of(lambda: open_tool(spec("brave", "web", provider="mcp"), allow=["tool:web"], root=root))
    assert (fault.kind, "mcp tools come with a later version" in fault.message) == ("missing", True)


# --- where functions are found --------------------------------------------------------------------------------------


def test_modules_beside_the_plan_leave_no_trace(root: Path) -> None:
    path, modules = list(sys.path), set(sys.modules)
    assert called(root, "beside_value") == "one"
    assert sys.path == path
    assert not {"helpers", "beside"} & (set(sys.modules) - modules)


def test_two_folders_may_have_modules_of_one_name_and_a_folder_has_each_once(root: Path, tmp_path_factory: Any) -> None:
    other: Path = tmp_path_factory.mktemp("other")
    (other / "helpers.py").write_text(CODE, encoding="utf-8")
    (other / "beside.py").write_text("VALUE = 'two'\n", encoding="utf-8")
    assert [called(each, "beside_value") for each in (root, other, root)] == ["one", "two", "one"]
    called(root, "items", {"n": 2}, n=INT)
    assert (called(root, "seen"), called(other, "seen")) == ([0, 1], [])


def test_a_module_that_was_imported_before_is_put_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = type(sys)("beside")
    monkeypatch.setitem(sys.modules, "beside", stranger)
    (root / "helpers.py").write_text("def f(): return 1\n", encoding="utf-8")
    assert called(root, "f") == 1
    assert sys.modules["beside"] is stranger


def test_an_installed_package_is_found(root: Path) -> None:
    tool = open_tool(spec("packaging.version:parse", version=TEXT), allow=["tool:t"], root=root)
    assert tool.name == "t"
    assert "packaging.version" in sys.modules


@pytest.mark.parametrize(
    ("target", "kind", "message"),
    [
        ("nowhere:f", "missing", "there is no module nowhere beside the plan"),
        ("nowhere.deep:f", "missing", "there is no module nowhere.deep beside the plan"),
        ("helpers:absent", "missing", "module helpers has no function `absent`"),
        ("helpers:number", "missing", "module helpers has no function `number`"),
        ("broken:f", "tool", "importing broken failed with ZeroDivisionError: division by zero"),
        (
            "needs:f",
            "tool",
            "importing needs failed with ModuleNotFoundError: No module named 'not_inst",
        ),
    ],
)
def test_what_cannot_be_found_is_named(root: Path, target: str, kind: str, message: str) -> None:
    fault = fault_of(lambda: open_tool(spec(target), allow=["tool:t"], root=root))
    assert (fault.kind, message in fault.message) == (kind, True), fault.message


def test_parameters_that_the_function_does_not_take_are_found_before_the_run(root: Path) -> None:
    fault = fault_of(lambda: opened(root, "count", text=TEXT))
    assert fault.kind == "request"
    assert "declares text, but helpers:count does not take that: missing a required argument: 's'" in fault.message


# --- how functions are called ---------------------------------------------------------------------------------------

backends = pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])


@backends
@pytest.mark.anyio
async def test_a_synchronous_function_runs_in_a_thread_of_its_own(root: Path) -> None:
    assert await opened(root, "count", s=TEXT).call({"s": "a b c"}) == 3
    assert await opened(root, "thread").call({}) != threading.get_ident()


@backends
@pytest.mark.anyio
async def test_slow_functions_run_at_the_same_time_and_block_nobody(root: Path) -> None:
    tool = opened(root, "slow")

    async def call() -> None:
        await tool.call({})

    with anyio.fail_after(1.5):
        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(call)


@backends
@pytest.mark.anyio
async def test_a_cancelled_call_does_not_wait_for_its_thread(root: Path) -> None:
    tool = opened(root, "slow")
    began = anyio.current_time()
    with anyio.move_on_after(0.05):
        await tool.call({})
    assert anyio.current_time() - began < 0.2


@backends
@pytest.mark.anyio
async def test_an_async_function_is_awaited_with_its_default(root: Path) -> None:
    inputs = (Input(name="s", shape=TEXT), Input(name="n", shape=INT, required=False, default=3))
    declared = ToolSpec(name="t", provider="python", target=("helpers:later",), params=inputs, result=TEXT)
    tool = open_tool(declared, allow=["tool:t"], root=root)
    assert (await tool.call({"s": "ab"}), await tool.call({"s": "ab", "n": 1})) == ("ababab", "ab")


@backends
@pytest.mark.anyio
@pytest.mark.parametrize(("function", "expected"), [("items", [{"i": 0}, {"i": 1}]), ("streamed", [0, 1])])
async def test_generators_hand_on_their_items_on_the_loops_thread(
    root: Path, function: str, expected: list[Any]
) -> None:
    taken: list[Any] = []
    threads: set[int] = set()

    def take(item: Any) -> None:
        taken.append(item)
        threads.add(threading.get_ident())

    tool = opened(root, function, n=INT)
    assert await tool.call({"n": 2}, take) == expected
    assert taken == expected
    assert threads == {threading.get_ident()}
    assert await tool.call({"n": 2}, None) == expected


@backends
@pytest.mark.anyio
async def test_a_generator_that_fails_keeps_what_it_gave_and_is_closed(root: Path) -> None:
    taken: list[Any] = []
    with pytest.raises(BackendFault, match=r"tool `t` failed with KeyError: 'third'"):
        await opened(root, "streamed", n=INT).call({"n": 5}, taken.append)
    assert taken == [0, 1]
    assert (await opened(root, "seen").call({}))[-1] == "closed"


@backends
@pytest.mark.anyio
async def test_a_cancelled_generator_stops_at_its_next_item(root: Path) -> None:
    with anyio.move_on_after(0.1):
        await opened(root, "ticking").call({})
    await anyio.sleep(0.1)
    before = len(await opened(root, "seen").call({}))
    await anyio.sleep(0.1)
    assert len(await opened(root, "seen").call({})) == before


# --- what goes in and comes out -------------------------------------------------------------------------------------

STEP: TypeDef = RecordDef("Step", (RecordField("id", TEXT), RecordField("n", INT, default="4")))


def test_arguments_are_checked_and_completed_by_the_declared_types(root: Path) -> None:
    declared = spec("helpers:echo", value=ListOf(Named("Step")))
    tool = open_tool(declared, allow=["tool:t"], root=root, types=[STEP])
    assert anyio.run(tool.call, {"value": [{"id": "s1"}]}) == [{"id": "s1", "n": 4}]
    fault = fault_of(lambda: anyio.run(tool.call, {"value": [{"id": 1, "n": "x"}]}))
    assert fault.kind == "request"
    assert "tool `t` cannot be called so: value[0].id: " in fault.message
    assert "value[0].n: " in fault.message


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "s: is missing"),
        ({"s": "a", "z": 1}, "z: no such parameter"),
        ({"s": 5}, "s: "),
        ({"s": None}, "s: "),
    ],
)
def test_arguments_that_do_not_fit(root: Path, args: Mapping[str, Any], message: str) -> None:
    fault = fault_of(lambda: called(root, "count", args, s=TEXT))
    assert (fault.kind, message in fault.message) == ("request", True), fault.message


def test_an_optional_argument_left_out_is_none(root: Path) -> None:
    inputs = (Input(name="value", shape=Maybe(TEXT), required=False),)
    declared = ToolSpec(name="t", provider="python", target=("helpers:echo",), params=inputs, result=JSON)
    nothing: dict[str, Any] = {}
    assert anyio.run(open_tool(declared, allow=["*"], root=root).call, nothing) is None


def test_models_dataclasses_enums_dates_and_paths_become_json(root: Path) -> None:
    assert called(root, "typed") == {
        "page": {"url": "u", "at": "2026-01-02"},
        "points": [{"x": 1, "colour": "red"}],
    }
    assert called(root, "path") == "a/b"


HOSTILE = [
    ("bad", "tool `t` failed with ValueError: no such order"),
    ("leave", "tool `t` failed with SystemExit: bye"),
    ("endless_number", "the number is not finite"),
    ("foreign", "tool `t` failed with TypeError: its result is no JSON value"),
    ("circle", "tool `t` failed with"),
]


@pytest.mark.parametrize(("function", "message"), HOSTILE)
def test_failures_name_the_tool_the_error_and_its_cause(root: Path, function: str, message: str) -> None:
    fault = fault_of(lambda: called(root, function))
    assert (fault.kind, message in fault.message) == ("tool", True), fault.message
    assert "Traceback" not in fault.message
    assert fault.__cause__ is not None
