"""Stores of every kind, each empty, and the entries that are put into them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from msrun.runtime.durable.entry import Entry
from msrun.runtime.durable.sqlite import Mode, SqliteStore, open_sqlite
from msrun.runtime.durable.store import Batch, Claim, Store


@dataclass
class Clock:
    """Seconds that a test turns on by hand."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Cupboard:
    """Opens further handles on the same store, as other processes would have them."""

    open_one: Callable[[], Store]
    clock: Clock
    folder: Path
    opened: list[Store] = field(default_factory=list[Store])

    def open(self) -> Store:
        store = self.open_one()
        self.opened.append(store)
        return store


@pytest.fixture(params=["wal", "truncate"])
def cupboard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cupboard]:
    mode: Mode = request.param
    clock = Clock()

    def open_one() -> SqliteStore:
        return open_sqlite(tmp_path / "j" / "runs.sqlite", mode=mode, clock=clock)

    made = Cupboard(open_one, clock, tmp_path / "j")
    yield made
    for store in made.opened:
        store.close()


@pytest.fixture
def store(cupboard: Cupboard) -> Store:
    return cupboard.open()


def entry(number: int = 0, *, kind: str = "done", body: str = '{"o":"hello"}') -> Entry:
    return Entry(kind=kind, node="facts", cell=number, attempt=1, content=f"{number:064x}", body=body)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def batch(claim: Claim, *entries: Entry, seq: int | None = None, link: bytes | None = None) -> Batch:
    """Chain entries to a claim."""
    at = claim.link if link is None else link
    linked: list[tuple[Entry, bytes]] = []
    for each in entries:
        at = each.link(at)
        linked.append((each, at))
    return Batch(claim, claim.last_seq + 1 if seq is None else seq, tuple(linked))
