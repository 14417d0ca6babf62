"""The parameters of a plan as options of the command line, and what was typed as the plan's inputs."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from msrun.dsl.plan import Input, Plan
from msrun.dsl.shapes import Scalar, spell
from msrun.errors import InputInvalid
from msrun.inputs import default_of, describe, read_text, types_of

PREFIX = "input "
"""Keeps the inputs apart from the options of `msrun run` in click's table; no option's own name has a blank."""


def options_of(plan: Plan, taken: set[str]) -> list[click.Option]:
    """Return an option for every input; one that would be called like an option of `run` is left to `--set`."""
    return [_option(wanted) for wanted in plan.inputs if not taken & set(_spellings(wanted))]


def read_inputs(plan: Plan, typed: Mapping[str, str], stdin: Callable[[], str | None]) -> dict[str, Any]:
    """Return the inputs' values. `-` reads standard input; so does the one required text that was not given.

    `stdin` gives what stands on standard input, None where a person sits there. Raises InputInvalid with all problems.
    """
    texts = dict(typed)
    _take_stdin(plan, texts, stdin)
    types = types_of(plan)
    values: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for wanted in plan.inputs:
        if wanted.name in texts:
            try:
                values[wanted.name] = read_text(texts[wanted.name], wanted.shape, types)
            except ValueError as error:
                problems.append((wanted.name, f"--{wanted.name}: {error}"))
        elif wanted.required:
            problems.append((wanted.name, f"--{wanted.name} is missing"))
    if problems:
        raise InputInvalid(problems, help=table(plan))
    return values


def table(plan: Plan) -> str:
    """Return what the plan takes, a line for each input."""
    if not plan.inputs:
        return describe(plan.inputs)
    rows = [(f"--{each.name}", spell(each.shape) + default_of(each), each.help) for each in plan.inputs]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = (f"\n      {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}".rstrip() for row in rows)
    return f"plan `{plan.name}` takes" + "".join("\n" + line.lstrip("\n") for line in lines)


def read_stdin() -> str | None:
    """Return standard input without its last line break; None on a terminal or where it is closed.

    Raises UnicodeDecodeError where it is not UTF-8.
    """
    if sys.stdin is None or sys.stdin.isatty():  # pyright: ignore[reportUnnecessaryComparison] - None where closed
        return None
    return sys.stdin.buffer.read().decode("utf-8").removesuffix("\n").removesuffix("\r")


def _option(wanted: Input) -> click.Option:
    shown = spell(wanted.shape) + default_of(wanted)
    text = f"{wanted.help}  [{shown}]" if wanted.help else f"[{shown}]"
    option = click.Option([*_spellings(wanted), "value"], metavar="VALUE", help=text)
    option.name = PREFIX + wanted.name
    return option


def _spellings(wanted: Input) -> list[str]:
    """`--max_items` may be typed `--max-items`."""
    return list(dict.fromkeys((f"--{wanted.name}", f"--{wanted.name.replace('_', '-')}")))


def _take_stdin(plan: Plan, texts: dict[str, str], stdin: Callable[[], str | None]) -> None:
    dashes = [name for name, text in texts.items() if text == "-"]
    if len(dashes) > 1:
        raise _no_stdin(dashes[1], "only one input can be read from standard input")
    missing = [each for each in plan.inputs if each.required and each.name not in texts]
    alone = len(missing) == 1 and isinstance(missing[0].shape, Scalar) and missing[0].shape.name == "text"
    if not dashes and not alone:
        return
    name = dashes[0] if dashes else missing[0].name
    try:
        text = stdin()
    except UnicodeDecodeError as error:
        raise _no_stdin(name, f"standard input is not UTF-8 (byte {error.start})") from None
    if text:
        texts[name] = text
    elif dashes:
        raise _no_stdin(name, "nothing stands on standard input")


def _no_stdin(name: str, why: str) -> InputInvalid:
    return InputInvalid([(name, f"--{name} -: {why}")], help=f"echo … | msrun FILE --{name} -")
