"""Kinds that this version parses and does not run yet."""

from collections.abc import Mapping

from msrun.dsl.kinds.spec import KindSpec

_IN_PLANS: tuple[str, ...] = ()
_IN_FILES = ("tune",)

LATER: Mapping[str, KindSpec] = {
    spec.name: spec
    for spec in (
        *(KindSpec(name=name, family="reasoning", help="", later=True) for name in _IN_PLANS),
        *(KindSpec(name=name, family="declaration", help="", at="file", later=True) for name in _IN_FILES),
    )
}
"""Every such kind by its name."""
