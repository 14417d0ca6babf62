"""Pages of the findings about imports."""

from msrun.dsl.pages.page import Page

_LINES = (("lib/lines.plan", 'fragment line(item: text) = "- {{ item }}"\n'),)

_GOOD = """\
import line from "lib/lines.plan"

model small = ollama("qwen3:8b")

plan ask(question: text) -> text {
  solve answer from question { prompt: "{{ line(question) }}" }
  return answer
}
"""

PAGES: dict[str, Page] = {
    "E0108": Page(
        title="there is no such file to import",
        bad=_GOOD.replace("lines.plan", "lnes.plan"),
        why=(
            "An import names a plan file by its path from the file it stands in, below the folder of the plan. "
            "Nothing is fetched, and no path leads out of that folder."
        ),
        cure="Correct the path, or put the file there.",
        good=_GOOD,
        beside=_LINES,
    ),
    "E0109": Page(
        title="files import each other in a circle",
        bad=_GOOD,
        why=(
            "A file is read after those it imports. Here `lib/lines.plan` imports `example.plan` in its turn, and "
            "neither can come first."
        ),
        cure="Move what both need into a third file, and import that.",
        good=_GOOD,
        beside=(("lib/lines.plan", f'import ask from "../example.plan"\n\n{_LINES[0][1]}'), ("example.plan", _GOOD)),
        mended=_LINES,
    ),
    "E0110": Page(
        title="the imported file does not declare this name",
        bad=_GOOD.replace("line from", "lien from").replace("line(", "lien("),
        why="A file gives what it declares at its top: types, enums, fragments, tools, models, plans and params.",
        cure="Correct the name, or declare it there.",
        good=_GOOD,
        beside=_LINES,
    ),
}
