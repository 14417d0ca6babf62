"""What the package may not contain: nothing that executes text, unpickles, or starts a shell."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("msrun", "backends", "dsl", "runtime", "trainers")
BUILTINS = {"eval", "exec", "compile", "__import__"}
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jinja2", "yaml"}
ATTRIBUTES = {("torch", "load"), ("os", "system"), ("os", "popen"), ("subprocess", "getoutput")}


def findings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in BUILTINS:
                yield node.lineno, f"{name}()"
            case ast.Call(func=ast.Attribute(value=ast.Name(id=base), attr=attr)) if (base, attr) in ATTRIBUTES:
                yield node.lineno, f"{base}.{attr}()"
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.partition(".")[0] in MODULES:
                        yield node.lineno, f"import {alias.name}"
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in MODULES:
                yield node.lineno, f"from {module}"
            case ast.keyword(arg="shell" | "trust_remote_code" as word, value=ast.Constant(value=True)):
                yield node.lineno, f"{word}=True"
            case _:
                pass


def python_files() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts)


def test_no_file_of_the_package_can_execute_text() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in python_files()
        for line, what in findings(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "eval('1')",
        "exec(x)",
        "import pickle",
        "from marshal import loads",
        "import torch\ntorch.load(p)",
        "run(x, shell=True)",
        "load(x, trust_remote_code=True)",
        "os.system(c)",
    ],
)
def test_the_lint_sees(text: str) -> None:
    assert list(findings(ast.parse(text)))
