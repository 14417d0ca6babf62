"""Neovim's own client against `msrun lsp`: findings, hover, completion, symbols, and a renaming that it applies."""

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("neovim.lua")
PLAN = """\
model small = scripted("x")
plan ask(问题: text) -> text {
  solve answer from 问题 { prompt: "🙂 {{ 问 }}" }
  return answer
}
"""


def test_neovim_and_the_server_understand_each_other(tmp_path: Path) -> None:
    (tmp_path / "x.plan").write_text(PLAN, encoding="utf-8")
    command = json.dumps([sys.executable, "-m", "msrun", "lsp"])
    done = subprocess.run(
        ["nvim", "--headless", "--clean", "-n", "-S", str(SCRIPT)],
        env={**os.environ, "PLANS": str(tmp_path), "MSRUN": command},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert "E0101" in told["codes"]
    assert "answer: text" in told["hover"]["contents"]["value"]
    assert "问题" in [item["label"] for item in told["completion"]["items"]]
    assert [each["name"] for each in told["symbols"]] == ["small", "ask"]
    assert "\n".join(told["renamed"]) == PLAN.replace("{{ 问 }}", "{{ 问题 }}").replace("问题", "frage").rstrip("\n")
