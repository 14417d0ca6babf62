"""Verdicts as JUnit XML, which build servers read: a suite for each file, a case for each test."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from msrun.dsl.source import Source
from msrun.testing import Verdict

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def junit(files: Sequence[tuple[str, str, Sequence[Verdict]]]) -> bytes:
    """Return the document for files, each with its text and its verdicts. Times are in seconds."""
    verdicts = [verdict for _, _, found in files for verdict in found]
    root = Xml.Element("testsuites", _totals("msrun", verdicts))
    for file, text, found in files:
        if not found:
            continue
        suite = Xml.SubElement(root, "testsuite", _totals(file, found))
        for verdict in found:
            _case(suite, Source(file, text), verdict)
    Xml.indent(root)
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _totals(name: str, verdicts: Sequence[Verdict]) -> dict[str, str]:
    return {
        "name": _clean(name),
        "tests": str(len(verdicts)),
        "failures": str(sum(not verdict.passed for verdict in verdicts)),
        "errors": "0",
        "time": f"{sum(verdict.seconds for verdict in verdicts):.6f}",
    }


def _case(suite: Xml.Element, source: Source, verdict: Verdict) -> None:
    name, time = _clean(verdict.name), f"{verdict.seconds:.6f}"
    case = Xml.SubElement(suite, "testcase", {"classname": _clean(source.name), "name": name, "time": time})
    for failure in verdict.failures:
        line, column = source.position(failure.span.start)
        said = Xml.SubElement(case, "failure", {"message": _clean(failure.message)})
        help_ = (f"help: {failure.help}",) if failure.help else ()
        said.text = _clean("\n".join((f"{source.name}:{line}:{column}", *failure.notes, *help_)))


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
