"""How long an editor waits for `msrun lsp` on a plan of 2,000 lines: from a change to its findings, and for answers.

A real client speaks to the real process over its standard streams; times include both. Edits move through the file:
its first, a middle and its last plan, as whole and as torn text, and a type that every plan reads. Writes
benchmarks/results/lsp.json.
"""

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.lsp.editor import Editor, place  # noqa: E402 - the client of the tests

RESULTS = ROOT / "benchmarks" / "results" / "lsp.json"
LINES = 2000
ROUNDS = 10
GOAL_MS = 150.0
HEAD = """\
type Step { id: key  text: text  needs: list<ref<Step>> }
enum Topic { sport "games" war }
model small = scripted("x")
fragment line(item: Step) = "- {{ item.text }}"
"""
PLAN = '''
plan ask{at}(question: text) -> text {{
  decompose parts: Step from question limit 5
  classify topic: Topic from question
  solve found for part in parts given earlier as known when topic == sport {{
    prompt: """
      Question {{{{ question }}}}
      - {{{{ part.text }}}} {{{{ known | numbered }}}}
      Write nothing else.
      """
    temperature: 0.2
    max_tokens: 200
  }}
  # what all of it says
  combine answer from found {{
    prompt: "All: {{{{ found | bullets }}}} {{{{ parts | each(line) }}}}"
  }}
  return answer
}}
'''


def long_plan() -> str:
    """Return a clean plan of LINES lines or a few more."""
    text, at = HEAD, 0
    while text.count("\n") < LINES:
        text += PLAN.format(at=at)
        at += 1
    return text


def edits(text: str) -> dict[str, tuple[str, str, int]]:
    """Return what is edited, by name: an old piece, a new one, and from which offset on it is looked for."""
    middle, last = text.index("plan ask50("), text.rindex("plan ask")
    return {
        "a name in the first plan": ("part.text", "part.txt", 0),
        "a name in a middle plan": ("part.text", "part.txt", middle),
        "a name in the last plan": ("part.text", "part.txt", last),
        "a hole torn in a middle plan": ("{{ part.text }}", "{{ part. }}", middle),
        "a brace missing in a middle plan": ("sport {", "sport", middle),
        "a type that every plan reads": ("text: text  needs", "txt: text  needs", 0),
    }


def publish_ms(editor: Editor, text: str) -> float:
    """Return the milliseconds from a change to the findings of that version."""
    started = time.perf_counter()
    editor.change("x.plan", text)
    return (time.perf_counter() - started) * 1000


def measure_edits(editor: Editor, text: str) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in edits(text)}
    for _ in range(ROUNDS):
        for name, (old, new, start) in edits(text).items():
            torn = text[:start] + text[start:].replace(old, new, 1)
            times[name].append(publish_ms(editor, torn))
            settle(editor)
            times[name].append(publish_ms(editor, text))
            settle(editor)
    return times


def settle(editor: Editor) -> None:
    """Let the check of the whole file end, as it does when the writer looks at what he wrote."""
    time.sleep(0.5)
    editor.do(editor.client.text_document_folding_range_async(types.FoldingRangeParams(editor.document("x.plan"))))


def answers(editor: Editor, text: str) -> dict[str, Callable[[], object]]:
    """Return requests by name; each ends with its answer."""
    document, client = editor.document("x.plan"), editor.client
    at = place(text, "part.text", inside=7)
    return {
        "completion": lambda: editor.do(client.text_document_completion_async(types.CompletionParams(document, at))),
        "hover": lambda: editor.do(client.text_document_hover_async(types.HoverParams(document, at))),
        "colours": lambda: editor.do(
            client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))
        ),
        "outline": lambda: editor.do(client.text_document_document_symbol_async(types.DocumentSymbolParams(document))),
    }


def measure_answers(editor: Editor, text: str) -> dict[str, list[float]]:
    """Return the times of answers about a text that has been checked."""
    times: dict[str, list[float]] = {}
    for name, ask in answers(editor, text).items():
        ask()
        for _ in range(ROUNDS):
            started = time.perf_counter()
            ask()
            times.setdefault(name, []).append((time.perf_counter() - started) * 1000)
    return times


def row(times: list[float], goal: float | None) -> dict[str, float | None]:
    return {
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(statistics.quantiles(times, n=20)[18], 1),
        "max_ms": round(max(times), 1),
        "goal_ms": goal,
    }


def main() -> None:
    text = long_plan()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.plan").write_text(text, encoding="utf-8")
        editor = Editor(Path(folder).resolve())
        started = time.perf_counter()
        assert not editor.open("x.plan").diagnostics
        opened = (time.perf_counter() - started) * 1000
        rows = {name: row(times, GOAL_MS) for name, times in measure_edits(editor, text).items()}
        rows |= {name: row(times, None) for name, times in measure_answers(editor, text).items()}
        editor.stop()
    machine = {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}
    made = {"lines": text.count("\n"), "rounds": ROUNDS, "machine": machine, "open_ms": round(opened, 1), "rows": rows}
    RESULTS.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    for name, figures in rows.items():
        print(f"{name:<36} median {figures['median_ms']:>7} ms   95 % {figures['p95_ms']:>7} ms")


if __name__ == "__main__":
    main()
