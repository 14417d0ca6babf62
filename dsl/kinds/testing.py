"""The tables of `test` and of what stands between its braces."""

from collections.abc import Mapping

from msrun.dsl.kinds.spec import KindSpec

TEST = KindSpec(
    name="test",
    holds=True,
    family="declaration",
    at="file",
    help="runs plans with replies written down, without any model",
    example='test it { mock small = replies("Paris")  run out from ask(question: "…")  expect out == "Paris" }',
)

MOCK = KindSpec(
    name="mock",
    family="declaration",
    at="test",
    help="what a model replies in a test, in the order of its calls",
    parts=frozenset({"value"}),
    needs=("value",),
    example='mock small = replies("Paris")',
)

RUN = KindSpec(
    name="run",
    family="declaration",
    at="test",
    help="runs a plan in a test",
    clauses=frozenset({"from"}),
    needs=("from",),
    example='run out from ask(question: "…")',
)

IN_TESTS: Mapping[str, KindSpec] = {"mock": MOCK, "run": RUN}
"""What stands in a test, besides `expect`."""
