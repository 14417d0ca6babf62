"""How many cases a law is tried on: a few in each run of the tests, thousands by `make properties`."""

import os

from hypothesis import settings

CASES = int(os.environ.get("MSRUN_CASES", "100"))

LAW = settings(max_examples=CASES, deadline=None)
