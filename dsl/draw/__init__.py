"""Pictures of a plan's graph: mermaid and dot for other programs, text for a terminal, SVG for a page."""

from msrun.dsl.draw.dot import dot
from msrun.dsl.draw.mermaid import mermaid
from msrun.dsl.draw.svg import svg
from msrun.dsl.draw.text import text

__all__ = ["dot", "mermaid", "svg", "text"]
