"""Numbers that look random and are not: the seed of every call, and the wait before a call is tried again."""

from hashlib import blake2b
from math import isfinite

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0
LONGEST_RETRY_AFTER_S = 120.0


def call_seed(run_seed: int, node: str, cell: int | None, sample: int | None, reply: int) -> int:
    """Return a call's seed, 31 bits (what every server takes).

    `reply` counts the replies asked for, from 1: a repair draws anew, but a call that is sent again because the
    connection broke keeps its seed, so that the network's weather changes no result.
    """
    place = f"{run_seed}\0{node}\0{cell}\0{sample}\0{reply}".encode()
    return int.from_bytes(blake2b(place, digest_size=4).digest(), "big") >> 1


def retry_wait_s(seed: int, attempt: int, retry_after_s: float | None) -> float | None:
    """Return the seconds before the attempt after this one (from 1), None where the server asks for too long a wait.

    Full jitter over 0.5 s, 1 s, 2 s … up to 8 s ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015); a
    server's Retry-After is kept and up to a quarter of it added, so that callers told the same do not return at once.
    """
    share = int.from_bytes(blake2b(f"{seed}\0{attempt}".encode(), digest_size=4).digest(), "big") / 2**32
    if retry_after_s is not None and isfinite(retry_after_s) and retry_after_s > 0:
        return retry_after_s * (1 + share / 4) if retry_after_s <= LONGEST_RETRY_AFTER_S else None
    return share * min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (attempt - 1))
