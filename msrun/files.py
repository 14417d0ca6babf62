"""A path of the command line or of `load` becomes a checked module; what cannot be read is said in one sentence."""

from collections.abc import Iterable
from pathlib import Path

from msrun.dsl.check.near import nearest
from msrun.errors import PlanInvalid, PlanUnreadable
from msrun.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msrun.dsl.diagnostic import Diagnostic
    from msrun.dsl.front import Checked
    from msrun.dsl.plan import Module, Plan


def split_target(target: str) -> tuple[Path, str | None]:
    """Split `file.plan:name`; a file whose own name has a colon wins."""
    path = Path(target)
    file, colon, name = target.rpartition(":")
    if not colon or not file or path.exists():
        return path, None
    return Path(file), name


def read_checked(file: Path, *, data: bool = False) -> "Checked":
    """Read and check one file, with `data` the rows that its stages learn from too. Raises PlanUnreadable."""
    from msrun.dsl.facts import NOTHING
    from msrun.dsl.front import check_file
    from msrun.facts import FactsBeside

    try:
        return check_file(file, facts=FactsBeside(file.parent) if data else NOTHING)
    except FileNotFoundError:
        raise PlanUnreadable(f"there is no file `{file}`", help=_nearby(file)) from None
    except IsADirectoryError:
        raise PlanUnreadable(f"`{file}` is a folder", help=_listed(plans_in(file), "it holds")) from None
    except OSError as error:
        raise PlanUnreadable(f"`{file}` cannot be read: {error.strerror or error}") from None


def read_module(file: Path, *, data: bool = False) -> "tuple[Module, tuple[Diagnostic, ...]]":
    """Return what a file means and its warnings. Raises PlanInvalid with all findings, or PlanUnreadable."""
    checked = read_checked(file, data=data)
    if checked.module is None:
        raise PlanInvalid(str(file), checked.diagnostics)
    return checked.module, checked.diagnostics


def choose_plan(module: "Module", name: str | None, file: Path) -> "Plan":
    """Return the plan of this name, or the first of the file. Raises PlanUnreadable where there is none."""
    names = [plan.name for plan in module.plans]
    if name is None and names:
        return module.plans[0]
    if name in names:
        return module.plan(name)
    if names:
        listed = _listed([f"{file}:{each}" for each in names], "there are")
        raise PlanUnreadable(f"{file} has no plan `{name}`", help=did_you_mean(str(name), names, otherwise=listed))
    help_line = (
        f"`msrun train {file}` runs its training stages" if module.stages else "plan answer(question: text) { … }"
    )
    raise PlanUnreadable(f"{file} has no plan to run", help=help_line)


def plans_in(folder: Path) -> list[str]:
    """Return the plan files of a folder, as paths that can be typed; none where it cannot be read."""
    try:
        return sorted(str(path) for path in folder.glob("*.plan"))
    except OSError:
        return []


def _nearby(file: Path) -> str:
    """Look one folder further down for the same name (people leave out `examples/`), then beside for a like one."""
    below = [path for folder in _folders(file.parent) for path in plans_in(folder) if Path(path).name == file.name]
    if below:
        return f"did you mean `{below[0]}`?"
    beside = plans_in(file.parent)
    near = nearest(str(file), beside) or nearest(file.with_suffix(".plan").name, [Path(p).name for p in beside])
    if near:
        return f"did you mean `{near if near in beside else file.parent / near}`?"
    return _listed(beside, "there are") if beside else "give the path of a .plan file"


def _folders(parent: Path) -> list[Path]:
    try:
        return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []


def _listed(names: Iterable[str], words: str) -> str:
    found = list(names)
    if not found:
        return "give the path of a .plan file"
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"{words}: {', '.join(found[:5])}{more}"
