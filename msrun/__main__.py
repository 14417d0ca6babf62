"""`python -m msrun` is the command `msrun`."""

import sys

from msrun.cli import main

sys.exit(main())
