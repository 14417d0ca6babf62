"""What is settled before the first call: grants, secrets, and every backend opened, so that no money is lost."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from msrun.backends.port import Backend, BackendFault, SecretSource, Surroundings, Usage
from msrun.dsl.plan import Ask, Invoke, Made, ModelSpec, Plan, SecretRef, ToolSpec, Value, ValueMap
from msrun.errors import NotAllowed, RunFailed, SecretMissing

CLOSE_DEADLINE_S = 5.0
"""How long the backends of a run may take to close their connections."""


def used_models(plan: Plan) -> list[ModelSpec]:
    """Return the models that some node of the plan calls."""
    called = {node.action.model for node in plan.nodes if isinstance(node.action, Ask)}
    return [model for model in plan.models if model.name in called]


def used_tools(plan: Plan) -> list[ToolSpec]:
    """Return the tools that some node of the plan calls."""
    called = {node.action.tool for node in plan.nodes if isinstance(node.action, Invoke)}
    return [tool for tool in plan.tools if tool.name in called]


def refuse_ungranted(plan: Plan, allow: Sequence[str]) -> None:
    """Raise NotAllowed where a tool of the plan is not granted, naming every grant that it needs."""
    refused = [tool for tool in used_tools(plan) if not any(fnmatchcase(f"tool:{tool.name}", each) for each in allow)]
    if not refused:
        return
    grants = [f"tool:{tool.name}" for tool in refused]
    names = ", ".join(f"`{tool.name}` ({tool.provider} {_target(tool)})" for tool in refused)
    options = " ".join(f"--allow {grant}" for grant in grants)
    listed = ", ".join(f'"{grant}"' for grant in grants)
    raise NotAllowed(
        f"plan `{plan.name}` calls {'a tool' if len(grants) == 1 else 'tools'} you have not allowed: {names}",
        grants,
        help=f"{options}, or allow = [{listed}] in msrun.toml, where you trust that code",
    )


def refuse_without_secrets(plan: Plan, secret: SecretSource) -> None:
    """Raise SecretMissing where a model or tool of the plan needs a secret that is not set."""
    wanted: dict[str, str] = {}
    specs: list[ModelSpec | ToolSpec] = [*used_models(plan), *used_tools(plan)]
    for spec in specs:
        for name in _secrets(spec):
            wanted.setdefault(name, f"{'model' if isinstance(spec, ModelSpec) else 'tool'} `{spec.name}`")
    missing = {name: who for name, who in wanted.items() if not secret(name)}
    if missing:
        names = ", ".join(f"`{name}` (for {who})" for name, who in missing.items())
        what = "environment variable" + ("s" if len(missing) > 1 else "")
        exports = "; ".join(f"export {name}=…" for name in missing)
        raise SecretMissing(f"{what} not set: {names}", list(missing), help=exports)


@asynccontextmanager
async def opened(
    plan: Plan, given: Mapping[str, Backend], secret: SecretSource, root: Path
) -> AsyncGenerator[Mapping[str, Backend]]:
    """Open the backend of every model in use, close what was opened; a backend that was given stays its owner's."""
    import anyio

    own: dict[str, Backend] = {}
    try:
        for spec in used_models(plan):
            if spec.name not in given:
                own[spec.name] = _open(spec, Surroundings(secret=secret, root=str(root)))
        yield {**own, **given}
    finally:
        with anyio.move_on_after(CLOSE_DEADLINE_S, shield=True):
            for backend in own.values():
                await backend.aclose()


def _open(spec: ModelSpec, around: Surroundings) -> Backend:
    from msrun.backends.registry import open_backend

    try:
        return open_backend(spec, around)
    except BackendFault as fault:
        message = f"model `{spec.name}`: {fault.message}"
        raise RunFailed(message, fault=fault.kind, node=None, run="", calls=0, usage=Usage(), help=fault.help) from None


def _secrets(spec: ModelSpec | ToolSpec) -> Iterator[str]:
    values: list[Value] = [value for _, value in spec.settings]
    values += [*spec.args, *(value for _, value in spec.named)] if isinstance(spec, ModelSpec) else spec.target
    while values:
        match values.pop():
            case SecretRef(name):
                yield name
            case tuple(parts):
                values += parts
            case Made(_, args, named):
                values += [*args, *(value for _, value in named)]
            case ValueMap(entries):
                values += [value for _, value in entries]
            case _:
                pass


def _target(tool: ToolSpec) -> str:
    return " ".join(str(part) for part in tool.target)
