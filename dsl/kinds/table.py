"""Every kind of the language by its name: the one table that checker, docs and completion read."""

from collections.abc import Mapping

from msrun.dsl.kinds import declared, model
from msrun.dsl.kinds.knowledge import KNOWLEDGE
from msrun.dsl.kinds.later import LATER
from msrun.dsl.kinds.nodes import NODE_KINDS
from msrun.dsl.kinds.session import SESSION
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.kinds.testing import MOCK, TEST
from msrun.dsl.kinds.training import STAGES

_DECLARED = (
    model.SPEC,
    declared.PLAN,
    declared.FRAGMENT,
    declared.TOOL,
    declared.PARAM,
    declared.PROFILE,
    declared.DEFAULTS,
    declared.LIMITS,
    KNOWLEDGE,
    SESSION,
    TEST,
    MOCK,
)

KINDS: Mapping[str, KindSpec] = {
    **{name: kind.spec for name, kind in NODE_KINDS.items()},
    **{spec.name: spec for spec in _DECLARED},
    **STAGES,
    **LATER,
}
