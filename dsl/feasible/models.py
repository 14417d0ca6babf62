"""Models against the machine: the backend and its packages (E0506), secrets (E0507), folders (E0508)."""

from collections.abc import Iterator

from msrun.dsl.check.near import nearest
from msrun.dsl.facts import Machine
from msrun.dsl.feasible.scene import Scene, head, setting
from msrun.dsl.plan import ModelSpec, SecretRef, ValueMap
from msrun.dsl.source import Span
from msrun.dsl.tree import Call, Entry, RecordExpr, Statement

FOLDERS = ("transformers", "sentence")
"""Backends whose first argument is a folder."""


def check(scene: Scene) -> None:
    """Report models that cannot be opened on this machine; of a profile only where it is the one that is meant."""
    machine = scene.machine
    if machine is None:
        return
    version = next((each for each in scene.versions if each.profile == machine.profile), scene.versions[0])
    for name, spec in version.models.items():
        statement = scene.model(name, version.profile)
        if statement is not None:
            _check_backend(scene, machine, spec, statement)
            _check_secrets(scene, machine, spec, statement)
            _check_folder(scene, machine, spec, statement)


def _check_backend(scene: Scene, machine: Machine, spec: ModelSpec, statement: Statement) -> None:
    span = _callee(statement)
    if spec.backend not in machine.backends and spec.backend != "trained":
        near = nearest(spec.backend, machine.backends)
        known = ", ".join(f"`{name}`" for name in machine.backends)
        scene.say("E0506", span, name=spec.backend, known=f"`{near}`" if near else known)
        return
    lacking = machine.lacking("transformers" if spec.backend == "trained" else spec.backend)
    if lacking is not None:
        packages, command = lacking
        scene.say("E0506/extra", span, name=spec.backend, packages=packages, command=command)


def _check_secrets(scene: Scene, machine: Machine, spec: ModelSpec, statement: Statement) -> None:
    for name, span in _secrets(spec, statement):
        if not machine.secret(name):
            scene.say("E0507", span, name=name, owner=spec.name)


def _check_folder(scene: Scene, machine: Machine, spec: ModelSpec, statement: Statement) -> None:
    if spec.backend not in FOLDERS or not spec.args or not isinstance(spec.args[0], str):
        return
    try:
        machine.checkpoint(spec.args[0])
    except FileNotFoundError:
        value = statement.value
        span = value.args[0].value.span if isinstance(value, Call) and value.args else head(statement)
        scene.say("E0508/model", span, name=spec.args[0])


def _secrets(spec: ModelSpec, statement: Statement) -> Iterator[tuple[str, Span]]:
    for key, value in spec.settings:
        written = setting(statement, key)
        span = written.value.span if written is not None else head(statement)
        if isinstance(value, SecretRef):
            yield value.name, span
        elif isinstance(value, ValueMap):
            entries: tuple[Entry, ...] = ()
            if written is not None and isinstance(written.value, RecordExpr):
                entries = written.value.entries
            places = {entry.key: entry.value.span for entry in entries}
            yield from ((v.name, places.get(k, span)) for k, v in value.entries if isinstance(v, SecretRef))
    for key, value in spec.named:
        if isinstance(value, SecretRef):
            yield value.name, _argument(statement, key)


def _argument(statement: Statement, key: str) -> Span:
    args = statement.value.args if isinstance(statement.value, Call) else ()
    return next((arg.value.span for arg in args if arg.name == key), head(statement))


def _callee(statement: Statement) -> Span:
    value = statement.value
    return head(statement) if value is None else value.callee.span if isinstance(value, Call) else value.span
