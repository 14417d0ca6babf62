"""Verdicts as JUnit XML: read back by a parser, whatever the texts hold."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.source import Span
from msrun.junit import junit
from msrun.testing import Failure, Verdict


def test_every_test_is_a_case_with_its_time_and_place() -> None:
    failed = Verdict(name="b", failures=(Failure(message="no", span=Span(2, 3), notes=("x was 1",), help="do"),))
    passed = Verdict(name="a", seconds=0.25)
    root = ElementTree.fromstring(junit([("x.plan", "a\nb\n", [passed, failed]), ("none.plan", "", [])]))
    assert [suite.attrib for suite in root] == [
        {"name": "x.plan", "tests": "2", "failures": "1", "errors": "0", "time": "0.250000"}
    ]
    first, second = root.iter("testcase")
    assert first.attrib == {"classname": "x.plan", "name": "a", "time": "0.250000"}
    failure = second.find("failure")
    assert failure is not None
    assert (failure.get("message"), failure.text) == ("no", "x.plan:2:1\nx was 1\nhelp: do")


@given(st.text(st.characters()))
def test_any_text_gives_xml_that_parses(text: str) -> None:
    verdict = Verdict(name=text, failures=(Failure(message=text, notes=(text,), help=text),))
    root = ElementTree.fromstring(junit([(text, text, [verdict])]))
    assert len(list(root.iter("failure"))) == 1
