"""Findings as a log for code hosts and editors: SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format)."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msrun.dsl import words
from msrun.dsl.diagnostic import Diagnostic, Edit, Place
from msrun.dsl.pages.page import Page

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def to_sarif(
    found: Sequence[Diagnostic], pages: Mapping[str, Page], *, version: str, lang: words.Language = "en"
) -> dict[str, Any]:
    """Return one log with one run. `pages` give the rules their help, `version` is msrun's own."""
    codes = sorted({each.code for each in found})
    rules = [_rule(code, pages[code]) for code in codes]
    driver = {"name": "msrun", "semanticVersion": version, "rules": rules}
    results = [_result(each, codes.index(each.code), lang) for each in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, page: Page) -> dict[str, Any]:
    return {
        "id": code,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.why},
        "help": {"text": f"{page.why}\n\n{page.cure}\n\n{page.good}"},
        "defaultConfiguration": {"level": "error" if code.startswith("E") else "warning"},
    }


def _result(found: Diagnostic, rule: int, lang: words.Language) -> dict[str, Any]:
    advice = words.advice(found, lang)
    places = list(zip(found.places, words.labels(found, lang), strict=True))
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": found.severity,
        "message": {"text": words.message(found, lang) + (f"\n{advice}" if advice else "")},
        "locations": [_location(*places[0])],
    }
    if places[1:]:
        result["relatedLocations"] = [{"id": n, **_location(*each)} for n, each in enumerate(places[1:], 1)]
    if found.fix:
        result["fixes"] = [{"description": {"text": advice or words.message(found, lang)}, **_changes(found.fix)}]
    return result


def _location(place: Place, label: str) -> dict[str, Any]:
    physical = {"artifactLocation": _artifact(place.source.name), "region": _region(place)}
    return {"physicalLocation": physical, **({"message": {"text": label}} if label else {})}


def _changes(edits: Iterable[Edit]) -> dict[str, Any]:
    by_file: dict[str, list[dict[str, Any]]] = {}
    for edit in edits:
        replacement = {"deletedRegion": _region(edit), "insertedContent": {"text": edit.text}}
        by_file.setdefault(edit.source.name, []).append(replacement)
    return {
        "artifactChanges": [
            {"artifactLocation": _artifact(name), "replacements": replacements}
            for name, replacements in by_file.items()
        ]
    }


def _artifact(name: str) -> dict[str, str]:
    """A relative path stays relative to where msrun was called; an absolute one is a file URI."""
    return {"uri": Path(name).as_uri() if Path(name).is_absolute() else quote(Path(name).as_posix())}


def _region(place: Place | Edit) -> dict[str, int]:
    source, (start, end) = place.source, place.span
    line, column = source.position(start)
    last, until = source.position(end)
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": last,
        "endColumn": until,
        "charOffset": start,
        "charLength": end - start,
    }
