"""What may not be loaded to print a help page or to check a file: start-up time is a promise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAVY = ("networkx", "pydantic", "rich", "anyio", "asyncio", "httpx2", "torch", "transformers", "trio", "graphviz")
FOR_HELP = (*HEAVY, "dataclasses", "lark", "json", "pathlib", "difflib", "importlib.metadata", "msrun.dsl")
FOR_CHECK = (*HEAVY, "lark", "difflib", "importlib.metadata", "msrun.api", "msrun.runtime.engine", "msrun.trainers")

DUMP = "names = sorted(sys.modules)\nimport json\nsys.stderr.write('LOADED' + json.dumps(names))"
CALL = "from msrun.cli import main\nmain({args!r})"


def loaded(code: str) -> set[str]:
    """Run the code in a fresh interpreter, without the site's own imports, and return the modules it had loaded."""
    paths = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys\nsys.path[:0] = {paths!r}\n{code}\n" + DUMP],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )
    assert "LOADED" in done.stderr, done.stderr
    return set(json.loads(done.stderr.partition("LOADED")[2]))


def without(modules: set[str], forbidden: tuple[str, ...]) -> None:
    found = sorted(name for name in modules if name in forbidden or name.startswith(tuple(f"{f}." for f in forbidden)))
    assert found == []


@pytest.mark.parametrize("args", [["--help"], ["--version"], []])
def test_the_help_loads_click_and_little_else(args: list[str]) -> None:
    modules = loaded(CALL.format(args=args))
    assert "click" in modules
    without(modules, FOR_HELP)


def test_a_check_loads_the_language_and_nothing_that_runs_it(tmp_path: Path) -> None:
    plan = tmp_path / "x.plan"
    plan.write_text(
        "type Step { id: key  question: text }\n\nplan ask(question: text) -> text {\n"
        '  let steps = [question]\n  return steps | join(", ")\n}\n',
        encoding="utf-8",
    )
    modules = loaded(CALL.format(args=["check", str(plan)]))
    assert "msrun.dsl.check.program" in modules
    without(modules, FOR_CHECK)


def test_importing_the_package_is_free() -> None:
    before = loaded("pass")
    after = loaded("import msrun")
    assert after - before == {"msrun"}


def test_every_exported_name_is_there_when_it_is_asked_for() -> None:
    code = "import msrun\nfor name in msrun.__all__: assert getattr(msrun, name) is not None"
    assert "msrun.api" in loaded(code)


def test_a_run_in_a_pipe_does_not_load_rich(tmp_path: Path) -> None:
    plan = tmp_path / "x.plan"
    plan.write_text('plan p() -> text {\n  let r = "a"\n  return r\n}\n', encoding="utf-8")
    modules = loaded(CALL.format(args=[str(plan)]))
    assert "msrun.runtime.engine" in modules
    without(modules, ("rich", "httpx2", "pydantic", "networkx", "torch", "transformers"))
