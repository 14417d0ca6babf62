"""Findings for machines: what each format must have, escaped as its reader unescapes it."""

import json
from pathlib import Path
from typing import Any

import pytest

from msrun.dsl import pages
from msrun.dsl.diagnostic import Edit, Place, report
from msrun.dsl.front import check_text
from msrun.dsl.report.github import to_command
from msrun.dsl.report.objects import to_object
from msrun.dsl.report.sarif import to_sarif
from msrun.dsl.source import Source, Span
from tests.golden_files import check_golden
from tests.plan_facts import FactsOfTests

GOLDEN = Path(__file__).parents[1] / "golden"
BAD = sorted([*(GOLDEN / "bad").glob("*.plan"), *(GOLDEN / "bad" / "syntax").glob("*.plan")])
TEXT = (
    'model small = ollama("qwen3:8b")\n\nplan 问(question: text) -> text {\n'
    "  solve 意图 from question { retry： 2 }\n  solve 意图 from question\n  return answr\n}\n"
)


def sarif_of(name: str, text: str) -> dict[str, Any]:
    facts = FactsOfTests(GOLDEN / "bad")
    return to_sarif(check_text(name, text, facts=facts).diagnostics, pages.pages(), version="1.2.3")


def test_the_formats_of_one_file() -> None:
    found = check_text("plans/问 1.plan", TEXT).diagnostics
    assert {"E0016", "E0102", "E0101"} == {each.code for each in found}
    objects = json.dumps([to_object(each) for each in found], ensure_ascii=False, indent=1)
    check_golden(GOLDEN / "report" / "objects.json", objects)
    sarif = to_sarif(found, pages.pages(), version="1.2.3")
    check_golden(GOLDEN / "report" / "log.sarif", json.dumps(sarif, ensure_ascii=False, indent=1))
    check_golden(GOLDEN / "report" / "github.txt", "\n".join(map(to_command, found)))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_log_has_what_its_schema_requires(path: Path) -> None:
    log = sarif_of(path.name, path.read_text(encoding="utf-8"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) > 0
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"]
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            check_region(location["physicalLocation"]["region"])
        for fix in result.get("fixes", ()):
            for change in fix["artifactChanges"]:
                assert change["replacements"]
                assert change["artifactLocation"] == result["locations"][0]["physicalLocation"]["artifactLocation"]


def check_region(region: dict[str, int]) -> None:
    """SARIF 3.30: 1-based lines and columns, the end not before the start, offsets from 0."""
    assert min(region["startLine"], region["startColumn"], region["endColumn"]) >= 1
    assert (region["endLine"], region["endColumn"]) >= (region["startLine"], region["startColumn"])
    assert region["charOffset"] >= 0
    assert region["charLength"] >= 0


def test_paths_are_uris() -> None:
    locations = [
        sarif_of(name, "return\n")["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"][
            "uri"
        ]
        for name in ("a b/ü#1.plan", "/root dir/x.plan")
    ]
    assert locations == ["a%20b/%C3%BC%231.plan", "file:///root%20dir/x.plan"]


def test_a_clean_file_is_an_empty_log() -> None:
    (run,) = to_sarif((), pages.pages(), version="1")["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def test_offsets_and_columns_count_code_points() -> None:
    source = Source("x", "𝒳𝒴 = ü\nnext")
    finding = report("E0004", Place(source, Span(5, 6)), word="ü")
    place = to_object(finding)["places"][0]
    assert place["offsets"] == {"start": 5, "end": 6}
    assert (place["start"], place["end"]) == ({"line": 1, "column": 6}, {"line": 1, "column": 7})


def test_edits_of_one_fix_stay_together() -> None:
    source = Source("x", "'a'")
    edits = [Edit(source, Span(0, 1), '"'), Edit(source, Span(2, 3), '"')]
    (fix,) = to_object(report("E0016/quote", Place(source, Span(0, 1)), fix=edits, char="'"))["fixes"]
    assert [(edit["offsets"]["start"], edit["text"]) for edit in fix["edits"]] == [(0, '"'), (2, '"')]


def test_signs_that_end_a_command_are_escaped() -> None:
    source = Source("a,b:c%.plan", "x\n")
    command = to_command(report("E0004", Place(source, Span(0, 1)), word="50%\r\n::error::"))
    assert command.startswith("::error file=a%2Cb%3Ac%25.plan,line=1,col=1,endColumn=1,title=E0004::")
    assert "\n" not in command
    assert "\r" not in command
    assert "`50%25%0D%0A::error::`" in command


def test_a_place_over_lines_has_no_end_column() -> None:
    source = Source("x", "a\nb\n")
    assert to_command(report("E0011", Place(source, Span(0, 3)))).startswith(
        "::error file=x,line=1,col=1,endLine=2,title"
    )


def test_warnings_are_warnings() -> None:
    text = "plan p(unread: text) -> text {\n  let r = question\n  return r\n}\n".replace("question", '"a"')
    (finding,) = check_text("x", text).diagnostics
    assert to_command(finding).startswith("::warning ")
    assert sarif_of("x", text)["runs"][0]["results"][0]["level"] == "warning"


def test_a_finding_with_fewer_places_than_words_has_a_label_for_each_place() -> None:
    """`{what}` that is predefined stands nowhere in the file, so its place is left out."""
    source = Source("x", "a")
    finding = report("E0202/name", Place(source, Span(0, 1)), slot="s", wanted="w", name="n", what="an input")
    assert [place["label"] for place in to_object(finding)["places"]] == ["an input"]
