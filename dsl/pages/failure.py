"""Pages of the findings about what a node gives where its calls fail."""

from msrun.dsl.pages.page import Page

PAGES: dict[str, Page] = {}
