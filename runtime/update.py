"""An `update` node: computes the next value of a slot and checks it against the slot's type."""

from collections.abc import Mapping
from typing import Any

from msrun.dsl.plan import FragmentSpec, Update
from msrun.dsl.shapes import Shape, TypeDef
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.models import validator
from msrun.dsl.values.plain import plain
from msrun.runtime.outcome import NodeFault
from msrun.runtime.progress import Progress
from msrun.runtime.recipe import Inline


def updater(
    action: Update, shape: Shape, types: Mapping[str, TypeDef], fragments: Mapping[str, FragmentSpec]
) -> Inline:
    """Compile an update; a value that does not fit the slot is a NodeFault of the node."""
    read, check = compile_expr(action.value, fragments), validator(shape, types)

    def compute(_progress: Progress, names: Mapping[str, Any]) -> Any:
        value, problems = check(plain(read(names)), "")
        if problems:
            told = "; ".join(problem.removeprefix(": ") for problem in problems)
            raise NodeFault("evaluate", f"the slot `{action.slot}` cannot take this: {told}")
        return value

    return compute
