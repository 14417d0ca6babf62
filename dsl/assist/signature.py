"""The parameters of what is being called at a cursor: a tool, plan or fragment, a constructor, a filter."""

from dataclasses import dataclass
from typing import Any, cast

from msrun.dsl.assist.complete import Look
from msrun.dsl.assist.cursor import Cursor, Text, cursor
from msrun.dsl.assist.frame import Frame, frame, is_token
from msrun.dsl.assist.hover import type_of
from msrun.dsl.assist.names import Names
from msrun.dsl.assist.tables import makers_in, makers_of, setting_of
from msrun.dsl.infer.where import path as dotted
from msrun.dsl.kinds.spec import Maker, SettingSpec, Takes
from msrun.dsl.tree import Argument
from msrun.dsl.values.filters import FILTERS


@dataclass(frozen=True, slots=True)
class Signature:
    """What a call looks like: its name, each parameter as one would write it, and which of them is being written."""

    name: str
    params: tuple[str, ...]
    active: int
    about: str = ""


def signature(name: str, text: str, offset: int, look: Look) -> Signature | None:
    """Return the signature of the innermost call that is open at an offset."""
    at = cursor(name, text, offset)
    if at is None or isinstance(at, Text):
        return None
    around = frame(at)
    found = _filter(at)
    if found is not None:
        return found
    if around.call is None:
        return None
    maker = _maker(around)
    if maker is not None:
        return _of_maker(maker, around)
    params = Names(look(at.source.text), at.span).params(around.call)
    if not params:
        return None
    names = [param.name for param in params]
    shown = tuple(f"{param.name}: {type_of(param.shape) or 'json'}" for param in params)
    return Signature(dotted(around.call), shown, _active(at, around, names))


def _filter(at: Cursor) -> Signature | None:
    """`value | join(`: the brackets of a filter, where they are the last that opened."""
    values: list[Any] = list(at.values)
    opened = [index for index, value in enumerate(values) if is_token(value, "(")]
    index = opened[-1] if opened else 0
    if index < 2 or not is_token(values[index - 1], "NAME") or not is_token(values[index - 2], "|"):
        return None
    entry = FILTERS.get(values[index - 1].text)
    if entry is None or not entry.params:
        return None
    after = values[index + 1] if index + 1 < len(values) else None
    given = cast("list[object]", after) if isinstance(after, list) else []
    shown = tuple(param.name if param.required else f"{param.name}?" for param in entry.params)
    return Signature(entry.name, shown, min(len(given), len(shown) - 1), entry.help)


def _active(at: Cursor, around: Frame, names: list[str]) -> int:
    """The parameter that is being written: the one named, else the next one without a name."""
    values = list(at.values)
    if len(values) > 1 and is_token(values[-1], ":") and is_token(values[-2], "NAME", "KEY"):
        return names.index(values[-2].text) if values[-2].text in names else 0
    given = [each for each in around.arguments if each.name is None]
    return min(len(given), max(len(names) - 1, 0))


def _maker(around: Frame) -> Maker | None:
    """The constructor that is called in a setting or after `=`."""
    owner, name = around.owner, dotted(around.call) if around.call is not None else ""
    outer = around.statements[-2] if len(around.statements) > 1 else None
    if around.key and owner is not None:
        spec = setting_of(owner, outer, around.key)
        table = makers_in(spec.takes) if spec is not None else []
    else:
        table = list(makers_of(around.header, owner)) if around.header is not None else []
    return next((maker for maker in table if maker.name == name), None)


def _of_maker(maker: Maker, around: Frame) -> Signature:
    placed = [" or ".join(each.words for each in takes) for takes in maker.args]
    named = [_named(spec) for spec in maker.named]
    given: tuple[Argument, ...] = around.arguments
    return Signature(maker.name, (*placed, *named), min(len(given), max(len(placed) + len(named) - 1, 0)), maker.help)


def _named(spec: SettingSpec) -> str:
    takes: tuple[Takes, ...] = spec.takes
    return f"{spec.name}{'' if spec.required else '?'}: {' or '.join(each.words for each in takes)}"
