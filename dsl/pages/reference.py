"""The tables of `docs/language.md`, made from those that the checker reads; the prose around them is written by hand.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; `refreshed` writes each anew.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from msrun.dsl.kinds.model import BACKENDS
from msrun.dsl.kinds.spec import KindSpec, Maker, SettingSpec
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.values.filters import FILTERS

_PLACE = re.compile(r"(<!-- table: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_CLAUSES = ("for", "given", "from", "using", "when", "on", "by", "keep", "samples", "limit", "within")


def refreshed(text: str) -> str:
    """Return a page with every table in it made anew. KeyError for a table that nobody makes."""
    return _PLACE.sub(lambda found: f"{found[1]}\n{_TABLES[found[2]]()}\n{found[3]}", text)


def _overview() -> str:
    rows = ((f"`{spec.name}`", spec.help, _code(spec.example)) for spec in _known())
    return _table(("kind", "what it does", "example"), rows)


def _clauses() -> str:
    rows = (
        (f"`{spec.name}`", *("•" if word in spec.clauses else "" for word in _CLAUSES))
        for spec in _known()
        if spec.clauses
    )
    return _table(("kind", *(f"`{word}`" for word in _CLAUSES)), rows)


def _kinds() -> str:
    return "\n\n".join(_kind(spec) for spec in _known())


def _kind(spec: KindSpec) -> str:
    parts = [f"### `{spec.name}`", f"{spec.help[:1].upper()}{spec.help[1:]}."]
    if spec.example:
        parts.append(f"    {spec.example}")
    makers = [maker for maker in spec.makers if not maker.later]
    if makers:
        parts.append(_table(("made by", "what it is", "named arguments"), map(_maker, makers)))
    settings = [setting for setting in spec.settings if not setting.later]
    if settings:
        parts.append(_settings(settings))
    return "\n\n".join(parts)


def _maker(maker: Maker) -> Sequence[str]:
    named = ", ".join(f"`{setting.name}`" for setting in maker.named if not setting.later)
    return f"`{maker.name}(…)`", maker.help, named or ("any" if maker.open_named else "")


def _backends() -> str:
    rows = [(f"`{name}(…)`", maker.help) for name, (maker, _) in BACKENDS.items()]
    seen: dict[str, tuple[SettingSpec, list[str]]] = {}
    for name, (_, settings) in BACKENDS.items():
        for setting in settings:
            if not setting.later:
                seen.setdefault(setting.name, (setting, []))[1].append(name)
    listed = (
        (*_setting(setting), "all" if len(names) == len(BACKENDS) else ", ".join(names))
        for setting, names in seen.values()
    )
    return (
        _table(("backend", "what answers"), rows)
        + "\n\n"
        + _table(("setting", "takes", "default", "what it does", "backends"), listed)
    )


def _filters() -> str:
    rows = ((f"`{name}`", _code(f"value | {known.example or name}"), known.help) for name, known in FILTERS.items())
    return _table(("filter", "example", "what comes out"), rows)


def _settings(settings: Iterable[SettingSpec]) -> str:
    return _table(("setting", "takes", "default", "what it does"), map(_setting, settings))


def _setting(setting: SettingSpec) -> Sequence[str]:
    takes = " or ".join(dict.fromkeys(each.words for each in setting.takes))
    default = _code(setting.default) if setting.default else "required" if setting.required else ""
    return f"`{setting.name}`", takes, default, setting.help


def _known() -> Iterable[KindSpec]:
    return (spec for spec in KINDS.values() if not spec.later)


def _code(text: str) -> str:
    """Write code of one line so that a table's bars and backticks do no harm."""
    return f"`{text}`" if text else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_row(head), _row(["---"] * len(head)), *(_row([_cell(text) for text in row]) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_TABLES: Mapping[str, Callable[[], str]] = {
    "overview": _overview,
    "clauses": _clauses,
    "kinds": _kinds,
    "backends": _backends,
    "filters": _filters,
}
