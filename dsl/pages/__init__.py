"""The handbook of findings: a page for every code, read by `msrun explain`, SARIF logs and `docs/diagnostics.md`."""

from functools import cache
from textwrap import fill

from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.front import check_bytes, check_text
from msrun.dsl.pages.page import Page
from msrun.dsl.render import render_all

EXAMPLE = "example.plan"
WIDTH = 88


@cache
def pages() -> dict[str, Page]:
    """Return every page by its code, in the order of the codes."""
    from msrun.dsl.pages import (
        alike,
        bodies,
        choice,
        failure,
        flow,
        imports,
        kinds,
        knowledge,
        names,
        privacy,
        profiles,
        syntax,
        testing,
        training,
    )

    found = {
        **syntax.PAGES,
        **names.PAGES,
        **imports.PAGES,
        **kinds.PAGES,
        **choice.PAGES,
        **failure.PAGES,
        **privacy.PAGES,
        **flow.PAGES,
        **alike.PAGES,
        **bodies.PAGES,
        **testing.PAGES,
        **profiles.PAGES,
        **training.PAGES,
        **knowledge.PAGES,
    }
    return dict(sorted(found.items()))


def findings(page: Page) -> tuple[Diagnostic, ...]:
    """Return what the checker says about the page's bad plan."""
    if page.beside:
        return check_text(EXAMPLE, page.bad, beside=dict(page.beside), facts=page.facts).diagnostics
    return check_bytes(EXAMPLE, page.bad.encode(page.encoding), facts=page.facts).diagnostics


def left(page: Page) -> tuple[Diagnostic, ...]:
    """Return what the checker says about the page's good plan: nothing."""
    return check_text(EXAMPLE, page.good, beside=dict(page.mended or page.beside), facts=page.facts).diagnostics


def explain(code: str, *, color: bool = False) -> str:
    """Return the page of a code as a terminal shows it. KeyError for a code that has none."""
    page = pages()[code]
    said = render_all(findings(page), color=color)
    why, cure = (fill(text, WIDTH, break_on_hyphens=False) for text in (page.why, page.cure))
    parts = (f"{code}: {page.title}", why, _indented(page.bad), said, cure, _indented(page.good))
    return "\n\n".join(part.rstrip("\n") for part in parts)


def document() -> str:
    """Return `docs/diagnostics.md`."""
    return "\n\n".join((_HEAD, *(_section(code, page) for code, page in pages().items()))) + "\n"


_HEAD = """# Findings

Every code that `msrun check` gives, with a plan that has the mistake, what is printed for it, and the same plan without
it. `msrun explain E0101` prints one of these pages. Codes that begin with `E` are errors and keep a plan from running;
`W` are warnings, and `# allow W0401: reason` on the line above silences one. `msrun check --fix` writes the fixes that
are certain into the file.

This page is made by `make docs`."""


def _section(code: str, page: Page) -> str:
    bad = page.bad.encode(page.encoding).decode("utf-8", "replace")
    said = render_all(findings(page))
    fence = "text" if page.beside else "plan"  # a plan block stands alone
    return (
        f"## {code} {page.title}\n\n{page.why}\n\n```text\n{bad}```\n\n```text\n{said}\n```\n\n"
        f"{page.cure}\n\n```{fence}\n{page.good}```"
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
