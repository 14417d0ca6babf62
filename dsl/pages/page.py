"""One page of the handbook of findings."""

from dataclasses import dataclass

from msrun.dsl.facts import NOTHING, Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What `msrun explain` says about one code.

    `bad` is a plan with this mistake and no other, `good` the same plan without it; both end with a line break.
    `encoding` is how the bad plan is written to bytes. `beside` are the files it imports, by path, and `mended` those
    that the good plan does, where they are others. `facts` are what a check finds in the data that the plans name.
    """

    title: str
    bad: str
    why: str
    cure: str
    good: str
    encoding: str = "utf-8"
    beside: tuple[tuple[str, str], ...] = ()
    mended: tuple[tuple[str, str], ...] = ()
    facts: Facts = NOTHING
