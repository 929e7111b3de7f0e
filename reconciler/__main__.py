"""The door of the program: `python -m reconciler` and the installed command `reconciler`."""

from __future__ import annotations

import gc
import os
import sys

from reconciler.cli.failures import INTERRUPTED
from reconciler.cli.main import run


def main() -> None:
    """Run the command line on this process' arguments and leave with its exit code."""
    # A run builds up its values and ends. Looking through them for garbage over and over would take a third of the
    # time of a large plan, and find next to nothing.
    gc.set_threshold(100_000, 50, 50)
    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        # The interpreter would first wait for worker threads, and thereby for requests that nobody awaits any more.
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
