"""Tests of a plan file: each runs its plans through the engine, with replies written down in the place of models.

Nothing is sent anywhere unless a tape records: a model without a mock is never opened, and a call that no recorded
reply answers fails the test.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msrun.dsl.plan import Module
from msrun.dsl.testcase import TestCase
from msrun.trial import Setting, Trial
from msrun.verdict import Failure as Failure
from msrun.verdict import Verdict as Verdict

if TYPE_CHECKING:
    from msrun.tape import Tape

PARALLEL = 8
"""Tests at the same time."""


def run_tests(
    module: Module,
    *,
    wanted: Callable[[str], bool] = bool,
    parallel: int = PARALLEL,
    seed: int = 0,
    allow: Sequence[str] = (),
    root: Path = Path(),
    tape: "Tape | None" = None,
) -> tuple[Verdict, ...]:
    """Run the tests of a module whose names are wanted and return a verdict for each, in the order of the text.

    parallel: tests at the same time. allow: grants of tools (`tool:web`), which are called as in any run; `root` is
    the folder that their modules are looked up in. tape: recorded replies of the models that are not mocked, from
    `open_tape`; one that records is closed and saved at the end. Inside a running event loop use `arun_tests`.
    """
    import anyio

    setting = Setting(seed=seed, allow=tuple(allow), root=root, tape=tape)
    return anyio.run(partial(_run_all, module, wanted, parallel, setting))


async def arun_tests(
    module: Module,
    *,
    wanted: Callable[[str], bool] = bool,
    parallel: int = PARALLEL,
    seed: int = 0,
    allow: Sequence[str] = (),
    root: Path = Path(),
    tape: "Tape | None" = None,
) -> tuple[Verdict, ...]:
    """Do what `run_tests` does inside an event loop."""
    return await _run_all(module, wanted, parallel, Setting(seed=seed, allow=tuple(allow), root=root, tape=tape))


async def _run_all(
    module: Module, wanted: Callable[[str], bool], parallel: int, setting: Setting
) -> tuple[Verdict, ...]:
    import anyio

    cases = [case for case in module.tests if wanted(case.name)]
    verdicts: dict[int, Verdict] = {}
    places = anyio.CapacityLimiter(max(1, parallel))

    async def run(at: int, case: TestCase) -> None:
        async with places:
            verdicts[at] = await Trial(module, case, setting).run()

    try:
        async with anyio.create_task_group() as group:
            for at, case in enumerate(cases):
                group.start_soon(run, at, case)
    finally:  # what was recorded was paid for, also where somebody interrupts
        if setting.tape is not None:
            await setting.tape.aclose()
            whole = len(verdicts) == len(module.tests) and all(verdict.ended for verdict in verdicts.values())
            setting.tape.save(whole=whole)
    return tuple(verdicts[at] for at in range(len(cases)))
