"""The door of the program: `python -m reconciler` and the installed command `reconciler`."""

from __future__ import annotations

import os
import sys

from reconciler.cli.failures import INTERRUPTED
from reconciler.cli.main import run


def main() -> None:
    """Run the command line on this process' arguments and leave with its exit code."""
    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        # The interpreter would first wait for worker threads, and thereby for requests that nobody awaits any more.
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
