"""Prompt texts become functions: compiled once, rendered in one pass, no value ever read as template again.

What a hole prints: a text as it is, with its line breaks and no added indentation; a whole number and a number as JSON
writes them (`3`, `0.5`); true and false; a list or a record as compact JSON; a cell and a list of cells as their
values. Null is an error that names the cure, `| default("…")`.
"""

from collections.abc import Callable, Mapping

from msrun.dsl.plan import FragmentSpec
from msrun.dsl.tree import Text
from msrun.dsl.values.closures import NO_ITEM, Env
from msrun.dsl.values.evaluate import Builder


def compile_text(text: Text, fragments: Mapping[str, FragmentSpec]) -> Callable[[Env], str]:
    """Compile a text with holes; the function raises EvaluationError(message, span) where a hole has no value."""
    plain = text.plain
    if plain is not None:
        return lambda _env: plain
    builder = Builder(fragments)
    render = builder.metered(builder.text(text))
    return lambda env: render(env, NO_ITEM)
