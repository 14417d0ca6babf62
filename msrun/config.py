"""The operator's configuration: `msrun.toml` in the folder where the command is called, never beside the plan."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msrun.dsl.values.plain import is_list
from msrun.errors import ConfigInvalid
from msrun.suggest import did_you_mean

FILE = "msrun.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the operator decided for every run: grants (`tool:web`, `tool:*`), seed, calls at the same time, prices."""

    allow: tuple[str, ...] = ()
    seed: int = 0
    width: int = 64
    prices: str | None = None


def read_config(folder: Path) -> Config:
    """Return the configuration of a folder; the defaults where there is no file."""
    import tomllib

    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:
        raise ConfigInvalid(f"{FILE}: {error}", help='a line is written like this: allow = ["tool:web"]') from None
    return Config(**{key: _checked(key, value) for key, value in table.items()})


def _checked(key: str, value: Any) -> Any:
    match key, value:
        case "allow", _ if is_list(value) and all(isinstance(each, str) for each in value):
            return tuple(value)
        case "seed", int() if not isinstance(value, bool):
            return value
        case "width", int() if not isinstance(value, bool) and value >= 1:
            return value
        case "prices", str():
            return value
        case _:
            pass
    examples = {
        "allow": 'allow = ["tool:web"]',
        "seed": "seed = 7",
        "width": "width = 64",
        "prices": 'prices = "prices.json"',
    }
    if key in examples:
        raise ConfigInvalid(f"{FILE}: `{key}` cannot be {value!r}", help=examples[key])
    raise ConfigInvalid(
        f"{FILE}: there is no setting `{key}`",
        help=did_you_mean(key, examples, otherwise=f"there are: {', '.join(examples)}"),
    )
