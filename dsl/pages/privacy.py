"""Pages of the findings about what must not leave: secrets and personal data, and the guards that keep them."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {}
