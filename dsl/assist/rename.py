"""Another name for a declaration, everywhere it is read: the edits, or why they would change what the files say."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from msrun.dsl.assist.index import Declared, Index, Mention, Target
from msrun.dsl.infer.types import GENERICS, SCALARS
from msrun.dsl.source import Span
from msrun.dsl.syntax.tokens import RESERVED
from msrun.dsl.tree import EnumLabel, Field

_NAME = re.compile(r"[^\W\d]\w*\Z")


class Refusal(NamedTuple):
    """Why a name cannot be changed, in one sentence."""

    why: str


def renamable(index: Index, offset: int) -> Mention | Refusal:
    """Return the name at an offset that can be changed."""
    mention = index.at(offset)
    if mention is None:
        return Refusal("there is no name here")
    declared = index.declared.get(mention.target)
    if declared is None or _written(declared, mention.target) != _at(index, mention.span):
        return Refusal("this name is given by the language")
    return mention


def check_name(index: Index, target: Target, new: str) -> Refusal | None:
    """Return why a word cannot be the new name of a declaration, None where it can as far as it alone tells."""
    declared = index.declared[target]
    if _NAME.match(new) is None:
        return Refusal(f"`{new}` is no name: a letter first, then letters, digits and `_`")
    if new in RESERVED and not isinstance(declared.node, EnumLabel | Field):
        return Refusal(f"`{new}` is a reserved word")
    if new in SCALARS or new in GENERICS:
        return Refusal(f"`{new}` is a type of the language")
    return None


def apply(text: str, spans: Iterable[Span], new: str) -> str:
    """Return a text with a new name at these places."""
    for span in sorted(spans, reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text


def _written(declared: Declared, target: Target) -> str:
    return declared.studied.program.source.text[slice(*target.span)]


def _at(index: Index, span: Span) -> str:
    return index.study.main.program.source.text[slice(*span)]
