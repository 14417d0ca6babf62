"""Both stores, on both event loops, with real clocks: threads do not move a mock clock."""

from pathlib import Path
from typing import TypeAlias

import pytest

from msrun.runtime.sessions.memory import MemorySessions
from msrun.runtime.sessions.sqlite import SqliteSessions

Store: TypeAlias = MemorySessions | SqliteSessions


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemorySessions() if request.param == "memory" else SqliteSessions(tmp_path / "state" / "chat.db")
