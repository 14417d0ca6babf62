"""Ten minutes of coverage-guided fuzzing of parser, checker, formatter and renderer: no crash, no hang.

    python benchmarks/fuzz.py [--minutes 10]

Seeds are all plans of the repository, the dictionary holds the words and signs of the language. A crash is an exception
out of `check_bytes`, `render_all` or `format_text`, or a finding outside of the text; a hang is an input of at most
64 KiB that takes more than a second of processor time, measured again without instrumentation. Needs atheris
(`pip install "msrun[fuzz]"`). Writes benchmarks/results/fuzz.json; inputs that fail go to build/fuzz/.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "fuzz.json"
WORK = ROOT / "build" / "fuzz"
MAX_BYTES = 64 * 1024
SLOW_S = 1.0
"""Processor time of one input from which on it counts as a hang."""


def one_input(data: bytes) -> None:
    """Check, render and format one input. Whatever is raised is a crash."""
    from msrun.dsl.format.formatted import format_text
    from msrun.dsl.front import check_bytes
    from msrun.dsl.render import render_all

    checked = check_bytes("x.plan", data)
    for found in checked.diagnostics:
        for source, span in found.places:
            assert 0 <= span.start <= span.end <= len(source.text), (found, span)
            source.position(span.start)
    errors = any(found.severity == "error" for found in checked.diagnostics)
    assert (checked.module is None) == errors, "a module beside errors, or none without"
    if checked.diagnostics:
        assert render_all(checked.diagnostics[:20])
    if not any(found.code.startswith("E00") for found in checked.diagnostics):
        text = data.decode("utf-8-sig")
        made = format_text("x.plan", text)
        assert made.text is not None
        assert format_text("x.plan", made.text).text == made.text, "formatting again changes it"


def measured(data: bytes) -> None:
    """Take one input and keep it where it was slow."""
    began_s = time.process_time()
    one_input(data)
    if time.process_time() - began_s > SLOW_S:
        (WORK / "slow").mkdir(parents=True, exist_ok=True)
        (WORK / "slow" / f"{hash(data) & 0xFFFFFFFFFFFF:012x}").write_bytes(data)


def fuzz(arguments: list[str]) -> None:
    """Run libFuzzer in this process; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["msrun", "lark"]):
        import msrun.dsl.format.formatted
        import msrun.dsl.front
        import msrun.dsl.render  # noqa: F401
    atheris.Setup([sys.argv[0], *arguments], measured)
    atheris.Fuzz()


def seeds() -> list[bytes]:
    """Return every plan of the repository, those of its pages, and each of their declarations alone: those are fast."""
    from msrun.dsl.source import Source
    from msrun.dsl.syntax.parse import parse

    files = [path for folder in ("examples", "tests") for path in sorted((ROOT / folder).rglob("*.plan"))]
    texts = [path.read_text(encoding="utf-8") for path in files]
    for page in sorted((ROOT / "docs").glob("*.md")):
        texts += re.findall(r"^```plan\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for text in tuple(texts):
        texts += [text[item.span.start : item.span.end] for item in parse(Source("x", text)).program.items]
    return [text.encode() for text in dict.fromkeys(texts)]


def dictionary() -> str:
    """Return libFuzzer's dictionary: reserved words, kinds, settings, filters, types, signs."""
    from msrun.dsl.infer.types import SCALARS
    from msrun.dsl.kinds.table import KINDS
    from msrun.dsl.syntax.tokens import RESERVED
    from msrun.dsl.values.filters import FILTERS

    words = {*RESERVED, *KINDS, *FILTERS, *SCALARS, "list<", "map<", "ref<", "earlier", "session", "calls(", "raw"}
    words |= {setting.name for spec in KINDS.values() for setting in spec.settings}
    signs = ['"""', '"', "{{", "}}", "{", "}", "(", ")", "[..3]", "->", "|", "\n", "# ", "##", "$0.1", "30s", "5%"]
    lines = [json.dumps(word, ensure_ascii=True) for word in sorted(words) + signs]
    lines += ['"\\xef\\xbb\\xbf"', '"\\xe2\\x80\\xae"', '"\\xef\\xbc\\x9a"', '"\\xe2\\x80\\x9c"', '"\\xff"']
    return "\n".join(line.replace("\\n", "\\x0a") for line in lines) + "\n"


def still_slow() -> list[str]:
    """Return the slow inputs that are slow without instrumentation too."""
    found: list[str] = []
    for path in sorted((WORK / "slow").glob("*")):
        began_s = time.process_time()
        one_input(path.read_bytes())
        if time.process_time() - began_s > SLOW_S:
            found.append(path.name)
    return found


def main() -> int:
    """Fuzz in a child process, then write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes: float = parser.parse_args().minutes
    corpus, failing = WORK / "corpus", WORK / "failing"
    for folder in (corpus, failing):
        folder.mkdir(parents=True, exist_ok=True)
    for at, data in enumerate(seeds()):
        (corpus / f"seed{at:04}").write_bytes(data)
    (WORK / "words.dict").write_text(dictionary(), encoding="utf-8")
    options = [
        str(corpus),
        f"-dict={WORK / 'words.dict'}",
        f"-artifact_prefix={failing}/",
        f"-max_len={MAX_BYTES}",
        f"-max_total_time={int(minutes * 60)}",
        "-timeout=60",
        "-rss_limit_mb=3000",
        "-print_final_stats=1",
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MSRUN_FUZZ": "1"}
    child = subprocess.run(
        [sys.executable, __file__, *options], env=env, cwd=WORK, stderr=subprocess.PIPE, text=True, check=False
    )
    return conclude(minutes, child.returncode, child.stderr)


def conclude(minutes: float, code: int, log: str) -> int:
    """Write the result and return this process's exit code."""
    (WORK / "log.txt").write_text(log, encoding="utf-8")
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", log))
    cover = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", log)
    crashes = sorted(path.name for path in (WORK / "failing").glob("*"))
    slow = still_slow()
    result = {
        "minutes": minutes,
        "seeds": len(seeds()),
        "executions": int(stats.get("number_of_executed_units", 0)),
        "coverage": int(cover[-1][0]) if cover else 0,
        "corpus": int(cover[-1][2]) if cover else 0,
        "crashes": crashes,
        "hangs": slow,
        "exit": code,
        "machine": {"python": platform.python_version(), "system": platform.system()},
    }
    print(json.dumps(result, indent=2))
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 1 if crashes or slow or code else 0


if __name__ == "__main__":
    if os.environ.get("MSRUN_FUZZ"):
        fuzz(sys.argv[1:])
    raise SystemExit(main())
