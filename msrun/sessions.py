"""Where sessions are kept, and the turn that a run of a plan within a session is."""

import hashlib
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msrun.dsl.plan import Plan
from msrun.errors import SessionUnusable

if TYPE_CHECKING:
    from msrun.runtime.sessions.port import SessionStore
    from msrun.runtime.turn import Redact, Talk

LONGEST_ID = 200
"""Characters of a session's id."""


def default_file(plan_file: Path) -> Path:
    """Return where the command line keeps the sessions of a plan file: in the user's folder for state, by its path."""
    told = os.environ.get("XDG_STATE_HOME", "")
    try:
        state = Path(told) if told.startswith("/") else Path.home() / ".local" / "state"
    except RuntimeError:
        raise SessionUnusable("there is no home folder to keep sessions in", help="--sessions chat.db") from None
    whole = hashlib.sha256(str(plan_file.resolve()).encode()).hexdigest()[:12]
    return state / "msrun" / "sessions" / f"{plan_file.stem}-{whole}.db"


def store_at(sessions: "str | os.PathLike[str] | SessionStore | None") -> "SessionStore":
    """Return a store: the one given, one in the file of this path, or, for None, one in memory."""
    if sessions is None:
        from msrun.runtime.sessions.memory import MemorySessions

        return MemorySessions()
    if isinstance(sessions, str | os.PathLike):
        from msrun.runtime.sessions.sqlite import SqliteSessions

        return SqliteSessions(Path(sessions))
    return sessions


@asynccontextmanager
async def turn_of(
    plan: Plan, store: "SessionStore | None", id_: str | None, redact: "Redact | None"
) -> "AsyncGenerator[Talk | None]":
    """Take the session for a run, None for a plan that is within none. Without an id the turn is kept nowhere.

    Raises SessionUnusable.
    """
    if plan.session is None:
        yield None
        return
    from msrun.runtime.outcome import NodeFault
    from msrun.runtime.sessions.port import SessionFault
    from msrun.runtime.turn import begin

    at = store_at(store if id_ is not None else None)
    try:
        async with at.turn(plan.session.name, checked_id(id_), expires_s=plan.session.expires_s) as turn:
            yield begin(plan, turn, redact)
    except (SessionFault, NodeFault) as fault:
        raise SessionUnusable(fault.message, help=fault.help) from fault


def checked_id(id_: str | None) -> str:
    """Return an id that can be kept. Raises SessionUnusable."""
    told = "-" if id_ is None else id_
    if not told.strip() or len(told) > LONGEST_ID or not told.isprintable():
        raise SessionUnusable(
            f"a session's id is 1 to {LONGEST_ID} characters that can be printed", help="--session user-17"
        )
    return told


def split_session(plan: Plan, session: str | None, inputs: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Return the session's id and the inputs: to a plan within no session `session` is an input like any other."""
    if session is None or plan.session is not None:
        return session, inputs
    if any(wanted.name == "session" for wanted in plan.inputs):
        return None, {**inputs, "session": session}
    raise SessionUnusable(
        f"the plan `{plan.name}` is within no session", help=f"plan {plan.name}(…) within chat {{ … }}"
    )
