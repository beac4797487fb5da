#!/usr/bin/python3
"""fidelity.py - each cell of docs/FIDELITY.md is played by an end-to-end test.

Cells that say that there is nothing to carry need none.  A test that names a
cell which is not there is a complaint, too.
"""

import glob
import importlib
import os
import sys

SRCDIR = os.environ.get("srcdir", ".")
E2E = os.path.join(SRCDIR, "tests", "e2e")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.abspath(E2E))

# pylint: disable=wrong-import-position
from lib import fidelity  # noqa: E402


def main():
    for path in sorted(glob.glob(os.path.join(E2E, "test_fidelity_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])
    cells = fidelity.cells()
    complaints = [
        f"docs/FIDELITY.md: {' / '.join(cell)} ({text}) is played by no test"
        for cell, text in cells.items()
        if text not in fidelity.EMPTY and cell not in fidelity.played]
    complaints += [
        f"{', '.join(tests)}: docs/FIDELITY.md has no {' / '.join(cell)}"
        for cell, tests in fidelity.played.items() if cell not in cells]
    if not cells:
        complaints.append("docs/FIDELITY.md: no table")
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
