"""Tools: Python functions that a plan may call, once the operator allowed them by name.

Arguments are checked against the types that the tool declares, and results become plain JSON. The function itself is
trusted code: it runs in this process, with all that this process may do.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from msrun.backends.port import BackendFault
from msrun.dsl.plan import ToolSpec
from msrun.dsl.shapes import TypeDef
from msrun.dsl.values.plain import MAX_ITEMS, EvaluationError, plain
from msrun.dsl.values.schema import ShapeError, compile_check

if TYPE_CHECKING:
    import anyio

THREADS = 16
"""Calls of one tool's synchronous function at the same time."""


class Tool(Protocol):
    """One callable tool."""

    @property
    def name(self) -> str:
        """Its name in the plan."""
        ...

    def call(self, args: Mapping[str, Any], emit_item: Callable[[Any], None] | None = None) -> Awaitable[Any]:
        """Call it and return plain JSON; a generator's items are also handed to `emit_item` as they come.

        Raises BackendFault: `tool` where the function failed, `request` where the arguments do not fit.
        """
        ...


def open_tool(spec: ToolSpec, *, allow: Sequence[str], root: Path, types: Sequence[TypeDef] = ()) -> Tool:
    """Open a tool. `allow` holds patterns such as `tool:web` and `tool:*`; `root` is the plan's folder.

    `types` are the plan's; a parameter of a type that is not among them is a KeyError. Raises BackendFault: `refused`
    where nobody allowed the tool, `missing` where its function is not there, `request` where it does not fit.
    """
    if not any(fnmatchcase(f"tool:{spec.name}", pattern) for pattern in allow):
        raise BackendFault(
            "refused",
            f"tool `{spec.name}` runs {spec.provider} {' '.join(map(str, spec.target))}, which nobody allowed",
            help=f"--allow tool:{spec.name}",
        )
    if spec.provider != "python":
        raise BackendFault(
            "missing",
            f"tool `{spec.name}`: {spec.provider} tools come with a later version of msrun",
            help=f'write a function and declare it: tool {spec.name}(…) -> … = python("module:function")',
        )
    return PythonTool(spec, _loaded(spec, root), {each.id: each for each in types})


def _loaded(spec: ToolSpec, root: Path) -> Callable[..., Any]:
    from inspect import signature

    from msrun.runtime.tool_source import load_function

    target = str(spec.target[0]) if len(spec.target) == 1 else ""
    function = load_function(spec.name, target, root)
    try:
        signature(function).bind(**{param.name: None for param in spec.params})
    except TypeError as error:
        declared = ", ".join(param.name for param in spec.params) or "nothing"
        message = f"tool `{spec.name}` declares {declared}, but {target} does not take that: {error}"
        raise BackendFault("request", message) from None
    except ValueError:
        pass  # a built-in function that tells no signature; the call will show
    return function


class PythonTool:
    """A Python function: synchronous ones run in a thread, async ones here, generators hand on their items."""

    def __init__(self, spec: ToolSpec, function: Callable[..., Any], types: Mapping[str, TypeDef]) -> None:
        from msrun.backends.options import plain as plain_value

        self.name = spec.name
        self._function = function
        self._checks = {param.name: compile_check(param.shape, types, root=param.name) for param in spec.params}
        self._defaults = {param.name: plain_value(param.default) for param in spec.params if not param.required}
        self._threads: anyio.CapacityLimiter | None = None

    async def call(self, args: Mapping[str, Any], emit_item: Callable[[Any], None] | None = None) -> Any:
        """See Tool."""
        from inspect import isasyncgenfunction, iscoroutinefunction

        checked = self._checked(args)
        take = emit_item or _ignore
        try:
            if isasyncgenfunction(self._function):
                return await self._gather(self._function(**checked), take)
            if iscoroutinefunction(self._function):
                return self._plain(await self._function(**checked))
            return await self._in_thread(checked, take)
        except BackendFault:
            raise
        except (Exception, SystemExit) as error:
            message = f"tool `{self.name}` failed with {type(error).__name__}: {error}"
            raise BackendFault("tool", message) from error

    def _checked(self, args: Mapping[str, Any]) -> dict[str, Any]:
        given = {**self._defaults, **args}
        unknown = given.keys() - self._checks.keys()
        problems = [f"{name}: no such parameter" for name in sorted(unknown)]
        problems += [f"{name}: is missing" for name in self._checks if name not in given]
        checked: dict[str, Any] = {}
        for name, value in given.items():
            try:
                checked[name] = None if name in unknown or _left_out(name, args, value) else self._checks[name](value)
            except ShapeError as error:
                problems += error.problems
        if problems:
            raise BackendFault("request", f"tool `{self.name}` cannot be called so: {'; '.join(problems)}")
        return checked

    async def _gather(self, items: AsyncIterator[Any], take: Callable[[Any], None]) -> list[Any]:
        gathered: list[Any] = []
        async with aclosing(cast("Any", items)) as closing:
            async for item in closing:
                self._take(item, gathered, take)
        return gathered

    async def _in_thread(self, args: Mapping[str, Any], take: Callable[[Any], None]) -> Any:
        from anyio import CapacityLimiter, to_thread

        if self._threads is None:
            self._threads = CapacityLimiter(THREADS)
        # a function cannot be stopped from outside: a cancelled call leaves its thread to end by itself
        run = partial(self._run, args, take)
        return await to_thread.run_sync(run, limiter=self._threads, abandon_on_cancel=True)

    def _run(self, args: Mapping[str, Any], take: Callable[[Any], None]) -> Any:
        from inspect import isgenerator

        from anyio import from_thread

        result = self._function(**args)
        if not isgenerator(result):
            return self._plain(result)
        gathered: list[Any] = []
        for item in result:
            from_thread.check_cancelled()
            from_thread.run_sync(self._take, item, gathered, take)
        return gathered

    def _take(self, item: Any, gathered: list[Any], take: Callable[[Any], None]) -> None:
        if len(gathered) >= MAX_ITEMS:
            raise ValueError(f"it gave more than {MAX_ITEMS} items")
        value = self._plain(item)
        gathered.append(value)
        take(value)

    def _plain(self, value: Any) -> Any:
        try:
            return plain(value)
        except EvaluationError:
            return plain(_dumped(value))


def _dumped(value: Any) -> Any:
    """Write pydantic models, dataclasses, enums, dates and paths as JSON values."""
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        return to_jsonable_python(value)
    except PydanticSerializationError as error:
        raise TypeError(f"its result is no JSON value ({error})") from error


def _left_out(name: str, args: Mapping[str, Any], default: Any) -> bool:
    return name not in args and default is None


def _ignore(_: Any) -> None:
    pass
