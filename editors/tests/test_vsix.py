"""The built extension holds what it says it holds, and nothing of the machine that built it. Needs `make vsix`."""

import json
import zipfile
from pathlib import Path

from msrun.dsl.kinds.table import KINDS
from msrun.dsl.syntax.tokens import RESERVED

EXTENSION = Path(__file__).resolve().parents[1] / "vscode"
VSIX = EXTENSION / "msrun-plan.vsix"


def test_everything_the_manifest_names_is_there() -> None:
    with zipfile.ZipFile(VSIX) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("extension/package.json"))
    made = manifest["contributes"]
    paths = [manifest["main"], manifest["icon"], made["languages"][0]["configuration"]]
    paths += [each["path"] for part in ("grammars", "snippets") for each in made[part]]
    assert {f"extension/{path.removeprefix('./')}" for path in paths} <= names
    assert {"extension/license.txt", "extension/readme.md", "extension/dist/licenses.txt"} <= {n.lower() for n in names}
    assert not [name for name in names if "node_modules" in name or name.endswith((".ts", ".map"))]


def test_nothing_of_the_machine_is_in_it() -> None:
    home = str(EXTENSION.parents[1]).encode()
    with zipfile.ZipFile(VSIX) as archive:
        assert not [name for name in archive.namelist() if home in archive.read(name)]
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    urls = [each.get("resolved", "") for each in lock["packages"].values()]
    assert not [url for url in urls if url and not url.startswith("https://registry.npmjs.org/")]


def test_its_grammar_is_the_one_of_this_version() -> None:
    with zipfile.ZipFile(VSIX) as archive:
        packed = archive.read("extension/syntaxes/plan.tmLanguage.json")
    assert packed == (EXTENSION / "syntaxes" / "plan.tmLanguage.json").read_bytes()


def test_snippets_begin_with_words_of_the_language() -> None:
    snippets = json.loads((EXTENSION / "snippets" / "plan.json").read_text(encoding="utf-8"))
    assert {each["prefix"] for each in snippets.values()} <= {*KINDS, *RESERVED, "prompt"}
