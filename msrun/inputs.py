"""The inputs of a plan: text from the command line or values from Python become what the plan's types ask for."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from msrun.dsl.check.near import nearest
from msrun.dsl.plan import Input, Plan
from msrun.dsl.shapes import EnumDef, Just, Maybe, Named, PiiOf, RefTo, Scalar, Shape, TypeDef, UnionOf, spell
from msrun.dsl.values.jsontext import JsonRefused, is_unicode, parse
from msrun.dsl.values.mismatch import mismatch
from msrun.dsl.values.models import validator
from msrun.errors import InputInvalid

Types = Mapping[str, TypeDef]


def check_inputs(plan: Plan, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given values as the plan's types ask for. InputInvalid names every missing, unknown or wrong one.

    An input that was not given keeps its default: it is not in the result.
    """
    known = {wanted.name: wanted for wanted in plan.inputs}
    problems = [(name, _unknown(name, known)) for name in given if name not in known]
    problems += [
        (wanted.name, f"input `{wanted.name}` is missing: {spell(wanted.shape)}")
        for wanted in plan.inputs
        if wanted.required and wanted.name not in given
    ]
    values: dict[str, Any] = {}
    for wanted in plan.inputs:
        if wanted.name not in given:
            continue
        try:
            values[wanted.name] = check_value(given[wanted.name], wanted.shape, types_of(plan))
        except ValueError as error:
            problems.append((wanted.name, f"input `{wanted.name}`: {error}"))
    if problems:
        raise InputInvalid(problems, help=describe(plan.inputs))
    return values


def types_of(plan: Plan) -> Types:
    """Return the plan's declared types by id."""
    return {declared.id: declared for declared in plan.types}


def describe(inputs: Sequence[Input]) -> str:
    """Return the inputs on one line: `question: text, depth: int = 3`."""
    if not inputs:
        return "the plan takes no inputs"
    return "the plan takes " + ", ".join(f"{each.name}: {spell(each.shape)}" + default_of(each) for each in inputs)


def default_of(wanted: Input) -> str:
    """Return ` = 3` where the input has a default, else nothing."""
    from msrun.backends.options import plain

    return "" if wanted.required else f" = {json.dumps(plain(wanted.default), ensure_ascii=False)}"


def read_text(text: str, shape: Shape, types: Types) -> Any:
    """Return the value a text of the command line stands for; ValueError says what was expected instead."""
    if not is_unicode(text):
        raise ValueError("it holds bytes that are not UTF-8")
    return check_value(_meant(text, shape, types), shape, types)


def check_value(value: Any, shape: Shape, types: Types) -> Any:
    """Return the value with the defaults of its type filled in; ValueError says what is wrong with it."""
    checked, problems = validator(shape, types)(value, "")
    if problems:
        raise ValueError("; ".join(problem.removeprefix(": ") for problem in problems))
    return checked


def _meant(text: str, shape: Shape, types: Types) -> Any:
    """Read the text as what the shape asks for; where it is nothing of the kind the text itself, to be refused."""
    match shape:
        case Maybe(item):
            return None if text == "null" and not _takes_text(item, types) else _meant(text, item, types)
        case PiiOf(item):
            return _meant(text, item, types)
        case UnionOf(options):
            readings = (_meant(text, option, types) for option in options)
            return next((each for each in readings if mismatch(each, shape, types) is None), text)
        case Scalar("int"):
            return _number(text, int)
        case Scalar("float"):
            return _number(text, float)
        case Scalar("bool"):
            return _WORDS.get(text.casefold(), text)
        case _ if _takes_text(shape, types):
            return text
        case _:
            return _json(text, shape)


_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def _takes_text(shape: Shape, types: Types) -> bool:
    match shape:
        case Scalar(name):
            return name not in {"int", "float", "bool", "json"}
        case Named(id_):
            return isinstance(types[id_], EnumDef)
        case Just() | RefTo():
            return True
        case Maybe(item) | PiiOf(item):
            return _takes_text(item, types)
        case _:
            return False


def _number(text: str, make: type[int] | type[float]) -> int | float | str:
    try:
        number = make(text.replace("−", "-"))  # U+2212, as pasted from a page
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _json(text: str, shape: Shape) -> Any:
    try:
        return parse(text)
    except JsonRefused as error:
        raise ValueError(f"expected {spell(shape)} as JSON: {error}") from None


def _unknown(name: str, known: Mapping[str, Input]) -> str:
    near = nearest(name, known)
    return f"there is no input `{name}`" + (f"; did you mean `{near}`?" if near else "")
