"""The inputs of a plan: text from the command line or values from Python become what the plan's types ask for."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from msrun.dsl.plan import Input, Plan
from msrun.dsl.shapes import EnumDef, Maybe, Named, Range, Scalar, Shape, TypeDef, UnionOf, spell
from msrun.errors import InputInvalid
from msrun.suggest import nearest

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
    match shape:
        case Maybe(item):
            return None if text == "null" and not _takes_text(item, types) else read_text(text, item, types)
        case UnionOf(options):
            return _first(text, options, types)
        case Scalar("int"):
            value: Any = _number(text, int, "a whole number")
        case Scalar("float"):
            value = _number(text, float, "a number")
        case Scalar("bool"):
            value = _truth(text)
        case _ if _takes_text(shape, types):
            value = text
        case _:
            value = _json(text, shape)
    return check_value(value, shape, types)


def check_value(value: Any, shape: Shape, types: Types) -> Any:
    """Return the value as the shape asks for; ValueError says what is wrong with it."""
    match shape:
        case Maybe(item):
            return None if value is None else check_value(value, item, types)
        case Scalar("int", bounds):
            return _within(_typed(value, int, "a whole number"), bounds)
        case Scalar("float", bounds):
            number = float(_typed(value, (int, float), "a number"))
            if not math.isfinite(number):
                raise ValueError("expected a finite number")
            return _within(number, bounds)
        case Scalar("bool"):
            return _typed(value, bool, "true or false")
        case Scalar("text" | "key", bounds):
            text: str = _typed(value, str, "a text")
            _within(len(text), bounds, "characters")
            return text
        case Named(id_) if isinstance(declared := types.get(id_), EnumDef):
            return _label(value, declared)
        case _:
            return _structured(value, shape, types)


def _takes_text(shape: Shape, types: Types) -> bool:
    match shape:
        case Scalar(name):
            return name not in {"int", "float", "bool", "json"}
        case Named(id_):
            return isinstance(types.get(id_), EnumDef)
        case Maybe(item):
            return _takes_text(item, types)
        case _:
            return False


def _first(text: str, options: Sequence[Shape], types: Types) -> Any:
    for option in options:
        try:
            return read_text(text, option, types)
        except ValueError:
            continue
    raise ValueError(f"expected {spell(UnionOf(tuple(options)))}, found {_shown(text)}")


def _number(text: str, make: type[int] | type[float], expected: str) -> int | float:
    try:
        return make(text.replace("−", "-"))  # U+2212, as pasted from a text
    except ValueError:
        raise ValueError(f"expected {expected}, found {_shown(text)}") from None


def _truth(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.casefold() not in words:
        raise ValueError(f"expected true or false, found {_shown(text)}")
    return words[text.casefold()]


def _json(text: str, shape: Shape) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"{error}" if isinstance(error, json.JSONDecodeError) else "too deep"
        raise ValueError(f"expected {spell(shape)} as JSON, found {_shown(text)} ({reason})") from None


def _typed(value: Any, kind: type | tuple[type, ...], expected: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"expected {expected}, found {_shown(value)}")
    return value


def _within(number: Any, bounds: Range | None, what: str = "") -> Any:
    if bounds is None:
        return number
    noun = f" {what}" if what else ""
    if bounds.low is not None and number < bounds.low:
        raise ValueError(f"expected at least {bounds.low:g}{noun}, found {number}")
    if bounds.high is not None and number > bounds.high:
        raise ValueError(f"expected at most {bounds.high:g}{noun}, found {number}")
    return number


def _label(value: Any, declared: EnumDef) -> str:
    labels = [label for label, _ in declared.labels]
    if value in labels:
        return str(value)
    near = nearest(value, labels) if isinstance(value, str) else None
    hint = f"; did you mean `{near}`?" if near else ""
    raise ValueError(f"expected one of {', '.join(labels)}, found {_shown(value)}{hint}")


def _structured(value: Any, shape: Shape, types: Types) -> Any:
    from msrun.dsl.schema import check

    return check(value, shape, types)


def _unknown(name: str, known: Mapping[str, Input]) -> str:
    near = nearest(name, known)
    return f"there is no input `{name}`" + (f"; did you mean `{near}`?" if near else "")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
