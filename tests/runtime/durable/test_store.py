"""What every store promises: the same cases for each of them."""

import pytest

from msrun.runtime.durable.entry import verify
from msrun.runtime.durable.fault import JournalFault
from msrun.runtime.durable.store import LEASE_S, Store
from tests.runtime.durable.conftest import Cupboard, batch, entry


def test_a_new_run_is_listed(store: Store) -> None:
    store.claim("r1", "ask", "x.plan", new=True)
    (info,) = store.runs(10)
    assert (info.run, info.plan, info.file, info.state, info.owned) == ("r1", "ask", "x.plan", "running", True)
    assert info.ended_s is None
    assert info.entries == 0


def test_a_new_run_begins_with_nothing(store: Store) -> None:
    claim = store.claim("r1", "ask", "x.plan", new=True)
    assert (claim.last_seq, claim.link, claim.fence) == (-1, bytes(16), 1)
    assert store.entries("r1") == []


def test_a_second_run_of_the_same_id_is_refused(store: Store) -> None:
    store.claim("r1", "ask", "x.plan", new=True)
    with pytest.raises(JournalFault, match="already a run r1") as caught:
        store.claim("r1", "ask", "x.plan", new=True)
    assert caught.value.kind == "absent"


@pytest.mark.parametrize("call", ["claim", "entries"])
def test_a_run_that_is_not_there(store: Store, call: str) -> None:
    with pytest.raises(JournalFault, match="no run r9") as caught:
        store.claim("r9", "", "", new=False) if call == "claim" else store.entries("r9")
    assert caught.value.kind == "absent"


def test_entries_come_back_as_they_were_written(store: Store) -> None:
    claim = store.claim("r1", "ask", "x.plan", new=True)
    written = [entry(at, body=f'{{"o":"问题 {at}"}}') for at in range(5)]
    store.append([batch(claim, *written)])
    found = store.entries("r1")
    assert [each for each, _ in found] == written
    assert verify(found, "r1") == found[-1][1]


def test_keys_without_a_cell_come_back_as_none(store: Store) -> None:
    from msrun.runtime.durable.entry import Entry

    claim = store.claim("r1", "ask", "x.plan", new=True)
    store.append([batch(claim, Entry(kind="begin", body="{}"))])
    ((found, _),) = store.entries("r1")
    assert (found.cell, found.sample, found.content) == (None, None, "")


def test_the_body_of_a_run_can_be_long_and_is_kept_once(store: Store, cupboard: Cupboard) -> None:
    claim = store.claim("r1", "ask", "x.plan", new=True)
    long = '{"o":"' + "x" * 100_000 + '"}'
    store.append([batch(claim, *(entry(at, body=long) for at in range(50)))])
    assert {each.body for each, _ in store.entries("r1")} == {long}
    files = list(cupboard.folder.iterdir())
    assert sum(file.stat().st_size for file in files) < 600_000


def test_a_claimed_run_is_busy(cupboard: Cupboard) -> None:
    one, other = cupboard.open(), cupboard.open()
    one.claim("r1", "ask", "x.plan", new=True)
    with pytest.raises(JournalFault, match="another process is running r1") as caught:
        other.claim("r1", "", "", new=False)
    assert caught.value.kind == "busy"


def test_a_run_whose_process_is_gone_can_be_claimed_after_its_lease(cupboard: Cupboard) -> None:
    one, other = cupboard.open(), cupboard.open()
    claim = one.claim("r1", "ask", "x.plan", new=True)
    one.append([batch(claim, entry(0), entry(1))])
    cupboard.clock.now_s += LEASE_S + 1
    again = other.claim("r1", "", "", new=False)
    assert (again.number, again.fence, again.last_seq) == (claim.number, 2, 1)
    assert again.link == other.entries("r1")[-1][1]


def test_a_lease_that_is_renewed_holds(cupboard: Cupboard) -> None:
    one, other = cupboard.open(), cupboard.open()
    claim = one.claim("r1", "ask", "x.plan", new=True)
    for _ in range(4):
        cupboard.clock.now_s += LEASE_S * 0.9
        one.renew([claim])
    with pytest.raises(JournalFault, match="is running"):
        other.claim("r1", "", "", new=False)


def test_a_clock_set_back_frees_nothing(cupboard: Cupboard) -> None:
    one, other = cupboard.open(), cupboard.open()
    one.claim("r1", "ask", "x.plan", new=True)
    cupboard.clock.now_s -= 10
    with pytest.raises(JournalFault, match="is running"):
        other.claim("r1", "", "", new=False)


@pytest.mark.parametrize("call", ["append", "renew"])
def test_a_stale_owner_is_refused(cupboard: Cupboard, call: str) -> None:
    one, other = cupboard.open(), cupboard.open()
    stale = one.claim("r1", "ask", "x.plan", new=True)
    cupboard.clock.now_s += LEASE_S + 1
    claim = other.claim("r1", "", "", new=False)
    with pytest.raises(JournalFault, match="taken over") as caught:
        one.append([batch(stale, entry(0))]) if call == "append" else one.renew([stale])
    assert caught.value.kind == "taken"
    other.append([batch(claim, entry(1))])
    assert [each.cell for each, _ in other.entries("r1")] == [1]


def test_a_stale_owner_cannot_give_the_run_back(cupboard: Cupboard) -> None:
    one, other = cupboard.open(), cupboard.open()
    stale = one.claim("r1", "ask", "x.plan", new=True)
    cupboard.clock.now_s += LEASE_S + 1
    other.claim("r1", "", "", new=False)
    one.release(stale, "failed")
    (info,) = other.runs(1)
    assert (info.state, info.owned) == ("running", True)


@pytest.mark.parametrize("state", ["ok", "failed", "cancelled", "stopped"])
def test_a_released_run_keeps_its_state_and_can_be_claimed(store: Store, state: str) -> None:
    claim = store.claim("r1", "ask", "x.plan", new=True)
    store.release(claim, state)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    (info,) = store.runs(1)
    assert (info.state, info.owned) == (state, False)
    assert info.ended_s is not None
    assert store.claim("r1", "", "", new=False).fence == 2
    (info,) = store.runs(1)
    assert (info.state, info.ended_s) == ("running", None)


def test_one_commit_is_all_or_nothing(cupboard: Cupboard) -> None:
    one, other = cupboard.open(), cupboard.open()
    mine = one.claim("r1", "ask", "x.plan", new=True)
    stale = one.claim("r2", "ask", "x.plan", new=True)
    cupboard.clock.now_s += LEASE_S + 1
    one.renew([mine])
    other.claim("r2", "", "", new=False)
    with pytest.raises(JournalFault, match="taken over"):
        one.append([batch(mine, entry(0)), batch(stale, entry(0))])
    assert one.entries("r1") == []


def test_what_is_written_is_there_for_others(cupboard: Cupboard) -> None:
    one, other = cupboard.open(), cupboard.open()
    claim = one.claim("r1", "ask", "x.plan", new=True)
    one.append([batch(claim, entry(0))])
    assert len(other.entries("r1")) == 1


def test_the_same_place_twice_is_refused(store: Store) -> None:
    claim = store.claim("r1", "ask", "x.plan", new=True)
    store.append([batch(claim, entry(0))])
    with pytest.raises(JournalFault):
        store.append([batch(claim, entry(1))])
    assert [each.cell for each, _ in store.entries("r1")] == [0]


def test_runs_are_listed_the_latest_first(store: Store) -> None:
    for name in ("r1", "r2", "r3"):
        store.claim(name, "ask", "x.plan", new=True)
    assert [info.run for info in store.runs(2)] == ["r3", "r2"]


def test_runs_do_not_mix(store: Store) -> None:
    claims = [store.claim(name, "ask", "x.plan", new=True) for name in ("r1", "r2")]
    store.append([batch(claim, entry(at)) for at, claim in enumerate(claims)])
    assert [each.cell for each, _ in store.entries("r1")] == [0]
    assert [each.cell for each, _ in store.entries("r2")] == [1]


@pytest.mark.parametrize("text", ["'; DROP TABLE run; --", '" OR 1=1', "r%", "r\0", "运行", "x" * 5000])
def test_ids_are_values(store: Store, text: str) -> None:
    claim = store.claim(text, text, text, new=True)
    store.append([batch(claim, entry(0))])
    assert len(store.entries(text)) == 1
    assert [info.run for info in store.runs(10)] == [text]
