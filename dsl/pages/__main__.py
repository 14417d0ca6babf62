"""`python -m msrun.dsl.pages` prints `docs/diagnostics.md`; given a page, it writes the tables in it anew."""

import sys
from pathlib import Path

from msrun.dsl.pages import document

if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.stdout.write(document())
    for path in map(Path, sys.argv[1:]):
        from msrun.dsl.pages.reference import refreshed

        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
