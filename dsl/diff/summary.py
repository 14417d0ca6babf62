"""A part of a plan becomes the few words that stand for it where it was added, removed or replaced as a whole."""

from dataclasses import is_dataclass
from typing import Any

from msrun.dsl.diff.spell import is_spelled, spell_expr, spell_text, spelled
from msrun.dsl.plan import Branch, Check, FragmentSpec, Given, Input, ModelSpec, Node, Over, Plan, ToolSpec
from msrun.dsl.shapes import EnumDef, RecordDef, RecordField, spell
from msrun.dsl.testcase import Expect, RunStep, TestCase
from msrun.dsl.values.plain import is_tuple


def summary(value: Any) -> str:
    """Return a part of a plan in one line, as near to the language as it goes."""
    match value:
        case Node(kind=kind, shape=shape):
            return f"{kind}: {spell(shape)}"
        case Plan(inputs=inputs, result=result):
            return f"({_params(inputs)}) -> {spell(result)}"
        case ToolSpec(params=params, result=result):
            return f"({_params(params)}) -> {spell(result)}"
        case FragmentSpec(params=params, text=text):
            return f"({_params(params)}) = {spell_text(text)}"
        case Input(shape=shape) | RecordField(shape=shape):
            return spell(shape)
        case ModelSpec(backend=backend, args=args):
            return f"{backend}({', '.join(map(spelled, args))})"
        case RecordDef(fields=fields):
            return f"{{ {_params(fields)} }}"
        case EnumDef(labels=labels):
            return f"{{ {', '.join(name for name, _ in labels)} }}"
        case Over(binder, source):
            return f"{binder} in {spell_expr(source)}"
        case Given(name, needs):
            return (spell_expr(needs) if needs is not None else "earlier") + (f" as {name}" if name else "")
        case Check(expr=expr) | Expect(expr=expr):
            return spell_expr(expr)
        case RunStep(plan=plan, args=args):
            return f"{plan}({', '.join(f'{name}: {spell_expr(each)}' for name, each in args)})"
        case Branch(tests=tests):
            return ", ".join(map(spell_expr, tests))
        case TestCase(expects=expects):
            return f"{len(expects)} expectation{'s' * (len(expects) != 1)}"
        case _ if is_tuple(value):
            return f"[{', '.join(map(summary, value))}]"
        case _:
            return _other(value)


def _params(params: tuple[Input | RecordField, ...]) -> str:
    return ", ".join(f"{each.name}: {spell(each.shape)}" for each in params)


def _other(value: Any) -> str:
    if is_dataclass(value) and not is_spelled(value):  # a part that has no text of its own, such as an action
        return str(getattr(value, "kind", type(value).__name__.lower()))
    return spelled(value)
