"""The TextMate grammar, run by VS Code's own engine, sees what the language's lexer sees. Needs `npm ci` there."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from msrun.dsl.assist.textmate import SCOPES
from tests.dsl.test_assist_paint import TEXTS, colours

EXTENSION = Path(__file__).resolve().parents[1] / "vscode"
CLASSES = {scope: colour for colour, scope in SCOPES.items()} | {"constant.character.escape.plan": "text"}


@pytest.fixture(scope="module")
def scopes() -> dict[str, Any]:
    command = ["node", str(EXTENSION / "test" / "colours.mjs")]
    done = subprocess.run(
        command, input=json.dumps(TEXTS), capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("name", TEXTS)
def test_textmate_sees_what_the_language_sees(scopes: dict[str, Any], name: str) -> None:
    text = TEXTS[name]
    mine = colours(text)
    theirs: list[str] = []
    units = 0
    for char in text:
        inner = next((CLASSES[each] for each in reversed(scopes[name][units]) if each in CLASSES), "")
        theirs.append("" if char.isspace() else inner)
        units += 2 if ord(char) > 0xFFFF else 1
    differing = [at for at, pair in enumerate(zip(mine, theirs, strict=True)) if pair[0] != pair[1]]
    assert not [(text[at - 9 : at + 9], mine[at], theirs[at]) for at in differing[:3]]
