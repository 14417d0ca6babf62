"""What the operator says models cost and can do: a file of prices laid over the catalogue that comes with msrun."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msrun.dsl.plan import ModelSpec, Plan
from msrun.errors import ConfigInvalid

if TYPE_CHECKING:
    from msrun.dsl.cost.catalogue import Catalogue

EXAMPLE = '{"models": [{"backend": "openai", "id": "my-model", "price_in": 0.5, "price_out": 1.5}]}'


def read_prices(path: str | Path | None) -> "Catalogue":
    """Return the catalogue with the entries of a file, JSON or TOML, before its own. Raises ConfigInvalid."""
    from msrun.dsl.cost.catalogue import CatalogueError, catalogue, read, standard

    if path is None:
        return standard()
    try:
        text = Path(path).read_text(encoding="utf-8")
        own = catalogue(_toml(text)) if Path(path).suffix == ".toml" else read(text)
    except OSError as error:
        raise ConfigInvalid(f"`{path}` cannot be read: {error.strerror or error}", help=EXAMPLE) from None
    except UnicodeDecodeError:
        raise ConfigInvalid(f"`{path}` is not UTF-8", help=EXAMPLE) from None
    except (CatalogueError, ValueError) as error:
        raise ConfigInvalid(f"`{path}`: {error}", help=EXAMPLE) from None
    return own.over(standard())


def prices_here(option: str | None) -> "Catalogue":
    """Return the catalogue that holds in this folder: the option's file wins over the one that msrun.toml names."""
    from msrun.config import read_config

    return read_prices(option or read_config(Path.cwd()).prices)


def priced(plan: Plan, prices: "Catalogue | None") -> Plan:
    """Return the plan with the catalogue's prices in the settings of models that have none of their own.

    Without them an answered call would cost nothing, and a budget could never be used up.
    """
    models = tuple(_priced(spec, prices) for spec in plan.models)
    return replace(plan, models=models, plans=tuple(priced(each, prices) for each in plan.plans))


def _priced(spec: ModelSpec, prices: "Catalogue | None") -> ModelSpec:
    from msrun.dsl.cost.catalogue import LOCAL, standard

    said: Mapping[str, object] = {**dict(spec.named), **dict(spec.settings)}
    if "price_in" in said or "price_out" in said or (spec.backend in LOCAL and prices is None):
        return spec
    price = (prices or standard()).price(spec)
    if price is None or (price.prompt_usd == 0 and price.reply_usd == 0):
        return spec
    own = (("price_in", price.prompt_usd), ("price_out", price.reply_usd))
    return replace(spec, settings=(*spec.settings, *own))


def _toml(text: str) -> Any:
    import tomllib

    return tomllib.loads(text)
