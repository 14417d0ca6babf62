"""`python -m msrun.dsl.pages` prints `docs/diagnostics.md`."""

import sys

from msrun.dsl.pages import document

if __name__ == "__main__":
    sys.stdout.write(document())
