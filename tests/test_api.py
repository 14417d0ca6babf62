"""The Python front door, with the scripted backend in the place of a model."""

import asyncio
import gc
import threading
import warnings
from pathlib import Path

import pytest
import trio

import msrun
from msrun.backends.port import Backend, Emit, Reply, Request
from msrun.backends.scripted import Scripted
from msrun.runtime.events import RunFinished, RunStarted

PLAN = """
param style: text = "plain"

model small = ollama("not-there")
model strong = openai("not-there") { key: secret("A_KEY_NOBODY_SET") }

plan ask(question: text, depth: int = 2) -> text {
  decompose parts from question limit 3
  solve answers for part in parts
  combine answer from answers { prompt: "{{ style }} {{ depth }} {{ question }} {{ answers }}" }
  return answer
}

plan other() -> text {
  let r = style
  return r
}

defaults { model: small }
"""


class Once(Scripted):
    """Replies of one run, again and again."""

    def __init__(self) -> None:
        super().__init__(nodes={"parts": [["one", "two"]], "answers": ["1", "2"], "answer": ["both"]}, cycle=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.plan"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture
def small() -> Once:
    return Once()


@pytest.fixture
def loaded(file: Path, small: Once) -> msrun.Loaded:
    return msrun.load(file, backends={"small": small})


def test_run(loaded: msrun.Loaded) -> None:
    result = loaded.run(question="?")
    assert result.value == "both"
    assert result.calls == 4
    assert result.usage.completion_tokens > 0
    assert len(result.run) == 32
    assert {id_: (node.state, node.calls) for id_, node in result.nodes.items()} == {
        "parts": ("ok", 1),
        "answers": ("ok", 2),
        "answer": ("ok", 1),
    }
    assert result.nodes["parts"].value == ["one", "two"]
    assert result.seconds > 0


def test_fifty_runs_in_one_process(loaded: msrun.Loaded) -> None:
    threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    assert {loaded.run(question="?").value for _ in range(50)} == {"both"}
    gc.collect()
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == files


def test_run_inside_a_loop_is_one_clear_error_and_leaks_nothing(loaded: msrun.Loaded, small: Once) -> None:
    async def main() -> None:
        with pytest.raises(msrun.InsideLoop, match="inside a running event loop") as caught:
            loaded.run(question="?")
        assert "arun" in caught.value.help

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(main())
        trio.run(main)
        gc.collect()
    assert small.requests == []


@pytest.mark.parametrize("start", [asyncio.run, None])
def test_arun_on_both_loops(loaded: msrun.Loaded, start: object) -> None:
    async def main() -> str:
        return str((await loaded.arun(question="?")).value)

    assert (trio.run(main) if start is None else asyncio.run(main())) == "both"


def test_events_and_then_the_result(loaded: msrun.Loaded) -> None:
    async def main() -> None:
        stream = loaded.events(question="?")
        events = [event async for event in stream]
        assert isinstance(events[0], RunStarted)
        assert isinstance(events[-1], RunFinished)
        assert stream.result.value == "both"

    asyncio.run(main())


def test_leaving_the_events_cancels_the_calls(file: Path) -> None:
    class Endless:
        """A model that never replies."""

        cancelled = 0
        closed = False

        async def call(self, request: Request, emit: Emit | None = None) -> Reply:
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled += 1
            raise AssertionError

        async def aclose(self) -> None:
            self.closed = True

    async def main() -> None:
        model = Endless()
        async with msrun.load(file, backends={"small": model}).events(question="?") as events:
            async for event in events:
                if event.kind == "call_started":
                    await asyncio.sleep(0.01)
                    break
        assert model.cancelled == 1
        assert not model.closed
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_backends_that_were_opened_are_closed(file: Path, small: Once, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> Backend:
        return small

    monkeypatch.setattr("msrun.backends.registry.open_backend", opened)
    msrun.load(file).run(question="?")
    assert small.closed


def test_inputs_are_checked_before_anything_is_called(loaded: msrun.Loaded, small: Once) -> None:
    with pytest.raises(msrun.InputInvalid) as caught:
        loaded.run(qestion="?", depth="two")
    assert [name for name, _ in caught.value.problems] == ["qestion", "question", "depth"]
    assert isinstance(caught.value, ValueError)
    assert small.requests == []


def test_settings_and_models_are_overridden(file: Path, small: Once) -> None:
    plan = msrun.load(file, backends={"strong": small}, settings={"style": "short"}, models={"small": "strong"})
    assert plan.run(question="?").value == "both"
    assert small.requests[-1].messages[-1].content.startswith("short 2 ?")


def test_a_backend_for_no_model_is_an_error(file: Path, small: Once) -> None:
    with pytest.raises(msrun.OverrideInvalid, match="there is no model `smal`"):
        msrun.load(file, backends={"smal": small})


def test_secrets_come_from_where_the_caller_says(file: Path) -> None:
    asked: list[str] = []

    def vault(name: str) -> str | None:
        asked.append(name)
        return None

    with pytest.raises(msrun.SecretMissing) as caught:
        msrun.load(file, models={"small": "strong"}, secret=vault).run(question="?")
    assert (asked, caught.value.names) == (["A_KEY_NOBODY_SET"], ("A_KEY_NOBODY_SET",))
    assert caught.value.help == "export A_KEY_NOBODY_SET=…"


def test_one_plan_of_several_is_chosen(file: Path) -> None:
    plan = msrun.load(f"{file}:other", settings={"style": "nice"})
    assert plan.plans == ("ask", "other")
    assert plan.run().value == "nice"


def test_a_file_with_errors_raises_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "bad.plan"
    path.write_text("plan p() -> text {\n  return nothing\n}\nplan p() -> text {\n  return less\n}\n", encoding="utf-8")
    with pytest.raises(msrun.PlanInvalid) as caught:
        msrun.load(path)
    assert len(caught.value.diagnostics) >= 2
    assert "nothing" in str(caught.value)
    assert "bad.plan:2:" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "ask.plan").write_text("", encoding="utf-8")
    with pytest.raises(msrun.PlanUnreadable, match="there is no file") as caught:
        msrun.load(tmp_path / "asks.plan")
    assert caught.value.help == f"did you mean `{tmp_path / 'ask.plan'}`?"


def test_a_failed_run_says_where_and_what_it_cost(file: Path) -> None:
    with pytest.raises(msrun.RunFailed) as caught:
        msrun.load(file, backends={"small": Scripted(["no list", "no list", "no list"])}).run(question="?")
    failure = caught.value
    assert (failure.fault, failure.node) == ("reply", "parts")
    assert failure.calls == 2
    assert failure.usage.prompt_tokens > 0
    assert str(failure).startswith("node `parts` failed: ")


def test_tools_need_a_grant(tmp_path: Path) -> None:
    path = tmp_path / "t.plan"
    path.write_text(
        'tool double(n: int) -> int = python("t:double")\n'
        "plan p(n: int) -> int {\n  call twice from double(n: n)\n  return twice\n}\n",
        encoding="utf-8",
    )
    (tmp_path / "t.py").write_text("def double(n):\n    return 2 * n\n", encoding="utf-8")
    with pytest.raises(msrun.NotAllowed) as caught:
        msrun.load(path).run(n=2)
    assert caught.value.grants == ("tool:double",)
    assert msrun.load(path, allow=["tool:*"]).run(n=2).value == 4


def test_the_same_seed_gives_the_same_seeds_to_the_calls(file: Path) -> None:
    def seeds(seed: int) -> list[int]:
        model = Once()
        msrun.load(file, backends={"small": model}, seed=seed).run(question="?")
        return [request.seed for request in model.requests]

    assert seeds(1) == seeds(1) != seeds(2)
