"""Runs a generator function from a Python module beside the plan, and fingerprints the source it can reach."""

import hashlib
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from msrun.trainers.port import TrainingFault


def module_file(root: Path, module: str, stage: str) -> Path:
    """Return the file of a dotted module name under `root`; raises TrainingFault where there is none."""
    parts = module.split(".")
    if not all(part.isidentifier() for part in parts):
        raise TrainingFault("setting", stage, f'"{module}" is no module name', help='write python("module:function")')
    base = root.resolve()
    found = base.joinpath(*parts).with_suffix(".py")
    if not found.is_file() or not found.resolve().is_relative_to(base):
        raise TrainingFault("missing", stage, f"there is no {'/'.join(parts)}.py beside the plan", help=f"in {root}")
    return found


def fingerprint(root: Path, module: str, stage: str) -> str:
    """Return a hash of the module's source and of every module under `root` that it imports, directly or not.

    The imports are read from the syntax, so nothing runs; what is imported by a computed name is not seen.
    """
    pending, seen = [module], dict[str, bytes]()
    while pending:
        name = pending.pop()
        path = root.resolve().joinpath(*name.split(".")).with_suffix(".py")
        if name in seen or not (path.is_file() or name == module):
            continue
        source = module_file(root, name, stage).read_bytes()
        seen[name] = source
        pending.extend(_imports(source, name, stage))
    digest = hashlib.sha256()
    for name in sorted(seen):
        digest.update(f"{name}:{len(seen[name])}\n".encode() + seen[name])
    return digest.hexdigest()


def _imports(source: bytes, name: str, stage: str) -> Iterator[str]:
    import ast

    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise TrainingFault("code", stage, f"{name}.py is no Python that can be read: {error}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def generate(
    root: Path, module: str, function: str, named: Mapping[str, object], stage: str
) -> Generator[object, None, None]:
    """Yield what the function gives, one by one; raises TrainingFault with the error's words where it fails."""
    path = module_file(root, module, stage)
    with _beside(root.resolve()):
        try:
            yield from _called(_load(path, module), module, function, named, stage)
        except TrainingFault:
            raise
        except Exception as error:
            line = _line_in(error, path)
            message = f"{module}:{function} failed{line}: {type(error).__name__}: {error}"
            raise TrainingFault("code", stage, message) from error


def _called(
    namespace: Mapping[str, object], module: str, function: str, named: Mapping[str, object], stage: str
) -> Iterable[object]:
    found = namespace.get(function)
    if not callable(found):
        raise TrainingFault("missing", stage, f"{module}.py has no function `{function}`")
    rows: object = found(**named)
    what = type(rows).__name__
    if isinstance(rows, str | bytes | dict) or not isinstance(rows, Iterable):
        raise TrainingFault("code", stage, f"{module}:{function} gave {what}, not a list of rows")
    return cast("Iterable[object]", rows)


def _load(path: Path, module: str) -> Mapping[str, object]:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(module, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    made = module_from_spec(spec)
    sys.modules[module] = made
    spec.loader.exec_module(made)
    return vars(made)


@contextmanager
def _beside(root: Path) -> Generator[None, None, None]:
    """Let modules under `root` be imported, and forget them afterwards: another plan may have some of the same name."""
    before = dict(sys.modules)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name, found in list(sys.modules.items()):
            file = getattr(found, "__file__", None)
            if before.get(name) is not found and file and Path(file).resolve().is_relative_to(root):
                del sys.modules[name]
                if name in before:
                    sys.modules[name] = before[name]


def _line_in(error: Exception, path: Path) -> str:
    import traceback

    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f" in line {lines[-1]}" if lines else ""
