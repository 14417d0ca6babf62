"""Finds the Python function of a tool: `module:function` beside the plan, or in an installed package.

Modules beside a plan are imported for that folder only: two plans may each have a `helpers.py`, and neither gets into
`sys.path` or stays in `sys.modules`. A folder's modules are imported once per process and shared by its tools.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any

from msrun.backends.port import BackendFault

_beside_plans: dict[Path, dict[str, ModuleType]] = {}
"""What Python keeps in sys.modules, for each folder of a plan."""


def load_function(tool: str, target: str, root: Path) -> Callable[..., Any]:
    """Return the function that `python("module:function")` names. BackendFault `missing` or `request` where it cannot.

    Python's own modules are refused: a tool is a function that somebody wrote as a tool, and `os:system` is none.
    """
    name, _, function = target.partition(":")
    parts = (*name.split("."), function)
    if not all(part.isidentifier() and not part.startswith("_") for part in parts):
        raise BackendFault(
            "request", f'tool `{tool}` names {target!r}, which is no "module:function"', help='python("helpers:count")'
        )
    if parts[0] in sys.stdlib_module_names:
        raise BackendFault(
            "request",
            f"tool `{tool}` names {target}, a part of Python itself",
            help="write a function of your own that does only what the plan needs",
        )
    found: object = getattr(_import(tool, name, root.resolve()), function, None)
    if not callable(found):
        raise BackendFault("missing", f"tool `{tool}`: module {name} has no function `{function}`")
    return found


def _import(tool: str, name: str, root: Path) -> ModuleType:
    try:
        with _beside(root):
            invalidate_caches()  # the file may be younger than Python's listing of the folder
            return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.partition(".")[0] and error.name != name:
            raise _failed(tool, name, error) from error
        message = f"tool `{tool}`: there is no module {name} beside the plan ({root}) nor in an installed package"
        raise BackendFault("missing", message) from None
    except (Exception, SystemExit) as error:
        raise _failed(tool, name, error) from error


def _failed(tool: str, name: str, error: BaseException) -> BackendFault:
    return BackendFault("tool", f"tool `{tool}`: importing {name} failed with {type(error).__name__}: {error}")


@contextmanager
def _beside(root: Path) -> Generator[None]:
    family = _beside_plans.setdefault(root, {})
    before = dict(sys.modules)
    sys.modules.update(family)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name, module in list(sys.modules.items()):
            if name in family or (before.get(name) is not module and _is_beside(module, root)):
                family[name] = module
                del sys.modules[name]
                if name in before:
                    sys.modules[name] = before[name]


def _is_beside(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str):
        return False
    path = Path(file).resolve()
    # an environment inside the folder holds installed packages, which may be imported only once
    return path.is_relative_to(root) and "site-packages" not in path.parts
