"""The wheel holds what the folders hold, and the links in `msrun/` lead to the rooms."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = frozenset({"backends", "dsl", "runtime", "trainers"})


def configured_packages() -> set[str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(config["tool"]["setuptools"]["packages"])


def folders_with_code() -> set[str]:
    found = {"msrun"}
    for top in (ROOT / "msrun", *(ROOT / room for room in ROOMS)):
        for path in top.rglob("*.py"):
            parts = path.parent.relative_to(ROOT).parts
            if top.name == "msrun" and ROOMS.intersection(parts[1:2]):
                continue  # the same files through a link
            found.add(".".join(parts if top.name == "msrun" else ("msrun", *parts)))
    return found


def test_every_folder_with_code_is_a_package() -> None:
    assert configured_packages() == folders_with_code()


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_are_linked_from_the_front_door(room: str) -> None:
    link = ROOT / "msrun" / room
    assert link.is_symlink()
    assert link.resolve() == ROOT / room


@pytest.mark.timeout(300)
def test_the_wheel_built_from_the_sdist_holds_every_module(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(
        ROOT,
        tree,
        symlinks=True,
        ignore=shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "node_modules"),
    )
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(tree)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (sdist,) = tmp_path.glob("*.tar.gz")
    (wheel,) = tmp_path.glob("*.whl")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"dsl/syntax/plan.lark", "examples/quickstart.plan", "tests/test_packaging.py", "LICENSE"} <= names
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    expected = {f"msrun/{path.relative_to(ROOT).as_posix()}" for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert expected <= shipped
    data = {"py.typed", "dsl/syntax/plan.lark", "dsl/syntax/grammar.json"}
    data |= {f"backends/bundled/arithmetic/{name}" for name in ("model.safetensors", "config.json", "tokenizer.json")}
    assert {f"msrun/{name}" for name in data} <= shipped
    assert not [name for name in shipped if name.split("/")[0] in {*ROOMS, "tests", "examples"}]
