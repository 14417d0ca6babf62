from itertools import product

import pytest

from msrun.runtime.seeds import call_seed, retry_wait_s


def test_seeds_are_the_same_everywhere_and_fit_31_bits() -> None:
    assert call_seed(0, "facts", 2, None, 1) == 1863967333
    places = product((0, 1), ("a", "b"), (None, 0, 1), (None, 0, 1), (1, 2))
    seeds = [call_seed(*place) for place in places]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**31 for seed in seeds)


@pytest.mark.parametrize(("attempt", "cap"), [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (9, 8.0)])
def test_waits_fill_the_range_up_to_a_cap_that_doubles(attempt: int, cap: float) -> None:
    waits = [retry_wait_s(seed, attempt, None) or 0.0 for seed in range(500)]
    assert 0 <= min(waits) < 0.05 * cap
    assert 0.95 * cap < max(waits) <= cap


@pytest.mark.parametrize(("asked", "low", "high"), [(2.0, 2.0, 2.5), (120.0, 120.0, 150.0)])
def test_a_wait_that_was_asked_for_is_kept_and_spread(asked: float, low: float, high: float) -> None:
    waits = [retry_wait_s(seed, 1, asked) or 0.0 for seed in range(100)]
    assert low <= min(waits) <= max(waits) <= high
    assert len(set(waits)) == 100


def test_a_wait_longer_than_two_minutes_is_refused() -> None:
    assert retry_wait_s(1, 1, 120.5) is None
