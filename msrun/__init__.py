"""Plans for multi-step work with language models: a checked file becomes a graph, the graph becomes events.

`msrun.load("x.plan").run(question="…").value` runs a plan; everything else is reached from there. Importing this
package costs nothing: each name below is loaded when it is first used.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msrun.api import Loaded, Result, load
    from msrun.errors import (
        InputInvalid,
        InsideLoop,
        JournalUnusable,
        MsrunError,
        NotAllowed,
        OverrideInvalid,
        PlanInvalid,
        PlanUnreadable,
        RunFailed,
        SecretMissing,
        SessionUnusable,
    )
    from msrun.stream import EventStream

__all__ = [
    "EventStream",
    "InputInvalid",
    "InsideLoop",
    "JournalUnusable",
    "Loaded",
    "MsrunError",
    "NotAllowed",
    "OverrideInvalid",
    "PlanInvalid",
    "PlanUnreadable",
    "Result",
    "RunFailed",
    "SecretMissing",
    "SessionUnusable",
    "__version__",
    "load",
]

_HOMES = {"Loaded": "api", "Result": "api", "load": "api", "EventStream": "stream"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'msrun' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"msrun.{_HOMES.get(name, 'errors')}"), name)
