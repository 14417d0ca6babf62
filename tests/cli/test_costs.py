"""Costs on the command line: of a file, in a picture, with prices of one's own; and a budget that ends a run."""

import json

from tests.cli.conftest import Shell

PLAN = """
model m = openai("mine") { max_tokens: 10 }

plan ask(question: text[..100]) -> text {
  solve answer from question
  return answer
}
"""
PRICES = '{"models": [{"backend": "openai", "id": "mine", "price_in": 1, "price_out": 1000000}]}'


def test_the_table_and_prices_of_ones_own(msrun: Shell) -> None:
    (msrun.folder / "x.plan").write_text(PLAN, encoding="utf-8")
    unknown = msrun("check", "--cost", "x.plan")
    assert unknown.returncode == 0
    assert "no price is known for `m`" in unknown.stdout
    (msrun.folder / "prices.json").write_text(PRICES, encoding="utf-8")
    known = msrun("check", "--cost", "x.plan", "--prices", "prices.json")
    assert "$1.00 – $10.00" in known.stdout
    (msrun.folder / "msrun.toml").write_text('prices = "prices.json"', encoding="utf-8")
    assert "$1.00 – $10.00" in msrun("check", "--cost", "x.plan").stdout
    assert "$1.00 – $10.00" in msrun("graph", "--cost", "x.plan").stdout


def test_costs_for_a_program(msrun: Shell) -> None:
    (msrun.folder / "x.plan").write_text(PLAN, encoding="utf-8")
    told = json.loads(msrun("check", "--cost", "--json", "x.plan").stdout)
    assert told["findings"] == []
    (cost,) = told["costs"]
    assert cost["file"] == "x.plan"
    assert cost["total"]["calls"] == {"least": 1, "usual": 1, "most": 6}
    assert cost["total"]["usd"] is None
    assert cost["unpriced"] == ["m"]


def test_prices_as_toml_and_files_that_are_none(msrun: Shell) -> None:
    (msrun.folder / "x.plan").write_text(PLAN, encoding="utf-8")
    (msrun.folder / "p.toml").write_text(
        '[[models]]\nbackend = "openai"\nid = "mine"\nprice_in = 1\nprice_out = 1000000\n', encoding="utf-8"
    )
    assert "$10.00" in msrun("check", "--cost", "x.plan", "--prices", "p.toml").stdout
    (msrun.folder / "bad.json").write_text("{}", encoding="utf-8")
    for name in ("bad.json", "absent.json"):
        done = msrun("check", "--cost", "x.plan", "--prices", name)
        assert done.returncode == 2
        assert name in done.stderr


def test_a_budget_that_is_used_up_has_an_exit_code_of_its_own(msrun: Shell) -> None:
    (msrun.folder / "b.plan").write_text(
        'model m = scripted("a", "b")\nlimits run { calls: 1 }\n\nplan ask(question: text) -> text {\n'
        "  solve first from question\n  solve second from first\n  return second\n}\n",
        encoding="utf-8",
    )
    done = msrun("b.plan", "--question", "x", "--no-journal")
    assert done.returncode == 4
    assert "node `second` failed: the run has made the 1 call it may make (`limits run`)" in done.stderr
    assert "help: raise it in `limits run`" in done.stderr
